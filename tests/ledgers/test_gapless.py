"""Vouchers and invoices bear numbers in the order of posting, with none missing, whatever became of their drafts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from hub import writes
from hub.batches import run_step_many
from hub.document.batch import BatchPolicy
from hub.document.numbering import PROVISIONAL
from hub.document.registry import specs
from hub.errors import Invalid, Refused
from tests.books import Books

VOUCHER = {
    "entry_date": "2026-05-06",
    "lines": [{"account": "1001", "debit": "5"}, {"account": "5001", "credit": "5"}],
}
PAPERS: dict[str, dict[str, Any]] = {
    "JournalEntry": VOUCHER,
    "OpeningBalance": VOUCHER,
    "SalesInvoice": {
        "customer": "K1",
        "invoice_date": "2026-05-06",
        "lines": [{"item": "I1", "quantity": "1", "unit_price": "5"}],
    },
    "SalesReceipt": {"customer": "K1", "receipt_date": "2026-05-06", "amount": "5"},
    "PurchaseInvoice": {
        "supplier": "S1",
        "invoice_date": "2026-05-06",
        "lines": [{"item": "I1", "quantity": "1", "unit_price": "5"}],
    },
    "PurchasePayment": {"supplier": "S1", "payment_date": "2026-05-06", "amount": "5"},
    "FreightPayment": {"carrier": "CARRIER", "payment_date": "2026-05-06", "amount": "5"},
    "Depreciation": {"entry_date": "2026-05-06", "lines": [{"asset": "IDLE", "amount": "5"}]},
}
FIRST = {"PurchaseInvoice": ("accept", {"reason": "无订单"})}
"""The step, with what it asks for, that a draft takes before it can be posted."""
UNBALANCED = {**VOUCHER, "lines": VOUCHER["lines"][:1]}


class Undo(Exception):
    """Ends a unit of work without a commit."""


def posted(books: Books, document_type: str) -> list[str]:
    """The numbers of a type's documents that were posted, in the order of their entries."""
    query = (
        "SELECT document_number FROM hub.money_entry WHERE document_type = :type"
        " GROUP BY 1 ORDER BY min(CAST(id AS text))"  # ids grow with time, and postings stand in line
    )
    with books.engine.connect() as connection:
        return list(connection.execute(text(query), {"type": document_type}).scalars())


def expected(document_type: str, count: int) -> list[str]:
    series = specs()[document_type].series
    assert series is not None
    pattern = series.pattern.replace("{yyyy}{mm}", "202605")
    return [pattern.replace("{seq:", "{:").format(one) for one in range(1, count + 1)]


def live(books: Books, document_type: str, what: str) -> int:
    """Make a draft and do one thing with it; returns how many documents were posted by it."""
    values = PAPERS[document_type]
    with contextlib.suppress(Undo, Refused), books.work(dry_run=what == "try") as ctx:
        draft = writes.create(ctx, document_type, UNBALANCED if what == "fail" else values)
        assert draft.number.startswith(PROVISIONAL)
        if what == "discard":
            writes.discard(ctx, document_type, draft.id)
        elif what == "cancel":
            writes.run_step(ctx, document_type, draft.id, "cancel")
            assert draft.number.startswith(PROVISIONAL)
        elif what != "leave":
            if document_type in FIRST:
                writes.run_step(ctx, document_type, draft.id, *FIRST[document_type])
                assert draft.number.startswith(PROVISIONAL)
            writes.run_step(ctx, document_type, draft.id, "post")
            assert not draft.number.startswith(PROVISIONAL)
        if what == "undo":
            raise Undo
        if what == "void":
            writes.run_step(ctx, document_type, draft.id, "cancel")
            with pytest.raises(Refused):
                writes.discard(ctx, document_type, draft.id)
        return int(what in ("post", "void"))
    return 0


FATES = ("post", "discard", "cancel", "leave", "undo", "void", "try", "fail")
"""What becomes of a draft; "fail" is a voucher that does not balance, posted in vain."""


def fates(document_type: str) -> list[str]:
    return [one for one in FATES if one != "fail" or PAPERS[document_type] is VOUCHER]


def test_every_gapless_series_names_the_step_that_makes_the_document_count() -> None:
    gapless = {name: one for name, one in specs().items() if one.series is not None and one.series.gapless}
    assert set(gapless) == set(PAPERS)
    assert all(one.series is not None and one.series.at in one.steps for one in gapless.values())


def test_any_life_of_drafts_leaves_no_gap(books: Books, proof_count: Callable[[int, int], int]) -> None:
    counts = dict.fromkeys(PAPERS, 0)

    @settings(max_examples=proof_count(5, 80), deadline=None, database=None)
    @given(some.lists(some.sampled_from([(one, fate) for one in PAPERS for fate in fates(one)]), max_size=12))
    def lives(steps: list[tuple[str, str]]) -> None:
        for document_type, fate in steps:
            counts[document_type] += live(books, document_type, fate)
        for document_type, count in counts.items():
            assert posted(books, document_type) == expected(document_type, count)

    lives()
    for document_type in PAPERS:
        for fate in fates(document_type):
            counts[document_type] += live(books, document_type, fate)
        assert posted(books, document_type) == expected(document_type, counts[document_type])


def test_many_at_once_leave_no_gap_and_no_double(books: Books, proof_count: Callable[[int, int], int]) -> None:
    each, writers = proof_count(8, 60), 6

    def write(index: int) -> dict[str, int]:
        done = dict.fromkeys(PAPERS, 0)
        for turn in range(each):
            one = list(PAPERS)[(index + turn) % len(PAPERS)]
            choice = ["post", *fates(one)]
            done[one] += live(books, one, choice[(3 * index + turn * 5) % len(choice)])
        return done

    with ThreadPoolExecutor(writers) as pool:
        outcomes = list(pool.map(write, range(writers)))
    for document_type in PAPERS:
        count = sum(one[document_type] for one in outcomes)
        assert posted(books, document_type) == expected(document_type, count)
    assert sum(sum(one.values()) for one in outcomes) > each


def test_rows_of_a_batch_that_fail_take_no_number(books: Books) -> None:
    with books.work() as ctx:
        drafts = [books.make(ctx, "JournalEntry", one).id for one in (VOUCHER, UNBALANCED, VOUCHER)]
        done = run_step_many(ctx, "JournalEntry", drafts, "post", policy=BatchPolicy.EACH)
    assert [bool(one.problems) for one in done] == [False, True, False]
    assert posted(books, "JournalEntry") == expected("JournalEntry", 2)


def test_a_number_of_the_series_is_not_chosen_and_another_is_kept(books: Books) -> None:
    with books.work() as ctx:
        kept = writes.create(ctx, "JournalEntry", {**VOUCHER, "number": "旧-17"})
        copied = writes.create(ctx, "JournalEntry", {**VOUCHER, "number": f"{PROVISIONAL}0123456789ab"})
    ahead = {"number": "JE-202605-0009"}
    with pytest.raises(Invalid) as raised, books.work() as ctx:
        writes.create(ctx, "JournalEntry", {**VOUCHER, **ahead})
    assert [one.code for one in raised.value.problems] == ["NUMBER_FROM_SERIES"]
    with pytest.raises(Invalid) as raised, books.work() as ctx:
        writes.update(ctx, "JournalEntry", kept.id, ahead)
    assert [(one.code, one.path) for one in raised.value.problems] == [("NUMBER_FROM_SERIES", ("number",))]
    with books.work() as ctx:
        assert writes.run_step(ctx, "JournalEntry", kept.id, "post").number == "旧-17"
        assert writes.run_step(ctx, "JournalEntry", copied.id, "post").number == "JE-202605-0001"


def test_a_draft_that_a_gapless_rule_has_numbered_is_cancelled_not_discarded(books: Books) -> None:
    rule = {"code": "R", "name": "不断号", "document_type": "SalesOrder", "pattern": "G-{seq:03}", "gapless": True}
    order = {"customer": "K1", "promised_date": "2026-06-01", "lines": [{"item": "I1", "quantity": "1"}]}
    with books.work() as ctx:
        writes.create(ctx, "CodeRule", rule)
    with books.work() as ctx:
        draft = writes.create(ctx, "SalesOrder", order)
        assert draft.number == "G-001"
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.discard(ctx, "SalesOrder", draft.id)
    assert [one.code for one in raised.value.problems] == ["NUMBER_TAKEN"]
    with books.work() as ctx:
        writes.run_step(ctx, "SalesOrder", draft.id, "cancel", {"reason": "重复"})
        assert writes.create(ctx, "SalesOrder", order).number == "G-002"
    with pytest.raises(Invalid) as refused, books.work() as ctx:
        writes.create(ctx, "CodeRule", {**rule, "code": "S", "document_type": "SalesInvoice", "gapless": False})
    assert [one.code for one in refused.value.problems] == ["GAPLESS_NEEDED"]
