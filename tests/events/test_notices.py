"""Notices: whom a rule names is told of a step or a changed field, each of what he may see, once."""

from __future__ import annotations

from typing import Any

import pytest

from graph_schema.push.notices import selection_of
from hub import papers, writes
from hub.errors import HubError, NotFound
from tests.events.conftest import Factory

NOTICES = (
    "SELECT u.code, n.title, n.text, n.event FROM hub.notice n JOIN hub.user u ON u.id = n.recipient_id "
    "ORDER BY n.event_id, u.code"
)


def rule(factory: Factory, recipients: list[dict[str, Any]], **more: Any) -> None:
    values = {
        "code": "R1",
        "name": "订单确认",
        "document_type": "SalesOrder",
        "events": ["confirm"],
        "title": "{number} {event}",
        "text": "{actor}：{customer.name}，{state}，{note}",
        "recipients": recipients,
        **more,
    }
    factory.create("NotificationRule", values)
    factory.hand_on()


def told(factory: Factory) -> list[tuple[Any, ...]]:
    factory.hand_on()
    return [tuple(row) for row in factory.rows(NOTICES)]


def test_a_step_is_told_to_whom_the_rule_names_and_who_may_see_it(factory: Factory) -> None:
    rule(factory, [{"role": "sales"}, {"user": "store"}, {"user": "boss"}, {"writer": True}])
    order = factory.order("zhang")
    factory.step("SalesOrder", order, "confirm")
    (number,) = factory.rows("SELECT number FROM hub.sales_order")[0]
    text = "用户boss：海天客户，已确认，—"
    expected = [(code, f"{number} 确认", text, "SalesOrder.confirm") for code in ("store", "zhang")]
    assert told(factory) == expected, "not li, whose department it is not; not boss, who did it; zhang only once"
    assert told(factory) == expected, "each event once"


def test_a_changed_field_is_told_and_another_is_not(factory: Factory) -> None:
    rule(factory, [{"department": "south"}], events=[], changed_fields=["customerOrderNumber"], text="")
    order = factory.order("boss")
    factory.do(lambda ctx: writes.update(ctx, "SalesOrder", order, {"note": "别的"}))
    assert told(factory) == []
    factory.do(lambda ctx: writes.update(ctx, "SalesOrder", order, {"customer_order_number": "PO-7"}))
    assert [row[0] for row in told(factory)] == ["zhang"]


def test_a_notice_is_seen_by_its_recipient_alone_and_read_once(factory: Factory) -> None:
    rule(factory, [{"user": "zhang"}])
    factory.step("SalesOrder", factory.order("zhang"), "confirm")
    assert len(told(factory)) == 1
    (id_,) = factory.rows("SELECT id FROM hub.notice")[0]
    with pytest.raises(NotFound):
        factory.step("Notice", id_, "read", as_="store")
    factory.step("Notice", id_, "read", as_="zhang")
    (row,) = factory.rows("SELECT state, read_at IS NOT NULL FROM hub.notice")
    assert tuple(row) == ("read", True)


def test_followers_are_told_and_whom_a_comment_names(factory: Factory) -> None:
    rule(factory, [{"follower": True}, {"mentioned": True}], events=["mention", "confirm"], title="{event}", text="")
    order = factory.order("zhang")
    factory.do(lambda ctx: papers.follow(ctx, "SalesOrder", order), as_="store")
    factory.do(lambda ctx: papers.comment(ctx, "SalesOrder", order, "@store 请看"), as_="zhang")
    mentioned = [("store", "提到您", "", "SalesOrder.mention")]
    assert told(factory) == mentioned, "store once, though named and following; not zhang, who wrote it"
    factory.do(lambda ctx: papers.unfollow(ctx, "SalesOrder", order), as_="store")
    factory.step("SalesOrder", order, "confirm")
    assert told(factory) == [*mentioned, ("zhang", "确认", "", "SalesOrder.confirm")], "zhang follows what he comments"
    factory.do(lambda ctx: papers.follow(ctx, "SalesOrder", order), as_="store")
    factory.do(lambda ctx: papers.comment(ctx, "SalesOrder", order, "没有点名"), as_="zhang")
    assert len(told(factory)) == 2, "a comment that names nobody is no mention"


def test_a_mention_alone_tells_nobody_else(factory: Factory) -> None:
    rule(factory, [{"mentioned": True}], events=["mention"], title="{actor} {event}", text="")
    order = factory.order("zhang")
    factory.do(lambda ctx: papers.follow(ctx, "SalesOrder", order), as_="boss")
    factory.do(lambda ctx: papers.comment(ctx, "SalesOrder", order, "@store 请看"), as_="zhang")
    assert told(factory) == [("store", "用户zhang 提到您", "", "SalesOrder.mention")]


def test_the_selection_holds_what_the_templates_need() -> None:
    assert selection_of("{number}", "{customer.name} {customer.code} {actor}") == "id number customer { name code }"


def test_a_rule_that_would_tell_nobody_anything_is_refused_with_everything_that_is_wrong(factory: Factory) -> None:
    with pytest.raises(HubError) as refused:
        rule(factory, [{}, {"role": "pope"}], changed_fields=["colour"], title="{nummer}", events=["confirm", "boil"])
    codes = sorted(one.code for one in refused.value.problems)
    assert codes == ["EVENT_UNKNOWN", "FIELD_UNKNOWN", "RECIPIENT_MISSING", "ROLE_UNKNOWN", "TEMPLATE_INVALID"]
