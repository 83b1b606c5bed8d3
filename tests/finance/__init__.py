"""Finance: assets, banks, budgets and claims, freight, statements, the end of the year; and a month of everything."""
