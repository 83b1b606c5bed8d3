"""After an upgrade a company has the posting rules of what is new, and what it had changed stays as it was."""

from __future__ import annotations

from sqlalchemy import text

from hub import writes
from hub.context import Ctx
from hub.db.migrate import upgrade
from hub.rules.chart import POSTINGS
from hub.seed.books import renew
from tests.books import Books


def rules(ctx: Ctx, company: str = "C1") -> dict[str, str]:
    """The account of each rule of a company."""
    found = text(
        "SELECT r.code, a.code AS account FROM hub.posting_rule r JOIN hub.account a ON a.id = r.account_id"
        " JOIN hub.company c ON c.id = r.company_id WHERE c.code = :company"
    )
    return {row.code: row.account for row in ctx.session.execute(found, {"company": company})}


def test_what_an_upgrade_brings_is_added_and_what_a_company_changed_stays(books: Books) -> None:
    with books.work() as ctx:
        writes.create(ctx, "Company", {"code": "C2", "name": "账在别处"})
        (mine,) = ctx.session.execute(text("SELECT id FROM hub.posting_rule WHERE code = 'SalesInvoice.tax'")).scalars()
        writes.update(ctx, "PostingRule", mine, {"account": "222102"})
        before = rules(ctx)
        ctx.session.execute(
            text("DELETE FROM hub.posting_rule WHERE code LIKE 'SalesAdjustment.%' OR code = 'Asset.disposal'")
        )
        ctx.session.execute(text("DELETE FROM hub.account WHERE code = '1606'"))  # a chart of its own
    assert renew(books.engine) == sum(code.startswith("SalesAdjustment.") for code in POSTINGS)
    assert renew(books.engine) == 0
    with books.work() as ctx:
        after = rules(ctx)
        assert after == {code: account for code, account in before.items() if code != "Asset.disposal"}
        assert after["SalesInvoice.tax"] == "222102"
        assert rules(ctx, "C2") == {}


def test_a_database_of_this_version_is_not_upgraded(books: Books) -> None:
    assert upgrade(books.engine) is False
