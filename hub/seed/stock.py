"""The true stock: lots per item, oldest issued first, every movement kept.

Stock can never be issued below zero here; what the warehouse's own book shows may differ, which is what a demo is for.
"""

from __future__ import annotations

from collections import deque
from datetime import date
from decimal import Decimal

from hub.seed.records import StockMove


class StockShort(Exception):
    """More was to be issued than is there: a mistake in the simulation, not in its data."""


class Stock:
    """Quantity on hand by item and lot, and the movements that led to it."""

    def __init__(self) -> None:
        self.moves: list[StockMove] = []
        self._lots: dict[str, deque[tuple[str, Decimal]]] = {}
        self._on_hand: dict[str, Decimal] = {}

    def on_hand(self, item: str) -> Decimal:
        """What is in the store now, over all lots."""
        return self._on_hand.get(item, Decimal(0))

    def put(
        self, kind: str, day: date, item: str, quantity: Decimal, lot: str, document: str, position: int, partner: str
    ) -> None:
        """Takes a quantity in under a lot; a lot may arrive in several movements."""
        lots = self._lots.setdefault(item, deque())
        if lots and lots[-1][0] == lot:
            lots[-1] = (lot, lots[-1][1] + quantity)
        else:
            lots.append((lot, quantity))
        self._on_hand[item] = self.on_hand(item) + quantity
        self.moves.append(StockMove(kind, day, item, quantity, lot, document, position, partner))

    def take(
        self, kind: str, day: date, item: str, quantity: Decimal, document: str, position: int, partner: str
    ) -> None:
        """Issues a quantity from the oldest lots, one movement a lot. Raises StockShort."""
        if quantity > self.on_hand(item):
            raise StockShort(f"{document}: {quantity} of {item}, {self.on_hand(item)} on hand")
        self._on_hand[item] -= quantity
        lots = self._lots[item]
        while quantity > 0:
            lot, held = lots.popleft()
            used = min(held, quantity)
            if held > used:
                lots.appendleft((lot, held - used))
            self.moves.append(StockMove(kind, day, item, -used, lot, document, position, partner))
            quantity -= used
