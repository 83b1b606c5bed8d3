"""How a customer is won: a stranger at the fair, a talk, a quotation that he accepts on a page without an account."""

from __future__ import annotations

from hub.stories.office import Office, same

PRICED = "query ($id: ID!) { quotation(id: $id) { total lines { unitPrice quantity } } }"


def won(office: Office, item: str) -> str:
    """A lead becomes a customer, who accepts an offer of a hundred at his price; returns his order as a draft."""
    office.tell(
        "展会上认识海蓝电器；拜访后确认商机，转为客户。", "Hailan is met at a fair, visited, and becomes a customer."
    )
    found = {"companyName": "海蓝电器有限公司", "contactName": "王工", "source": "EXHIBITION", "segment": "家电"}
    lead = office.make("seller", "Lead", leadDate="2025-12-01", **found)
    talk = {"interactionAt": "2025-12-01T15:00:00+08:00", "kind": "VISIT", "subject": "拜访"}
    visit = office.make("seller", "Interaction", lead=lead, **talk)
    stage = f'{{ lead(id: "{lead}") {{ stage }} }}'
    with office.effect("seller", stage, "NEW", "CONTACTED"):
        office.steps("seller", "Interaction", visit, "finish", outcome="请报价")
    office.steps("seller", "Lead", lead, "qualify")
    known = '{ customers(where: {name: {eq: "海蓝电器有限公司"}}) { totalCount } }'
    with office.effect("seller", known, 0, 1):
        office.steps("seller", "Lead", lead, "convert")
    customer = office.see("seller", f'{{ lead(id: "{lead}") {{ customer {{ id }} }} }}')
    return _quoted(office, lead, customer, item)


def _quoted(office: Office, lead: str, customer: str, item: str) -> str:
    """A price list of his own gives 10 from a hundred on; he accepts by the link in his mail."""
    office.tell(
        "按客户价格表报价：100 个起每个 10 元。客户在链接页面上接受报价。",
        "His price list says 10 from a hundred on; he accepts by a link.",
    )
    lines = [{"item": item, "unitPrice": "12"}, {"item": item, "minimumQuantity": "100", "unitPrice": "10"}]
    prices = {"customer": customer, "validFromDate": "2025-12-01", "lines": lines}
    office.make("manager", "PriceList", code="OC-PRICES", name="海蓝价", **prices)
    offered = {"quotationDate": "2025-12-02", "validUntilDate": "2099-12-31"}
    wanted = [{"item": item, "quantity": "100", "wantedDate": "2025-12-22"}]
    quotation = office.convert("seller", "Lead", lead, "Quotation", **offered, lines=wanted)
    office.steps("seller", "Quotation", quotation, "findPrices", "submit")
    price = office.see("seller", PRICED, id=quotation)
    same("price", price, {"total": "1000.0000", "lines": [{"unitPrice": "10.0000", "quantity": "100.0000"}]})
    office.steps("seller", "Quotation", quotation, "send")
    page = office.link("seller", "Quotation", quotation, "accept")
    to_order = f'mutation {{ convertQuotationToSalesOrder(id: "{quotation}", dryRun: true) {{ problems {{ code }} }} }}'
    with office.effect("seller", to_order, ["CONVERSION_NOT_ALLOWED"], []):
        office.answer(page, "Quotation", "accept", "水杯", "100")
    return office.convert("seller", "Quotation", quotation, "SalesOrder", orderDate="2025-12-02")
