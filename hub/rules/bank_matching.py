"""Which line of a bank statement is which payment of ours, and what explains the difference of the two balances.

A line and a payment fit when they are the same money to the cent. How well says the evidence: the reference, a number
in the text, the name, the days between. What fits nobody alone may be several payments of one partner at once. Money
that nobody has entered is the partner's whose name, invoice or amount it bears, and settles what it speaks of first.
The answer does not depend on the order in which lines and payments are given.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Generic, TypeVar

from hub.rules.money import ZERO
from hub.rules.settlement import OpenItem, Share, oldest_first

Key = TypeVar("Key", bound=Hashable)

WINDOW_DAYS = 15
"""How many days bank and books may lie apart when nothing but the amount speaks for a match."""
SURE = 50
"""From which score on a match may be made without asking."""
_MOST_TOGETHER, _MOST_TRIED, _ONLY = 4, 12, 25


@dataclass(frozen=True)
class Movement:
    """Money on one side, in above zero and out below; `key` identifies it and is sortable."""

    key: str
    day: date
    amount: Decimal
    partner: str = ""
    reference: str = ""
    text: str = ""


@dataclass(frozen=True)
class Match:
    """A line with the payments that it is, how sure that is (0 to 100), and why."""

    line: str
    payments: tuple[str, ...]
    score: int
    reasons: tuple[str, ...]


def evidence(line: Movement, payment: Movement) -> tuple[int, tuple[str, ...]]:
    """How well a payment of the same amount fits a line, from 1 to 100, and what speaks for it; 0 when too far away."""
    apart = abs((line.day - payment.day).days)
    score, reasons = max(30 - 2 * apart, 0), ["amount"]
    if _speaks_of(line, payment.reference):
        score, reasons = score + 70, [*reasons, "reference"]
    if _speaks_of(line, payment.text):
        score, reasons = score + 60, [*reasons, "number"]
    if payment.partner and same_name(payment.partner, line.partner):
        score, reasons = score + 40, [*reasons, "partner"]
    if apart > WINDOW_DAYS and len(reasons) == 1:
        return 0, ()
    return max(min(score, 100), 1), tuple(reasons)


def _speaks_of(line: Movement, number: str) -> bool:
    """Whether a line's reference or text has a number, by itself and not within a longer one."""
    wanted = number.strip().casefold()
    said = f"{line.reference} {line.text}".casefold()
    return bool(wanted) and re.search(rf"(?<![0-9a-z]){re.escape(wanted)}(?![0-9a-z])", said) is not None


def same_name(one: str, other: str) -> bool:
    """Whether two names mean one company: the same but for spaces, or one the beginning of the other, as banks cut."""
    short, long = sorted((_plain(one), _plain(other)), key=len)
    return bool(short) and (short == long or (len(short) >= 4 and long.startswith(short)))


def matched(lines: Sequence[Movement], payments: Sequence[Movement]) -> tuple[Match, ...]:
    """The matches, in the order of the lines' keys: each line and each payment at most once, the best first.

    Where two payments fit a line equally well and differ in partner, the match is told with a score below `SURE`.
    """
    pairs = list(_pairs(lines, payments))
    pairs.sort(key=lambda one: (-one[0], abs((one[2].day - one[3].day).days), one[2].key, one[3].key))
    found: dict[str, Match] = {}
    taken: set[str] = set()
    for score, reasons, line, payment in pairs:
        if line.key in found or payment.key in taken:
            continue
        rivals = {other.partner for s, _, one, other in pairs if one is line and s == score and other.key not in taken}
        found[line.key] = Match(line.key, (payment.key,), min(score, SURE - 1) if len(rivals) > 1 else score, reasons)
        taken.add(payment.key)
    for line in sorted(lines, key=lambda one: one.key):
        if line.key not in found:
            for several in _together(line, [one for one in payments if one.key not in taken]):
                found[line.key] = several
                taken.update(several.payments)
    return tuple(found[key] for key in sorted(found))


def _pairs(
    lines: Sequence[Movement], payments: Sequence[Movement]
) -> Iterator[tuple[int, tuple[str, ...], Movement, Movement]]:
    """Every line with every payment of its amount; where both are the only ones of it, that speaks for them too."""
    by_amount: dict[Decimal, list[Movement]] = defaultdict(list)
    for payment in payments:
        by_amount[payment.amount].append(payment)
    told = Counter(line.amount for line in lines)
    for line in lines:
        for payment in by_amount[line.amount]:
            score, reasons = evidence(line, payment)
            alone = told[line.amount] == len(by_amount[line.amount]) == 1
            named_apart = line.partner and payment.partner and "partner" not in reasons
            if score and alone and not named_apart:
                score, reasons = min(score + _ONLY, 100), (*reasons, "only")
            if score:
                yield score, reasons, line, payment


def _together(line: Movement, payments: Sequence[Movement]) -> Iterator[Match]:
    """Several payments of the line's partner that are its amount in sum: the fewest, the nearest; one at most."""
    near = [
        one
        for one in payments
        if same_name(one.partner, line.partner)
        and abs((line.day - one.day).days) <= WINDOW_DAYS
        and (one.amount > 0) == (line.amount > 0)
    ]
    near = sorted(near, key=lambda one: (abs((line.day - one.day).days), one.key))[:_MOST_TRIED]
    for count in range(2, _MOST_TOGETHER + 1):
        for chosen in combinations(near, count):
            if sum((one.amount for one in chosen), ZERO) == line.amount:
                yield Match(line.key, tuple(sorted(one.key for one in chosen)), SURE, ("partner", "sum"))
                return


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


@dataclass(frozen=True)
class Claim(Generic[Key]):
    """An open item, whose it is, and the numbers by which it is called; all in the line's currency."""

    partner: Key
    item: OpenItem[Key]
    numbers: tuple[str, ...]

    def is_named(self, line: Movement) -> bool:
        """Whether the line speaks of it."""
        return any(_speaks_of(line, one) for one in self.numbers)


def whose(line: Movement, names: Mapping[Key, str], claims: Sequence[Claim[Key]]) -> frozenset[Key]:
    """The partners that a line may be about: by name; else by the number of an open item; else by its exact amount.

    Several of one name are told apart by number, then by amount. A line that names somebody else is nobody's by its
    amount alone. One partner is an answer, several are a question for a person.
    """
    of_number = frozenset(one.partner for one in claims if one.is_named(line))
    of_amount = frozenset(one.partner for one in claims if one.item.amount == abs(line.amount))
    of_name = frozenset(key for key, name in names.items() if same_name(name, line.partner))
    of_name = frozenset(key for key in of_name if _plain(names[key]) == _plain(line.partner)) or of_name
    if len(of_name) > 1:
        return next((some for some in (of_name & of_number, of_name & of_amount) if len(some) == 1), of_name)
    return of_name or of_number or (frozenset() if line.partner.strip() else of_amount)


def settled_by(line: Movement, claims: Sequence[Claim[Key]]) -> tuple[Share[Key], ...]:
    """What a line settles of its partner's items: what it speaks of, else one of its amount, then what is due first.

    >>> items = [OpenItem(key, Decimal(key), None, f"N-{key}") for key in ("50", "70")]
    >>> claims = [Claim("p", item, (item.number,)) for item in items]
    >>> [(key, str(amount)) for key, amount in settled_by(Movement("l", date(2026, 5, 1), Decimal(-70)), claims)]
    [('70', '70')]
    """
    amount = abs(line.amount)
    first = [one.item for one in claims if one.is_named(line)]
    if not first:
        first = sorted((one.item for one in claims if one.item.amount == amount), key=_due)[:1]
    shares = oldest_first(amount, first)
    left = amount - sum((one.amount for one in shares), ZERO)
    taken = {one.key for one in first}
    return shares + oldest_first(left, [one.item for one in claims if one.item.key not in taken])


def _due(item: OpenItem[Key]) -> tuple[date, str]:
    return item.due_date or date.max, item.number


@dataclass(frozen=True)
class Reconciliation:
    """The two balances with what only the other side knows (银行存款余额调节表); equal when nothing is wrong."""

    books: Decimal
    bank: Decimal

    @property
    def difference(self) -> Decimal:
        """What is left unexplained."""
        return self.books - self.bank


def reconciled(
    books: Decimal, bank: Decimal, only_bank: Iterable[Movement], only_books: Iterable[Movement]
) -> Reconciliation:
    """Both balances after adding what only the other side has.

    >>> told = [Movement("1", date(2026, 5, 1), Decimal(5))]
    >>> reconciled(Decimal(100), Decimal(105), told, []).difference
    Decimal('0')
    """
    return Reconciliation(
        books + sum((one.amount for one in only_bank), ZERO), bank + sum((one.amount for one in only_books), ZERO)
    )
