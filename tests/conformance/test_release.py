"""No change of the schema breaks what was released, unless it was announced by @deprecated."""

from __future__ import annotations

import pytest

from graph_schema import sdl
from graph_schema.release import RELEASED, breaking_changes

OLD = """
type Query {
  order(id: ID!, code: String @deprecated): Order
  old: Gone @deprecated(reason: "use order")
  list: [Order!]!
}
type Order { id: ID!  state: State!  note: String @deprecated }
type Gone { id: ID! }
enum State { DRAFT  DONE  LOST @deprecated }
input Where { id: ID  code: String @deprecated }
type Mutation { make(where: Where): Order }
"""


def test_the_present_schema_breaks_nothing_that_was_released() -> None:
    """If a change is meant: mark it @deprecated, release, and take it away in the release after."""
    assert breaking_changes(RELEASED.read_text(encoding="utf-8"), sdl()) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("note: String @deprecated", ""),
        ('old: Gone @deprecated(reason: "use order")', ""),
        ("LOST @deprecated", ""),
        (", code: String @deprecated", ""),
        ("code: String @deprecated", ""),
        ("DONE", "DONE HELD"),
        ("list: [Order!]!", "list: [Order!]!  count: Int!"),
        ("id: ID!, code", "id: ID, code"),
        ("input Where {", "input Where { more: Int "),
    ],
)
def test_what_was_announced_may_go_and_anything_may_come(before: str, after: str) -> None:
    assert before in OLD
    assert breaking_changes(OLD, OLD.replace(before, after, 1)) == []


def test_a_type_goes_with_the_last_field_that_led_to_it() -> None:
    new = OLD.replace('old: Gone @deprecated(reason: "use order")', "").replace("type Gone { id: ID! }", "")
    assert breaking_changes(OLD, new) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("state: State!", ""),
        ("state: State!", "state: State"),
        ("state: State!", "state: String!"),
        ("DONE", ""),
        ("list: [Order!]!", "list(first: Int!): [Order!]!"),
        ("input Where { id: ID", "input Where { id: ID!"),
        ("input Where {", "input Where { more: Int! "),
        ("make(where: Where)", "make"),
    ],
)
def test_what_would_break_a_client_is_told(before: str, after: str) -> None:
    assert before in OLD
    assert breaking_changes(OLD, OLD.replace(before, after, 1)) != []
