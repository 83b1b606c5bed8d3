"""The books and what is paid, a module per story; all of them are one chapter."""

from hub.domains.finance import banking, books, freight, spending, vouchers  # noqa: F401  (importing is declaring)
from hub.domains.finance.banking import BankAccount, BankStatement, BankStatementLine
from hub.domains.finance.books import Account
from hub.domains.finance.vouchers import OpeningBalance

__all__ = ["Account", "BankAccount", "BankStatement", "BankStatementLine", "OpeningBalance"]
