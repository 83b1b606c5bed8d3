"""GraphiQL in a real browser: its examples in tabs, answered from here, and nothing asked of the internet."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_the_examples_stand_in_tabs_and_run(admin: Page) -> None:
    """The context's fixture fails when any request has left the host."""
    admin.goto("/graphql")
    tabs = admin.get_by_role("tab")
    for name in ("OrderToCash", "LateOrders", "Filters", "Totals", "TryCustomer", "Changes"):
        expect(tabs.filter(has_text=name)).to_have_count(1)
    run = admin.locator("button.graphiql-execute-button")
    result = admin.locator(".graphiql-response")
    run.click()
    expect(result).to_contain_text('"salesOrders"')
    tabs.filter(has_text="TryCustomer").click()
    run.click()
    expect(result).to_contain_text('"namePinyin"')
    assert not admin.evaluate(
        "performance.getEntriesByType('resource').filter(one => !one.name.startsWith(location.origin)).length"
    )
    admin.get_by_label("Show Documentation Explorer").click()
    expect(admin.locator(".graphiql-doc-explorer")).to_contain_text("Query")
