"""Rules of the stores: what is kept beside the stock and cost ledgers is the sum of their entries.

PostgreSQL keeps it with each entry and `hub.ledgers.stock_levels` knows what the sums are; the checks say it again
every night, of whatever a restore or a hand brought.
"""

from hub.ledgers.stock_levels import COST_DIFFERENCES, STOCK_DIFFERENCES
from quality_checks.rules import RuleSet, rows

WAREHOUSE = "仓库部 / warehouse"
FINANCE = "财务部 / finance"

KEPT_STOCK = rows(
    "stock_balance_is_sum",
    f"""
    with d as ({STOCK_DIFFERENCES.replace("hub.stock_entry", "{batch}")})
    select i.code as item_code, d.kept, sum(d.entries) as entered_quantity, sum(d.sums) as kept_quantity,
           max(abs(coalesce(d.entries, 0) - coalesce(d.sums, 0))) as difference
      from d
      join hub.item i on i.id = d.item_id
     group by d.company_id, i.code, d.kept
    """,  # noqa: S608 (both texts are our own)
    "库存结存及日、月变动等于流水之和",
    "Kept balances, and what days and months changed of them, are the sums of the entries",
    ("item_code", "kept"),
    owner=WAREHOUSE,
)
KEPT_COST = rows(
    "cost_of_day_is_sum",
    f"""
    with d as ({COST_DIFFERENCES.replace("hub.cost_entry", "{batch}")})
    select i.code as item_code, d.day, d.quantity as entered_quantity, d.kept_quantity, d.value as entered_value,
           d.kept_value
      from d
      join hub.item i on i.id = d.item_id
    """,  # noqa: S608 (both texts are our own)
    "存货成本的日变动等于流水之和",
    "What a day changed of an item's quantity and value is the sum of its entries",
    ("item_code", "day"),
    owner=FINANCE,
)

STORES = (RuleSet("hub", "stock_entry", (KEPT_STOCK,)), RuleSet("hub", "cost_entry", (KEPT_COST,)))
"""The rule sets of this file, by table."""
