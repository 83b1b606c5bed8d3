"""The public page over HTTP: a step taken once by its link, by whoever has it, and by nobody else."""

from __future__ import annotations

import html
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from hub.document.registry import spec
from tests.selling.conftest import Selling, Shop, made, stepped

SCORES = {"quality": "5", "delivery": "4", "service": "3", "price": "2"}
EVIL = '<script>alert("x")</script>'


@dataclass(frozen=True)
class Asking:
    """Surveys of the running hub, and links to answer them."""

    books: Selling
    shop: Shop

    def survey(self, **values: Any) -> Any:
        """A survey that was sent."""
        asked = {"customer": self.books.customer, "survey_date": "2026-05-05", **values}
        return made(self.books, "SatisfactionSurvey", asked, "send")

    def link(self, document: Any, who: str | None = "seller", step: str = "answer", **body: Any) -> httpx.Response:
        """What POST /links answers."""
        about = {"document_type": "SatisfactionSurvey", "id_": document.id, **body}
        return self.shop.asked_link(who, about.pop("document_type"), about.pop("id_"), step, **about)

    def page(self, document: Any) -> str:
        """A page's address on this server."""
        return self.shop.link("seller", "SatisfactionSurvey", document.id, "answer")

    def stored(self, document: Any) -> Any:
        """The survey's row as it is now."""
        table = spec("SatisfactionSurvey").table
        with self.books.engine.connect() as connection:
            return connection.execute(table.select().where(table.c.id == document.id)).one()


@pytest.fixture
def asking(books: Selling, shop: Shop) -> Asking:
    """Surveys of the test's own customer."""
    return Asking(books, shop)


def get(address: str) -> httpx.Response:
    return httpx.get(address, trust_env=False)


def post(address: str, **form: str) -> httpx.Response:
    return httpx.post(address, data=form, trust_env=False)


def test_a_survey_is_answered_once_through_its_link(asking: Asking) -> None:
    survey = asking.survey(contact_name=EVIL)
    address = asking.page(survey)
    shown = get(address)
    assert shown.status_code == 200
    assert "海天客户" in shown.text
    assert survey.number in shown.text
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["cache-control"] == "no-store"
    assert get(address).status_code == 200  # looking uses nothing up
    assert post(address, **SCORES, comment=EVIL).status_code == 200
    stored = asking.stored(survey)
    scores = (stored.quality_score, stored.delivery_score, stored.service_score, stored.price_score)
    assert (stored.state, scores, stored.comment) == ("answered", (5, 4, 3, 2), EVIL)
    assert get(address).status_code == post(address, **SCORES).status_code == 404
    with asking.books.work(dry_run=True) as ctx:
        told = "SELECT verb, channel FROM audit.audit_entry WHERE document_id = :id ORDER BY id"
        verbs = [tuple(row) for row in ctx.session.execute(text(told), {"id": survey.id})]
        assert verbs[-2:] == [("issue_link", "link"), ("answer", "link")]
        kept = ctx.session.execute(text("SELECT token_hash FROM audit.public_link")).scalars().all()
        assert all(address.rsplit("/", 1)[-1] not in one for one in kept)


def test_what_does_not_fit_comes_back_with_the_page(asking: Asking) -> None:
    survey = asking.survey()
    address = asking.page(survey)
    wrong = post(address, quality="6", delivery="viel", service="", price="1", comment=EVIL)
    assert wrong.status_code == 422
    assert EVIL not in wrong.text
    assert html.escape(EVIL) in wrong.text
    assert wrong.text.count('class="wrong"') == 2  # what is no number, and what is missing
    assert "1 至 5" in post(address, **{**SCORES, "quality": "6"}).text
    assert asking.stored(survey).state == "sent"
    assert post(address, **SCORES).status_code == 200
    assert post(address, comment="x" * 70_000).status_code in (404, 413, 422)


def test_who_may_make_a_link_and_to_what(asking: Asking) -> None:
    survey = asking.survey()
    assert asking.link(survey, None).status_code == 401
    assert asking.link(survey, "storekeeper").status_code == 403
    assert asking.link(survey, "inspector").status_code == 201
    assert asking.link(survey, step="close").status_code == 422
    assert asking.link(survey, days=0).json()["problems"][0]["code"] == "DAYS_INVALID"
    assert asking.link(survey, id_="nothing").status_code == 422
    assert asking.link(survey, document_type="Nothing").status_code == 404
    assert get(f"{asking.shop.url}/p/{'A' * 43}").status_code == 404


def test_a_link_ends_with_its_days_a_newer_one_or_its_step(asking: Asking) -> None:
    survey = asking.survey()
    older, newer = asking.page(survey), asking.page(survey)
    assert (get(older).status_code, get(newer).status_code) == (404, 200)
    with asking.books.engine.begin() as connection:
        ended = "UPDATE audit.public_link SET expires_at = now() - interval '1 second' WHERE document_id = :id"
        connection.execute(text(ended), {"id": survey.id})
    assert get(newer).status_code == post(newer, **SCORES).status_code == 404
    closed = asking.survey()
    address = asking.page(closed)
    stepped(asking.books, "SatisfactionSurvey", closed.id, "close")
    assert get(address).status_code == 404


def test_of_four_who_send_at_once_one_answers(asking: Asking) -> None:
    survey = asking.survey()
    address = asking.page(survey)
    with ThreadPoolExecutor(4) as threads:
        found = sorted(one.status_code for one in threads.map(lambda _: post(address, **SCORES), range(4)))
    assert found == [200, 404, 404, 404]
    assert asking.stored(survey).version == 3  # made, sent, answered


def test_a_supplier_confirms_an_order_and_announces_its_delivery(asking: Asking) -> None:
    """Each by a link of its own; nothing of a page says more than the order's own lines."""
    books, shop = asking.books, asking.shop
    lines = [{"item": books.item, "quantity": "40", "unit_price": "2.5"}]
    ordered = {"supplier": "S1", "order_date": "2026-05-05", "promised_date": "2026-05-20", "lines": lines}
    order = made(books, "PurchaseOrder", ordered, "confirm")
    assert shop.asked_link("seller", "PurchaseOrder", order.id, "acknowledge").status_code == 403
    page = shop.link("buyer", "PurchaseOrder", order.id, "acknowledge")
    shown = get(page).text
    for part in (order.number, "塑料供应商", f"零件{books.item}", ">40</td>", ">2.5</td>", "<dd>100</dd>"):
        assert part in shown
    wrong = post(page, promisedDate="下周五")
    assert (wrong.status_code, 'value="下周五"' in wrong.text, 'class="wrong"' in wrong.text) == (422, True, True)
    assert post(page, promisedDate="2026-05-25").status_code == 200
    assert get(page).status_code == 404
    notice = shop.link("buyer", "PurchaseOrder", order.id, "announce")
    assert post(notice, arrivalDate="", what="40 箱").status_code == 422
    assert post(notice, arrivalDate="2026-05-24", what="40 箱").status_code == 200
    asked = f'{{ purchaseOrder(id: "{order.id}") {{ {TOLD} lines {{ promisedDate }} history {{ verbs byName }} }} }}'
    told = shop.ask("buyer", asked)["purchaseOrder"]
    assert told["supplierConfirmedAt"] is not None
    assert (told["promisedDate"], told["announcedDate"], told["announcement"]) == ("2026-05-25", "2026-05-24", "40 箱")
    assert told["lines"] == [{"promisedDate": "2026-05-25"}]


TOLD = "supplierConfirmedAt promisedDate announcedDate announcement"
