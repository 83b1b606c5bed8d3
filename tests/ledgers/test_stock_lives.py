"""The life of every document that moves stock, played from its declared steps beside a plain model of the stores.

Papers of one type on days in any order: a step succeeds exactly when it is declared from the state and no day would
fall below zero; then the stores hold what the papers that stand add up to, and everything kept is the sum of entries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hub import writes
from hub.db.embedded import EmbeddedServer
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.steps import StepSpec
from hub.errors import HubError
from hub.flows.stock_to_books import STEPS
from hub.ledgers import stock_levels
from tests.conftest import copy_of_template
from tests.ledgers.goods import DAY, Store, company_of, furnish
from tests.samples import sample

MOVING = sorted({*STEPS, "StockTransfer"})
STANDS = {"posted", "confirmed", "signed", "decided", "closed"}
BEFORE = {"NonConformance": ("submit",)}
"""Steps on the way to the one that moves goods."""
SHORT = {"STOCK_SHORT", "STOCK_SHORT_LATER"}
DATES = {
    "StockAdjustment": "adjustment_date",
    "Stocktake": "count_date",
    "StockTransfer": "transfer_date",
    "MaterialIssue": "issue_date",
    "ProductReceipt": "receipt_date",
    "PurchaseReceipt": "receipt_date",
    "Delivery": "delivery_date",
    "OpeningBalance": "entry_date",
    "PurchaseReturn": "return_date",
    "MaterialReturn": "return_date",
    "SalesReturn": "return_date",
    "NonConformance": "found_date",
}
_numbers = count(1)
Place = tuple[str, str]
"""A warehouse and a status."""
HERE: Place = ("W1", "available")
WAITING: Place = ("W1", "quarantine")
FROZEN: Place = ("W1", "frozen")
GOING = ("StockTransfer", "MaterialIssue", "Delivery", "PurchaseReturn")


@dataclass
class Paper:
    """A document as the model sees it: what it moves when it stands."""

    id: Any
    state: str
    day: date
    quantity: Decimal
    moved: dict[Place, Decimal] = field(default_factory=dict)


class StockLife(RuleBasedStateMachine):
    """Papers of the type `name` in `store`, both set by the test, about one item of its own."""

    name: str
    store: Store

    @initialize()
    def begin(self) -> None:
        self.item = f"X{next(_numbers)}"
        self.papers: list[Paper] = []
        with self.store.work() as ctx:
            self.item_id = writes.create(ctx, "Item", {"code": self.item, "name": "零件", "unit": "PCS"}).id
            order = writes.create(ctx, "ProductionOrder", {"item": self.item, "quantity": "100"})
            self.order = writes.run_step(ctx, "ProductionOrder", order.id, "release")
        self.store.adjust(self.item, 12, DAY - timedelta(days=1), unit_cost="2")
        self.opening = {HERE: Decimal(12)}
        if self.name == "NonConformance":
            self.store.adjust(self.item, 12, DAY - timedelta(days=1), unit_cost="2", status="frozen")
            self.opening[FROZEN] = Decimal(12)

    @rule(day=st.integers(0, 40), quantity=st.integers(1, 9), down=st.booleans(), posted=st.integers(0, 3))
    def write_one(self, day: int, quantity: int, down: bool, posted: int) -> None:
        sign = -1 if down and self.name == "StockAdjustment" else 1
        paper = Paper(None, "draft", DAY + timedelta(days=day), Decimal(sign * quantity))
        with self.store.work() as ctx:
            paper.id = writes.create(ctx, self.name, self._values(paper)).id
        self.papers.append(paper)
        steps = spec_of(self.name).steps
        if posted:
            for name in BEFORE.get(self.name, ()):
                self._take(paper, steps[name])
            self._take(paper, next(step for step in steps.values() if step.target in STANDS))

    def _values(self, paper: Paper) -> dict[str, Any]:
        line: dict[str, Any] = {"item": self.item, "quantity": str(paper.quantity)}
        values: dict[str, Any] = {"warehouse": "W1", DATES[self.name]: paper.day}
        if self.name == "NonConformance":
            return {**values, **line, "disposition": "scrap", "cause": "缩水"}
        if self.name == "Stocktake":
            line["counted_quantity"] = line.pop("quantity")
        elif self.name == "StockTransfer":
            values["to_warehouse"] = "W2"
            line["to_status"] = "frozen"
        elif self.name == "PurchaseReceipt":
            line["stocked_quantity"] = line["quantity"]
        if self.name in ("PurchaseReceipt", "PurchaseReturn"):
            values["supplier"] = "S1"
        elif self.name in ("Delivery", "SalesReturn"):
            values["customer"] = "K1"
        elif self.name == "OpeningBalance":
            values["kind"] = "stock"
            line["debit"] = "7"
        elif self.name in ("MaterialIssue", "MaterialReturn", "ProductReceipt"):
            values["production_order"] = self.order.number
        return {**values, "lines": [line]}

    def _effect(self, paper: Paper) -> dict[Place, Decimal]:
        """What a paper moves if it is posted now."""
        if self.name == "Stocktake":
            return {HERE: paper.quantity - sum(self._daily([HERE])[HERE].values(), Decimal(0))}
        if self.name in ("SalesReturn", "NonConformance"):
            return {WAITING: paper.quantity} if self.name == "SalesReturn" else {FROZEN: -paper.quantity}
        moved = {HERE: -paper.quantity if self.name in GOING else paper.quantity}
        return moved | {("W2", "frozen"): paper.quantity} if self.name == "StockTransfer" else moved

    def _daily(self, places: Any = ()) -> dict[Place, dict[date, Decimal]]:
        """What each day changes of each place."""
        changed: dict[Place, dict[date, Decimal]] = {place: defaultdict(Decimal) for place in (*self.opening, *places)}
        for place, quantity in self.opening.items():
            changed[place][DAY - timedelta(days=1)] += quantity
        for paper in self.papers:
            for place, quantity in paper.moved.items():
                changed.setdefault(place, defaultdict(Decimal))[paper.day] += quantity
        return changed

    def _level(self, place: Place, until: date) -> Decimal:
        return sum((moved for day, moved in self._daily([place])[place].items() if day <= until), Decimal(0))

    def _holds(self) -> bool:
        """Whether no place is below zero on any day."""
        return all(self._level(place, day) >= 0 for place, days in self._daily().items() for day in days)

    @rule(data=st.data())
    def take_a_step(self, data: st.DataObject) -> None:
        if not self.papers:
            return
        paper = data.draw(st.sampled_from(self.papers))
        self._take(paper, data.draw(st.sampled_from(list(spec_of(self.name).steps.values()))))

    def _take(self, paper: Paper, step: StepSpec) -> None:
        given = {one.name: sample(one.field) for one in step.arguments if one.required}
        if step.name == "decide":
            given["day"] = paper.day
        before, was = dict(paper.moved), self._rows()
        refused: str | None = None
        try:
            with self.store.work() as ctx:
                done = writes.run_step(ctx, self.name, paper.id, step.name, given)
        except HubError as error:
            (refused,) = {one.code for one in error.problems}
        if paper.state not in step.sources:
            assert refused == "STEP_NOT_ALLOWED"
            return
        if paper.state in STANDS and step.target not in STANDS:
            paper.moved = {}
        elif paper.state not in STANDS and step.target in STANDS:
            paper.moved = self._effect(paper)
        if self._holds():
            assert refused is None
            assert done.state == step.target
            paper.state = str(step.target)
        else:
            paper.moved = before
            assert refused in SHORT
            assert self._rows() == was, "a refusal has left something behind"

    def _rows(self) -> list[int]:
        tables = ("stock_entry", "stock_balance", "stock_change", "cost_entry", "cost_day")
        return [self.store.count(f"SELECT count(*) FROM hub.{one}") for one in tables]

    @invariant()
    def the_stores_hold_what_the_papers_say(self) -> None:
        with self.store.work(dry_run=True) as ctx:
            for day in (DAY, DAY + timedelta(days=20), date(2100, 1, 1)):
                held: Counter[Place] = Counter()
                for row in stock_levels.as_of(ctx, company_of(ctx), day, [self.item_id]):
                    held[_code_of(ctx, row.warehouse_id), str(row.status)] += row.quantity
                wanted = {place: self._level(place, day) for place in self._daily()}
                assert dict(held) == {place: level for place, level in wanted.items() if level}
            assert stock_levels.differences(ctx) == []
            kept = ctx.session.get(spec_of("ProductionOrder").model, self.order.id)
            made = [one.quantity for one in self.papers if one.state == "posted" and self.name == "ProductReceipt"]
            assert kept.completed_quantity == sum(made, Decimal(0))


def _code_of(ctx: Any, warehouse_id: Any) -> str:
    return str(ctx.session.get(spec_of("Warehouse").model, warehouse_id).code)


@pytest.fixture(scope="module")
def store(migrated_server: EmbeddedServer) -> Iterator[Store]:
    """One furnished store; every life has an item of its own."""
    with copy_of_template(migrated_server, "hub_stock_lives") as database:
        yield furnish(database.engine)


def test_every_document_that_posts_stock_is_played() -> None:
    """A new one must be given its values here."""
    lines = {spec.name: spec.lines.values() for spec in specs().values() if spec.kind == "document"}
    moving = {name for name in lines if "post" in spec_of(name).steps and "warehouse" in spec_of(name).links}
    assert moving <= set(MOVING) == set(DATES)


@pytest.mark.parametrize("name", MOVING)
def test_the_life_of_a_document_that_moves_stock(
    store: Store, name: str, proof_count: Callable[[int, int], int]
) -> None:
    machine = type(f"{name}StockLife", (StockLife,), {"name": name, "store": store})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=proof_count(2, 60),
            stateful_step_count=proof_count(10, 30),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
