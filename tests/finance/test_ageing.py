"""What is owed grows old by its invoices' due days; goods without an invoice are owed since they came."""

from __future__ import annotations

from datetime import date

from hub import writes
from hub.ledgers import ageing
from tests.books import Books
from tests.finance.test_statements import company
from tests.ledgers.test_inventory_books import bought


def test_payables_are_due_with_their_invoices_and_goods_since_they_came(books: Books) -> None:
    with books.work() as ctx:
        ours = company(ctx)
        sides = [{"supplier": "S1", "credit": "7"}]
        books.make(ctx, "OpeningBalance", {"kind": "payables", "entry_date": "2026-04-01", "lines": sides}, "post")
        receipt = bought(books, ctx, "10", "4", "2026-05-03")
        bought(books, ctx, "5", "4", "2026-05-25")

        def classes(day: date) -> list[int]:
            (one,) = ageing.payables(ctx, ours, day)
            assert one.total == -(books.balances(ctx).get("2202", 0))
            return [int(part) for part in one.classes]

        assert classes(date(2026, 6, 1)) == [0, 20 + 40, 0, 7, 0]
        days = {"invoice_date": "2026-05-28", "due_date": "2026-07-20"}
        lines = [{"receipt_line": str(receipt.lines[0].id), "tax_rate": "0"}]
        invoice = writes.convert(ctx, "PurchaseReceipt", receipt.id, "PurchaseInvoice", {**days, "lines": lines})
        for step in ("match", "post"):
            writes.run_step(ctx, "PurchaseInvoice", invoice.id, step)
        assert classes(date(2026, 6, 1)) == [40, 20, 0, 7, 0]
        assert classes(date(2026, 7, 30)) == [0, 40, 0, 20, 7]
        paid = {"supplier": "S1", "payment_date": "2026-05-30", "amount": "15"}
        settled = [{"invoice": str(invoice.id), "amount": "15"}]
        payment = books.make(ctx, "PurchasePayment", {**paid, "lines": settled}, "post")
        assert classes(date(2026, 6, 1)) == [32, 20, 0, 0, 0]  # what was due first is settled first
        writes.run_step(ctx, "PurchasePayment", payment.id, "cancel")
        writes.run_step(ctx, "PurchaseInvoice", invoice.id, "cancel")
        assert classes(date(2026, 6, 1)) == [0, 20 + 40, 0, 7, 0]
