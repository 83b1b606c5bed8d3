"""What crosses chapters: conversions of documents into drafts of others, and effects of steps, a module per flow.

Importing this package declares all of them. A flow may use the verbs of `hub.writes` and the ledgers; domain modules
know nothing of it. The registry is `hub.document.flow`.
"""

from hub.flows import (  # noqa: F401  (importing is declaring)
    aftersales,
    backflush,
    bank_to_books,
    design_to_production,
    engineering_changes,
    improving,
    inspect_to_release,
    leads,
    market,
    opening,
    order_to_cash,
    pay,
    plan_to_produce,
    planning,
    procure_to_pay,
    returns_and_transport,
    spending,
    stock_to_books,
    year_end,
)
