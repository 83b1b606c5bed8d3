"""Who sees and writes what happens after a sale."""

from __future__ import annotations

from hub.document import Access, only, our_customer, written_by_me

OPEN = Access(
    read="aftersales.read",
    write="aftersales.write",
    rows=only(our_customer("customer"), written_by_me(), unless="aftersales.all"),
)
"""Sales and quality write it, all who make and ship read it: a complaint concerns them."""
