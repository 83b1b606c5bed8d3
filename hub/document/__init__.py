"""The machinery of documents: what a class body declares, and the one description everything else reads.

No business word stands here. Domain files import their vocabulary from this package.
"""

from hub.document.access import Access
from hub.document.approvals.flows import above
from hub.document.base import Companion, Document, Ledger, Line, Master
from hub.document.fields import (
    ANY_STATE,
    Choice,
    Code,
    Money,
    Name,
    Percent,
    Price,
    Quantity,
    Value,
    derived,
    field,
    lines,
    link,
    pinyin_of,
    today,
)
from hub.document.rows import (
    addressed_to_me,
    asked_to_sign,
    follows,
    mine,
    myself,
    named_by,
    of_open_types,
    only,
    our_customer,
    our_supplier,
    own_department,
    permitted,
    permitted_by,
    written_by_me,
)
from hub.document.series import Series
from hub.document.steps import step

__all__ = [
    "ANY_STATE",
    "Access",
    "Choice",
    "Code",
    "Companion",
    "Document",
    "Ledger",
    "Line",
    "Master",
    "Money",
    "Name",
    "Percent",
    "Price",
    "Quantity",
    "Series",
    "Value",
    "above",
    "addressed_to_me",
    "asked_to_sign",
    "derived",
    "field",
    "follows",
    "lines",
    "link",
    "mine",
    "myself",
    "named_by",
    "of_open_types",
    "only",
    "our_customer",
    "our_supplier",
    "own_department",
    "permitted",
    "permitted_by",
    "pinyin_of",
    "step",
    "today",
    "written_by_me",
]
