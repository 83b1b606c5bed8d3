"""Selling: prices, credit, leads, quotations, adjustments, after-sales, and the public page."""
