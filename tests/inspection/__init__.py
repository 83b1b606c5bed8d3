"""Goods that are inspected, sent back, carried and traced: what it does to stock, to the books and to other papers."""
