"""Assets in the books: what each has lost by the end of a month and is not yet entered, and their giving up.

Due is always the whole depreciation so far less what is booked, so a month that was left out, a cost that was corrected
or a cancelled paper is caught up with by the next one.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.registry import spec
from hub.errors import Problem, problem
from hub.ledgers import money, posting
from hub.rules.depreciation import UNITS, Basis, by_units, months_in_use, schedule
from hub.rules.money import CENT, ZERO

_SIDES = ("Depreciation.expense", "Depreciation.accumulated", "Asset.disposal")
_DISPOSED = "disposed"


@dataclass(frozen=True)
class _Plan:
    """An asset as its depreciation sees it, with what its category says for it."""

    basis: Basis
    method: str | None
    expense: UUID | None
    accumulated: UUID | None
    cost: UUID | None

    def due(self, asset: Any, until: date) -> Decimal:
        """What it has lost here by the end of a month."""
        if self.method == UNITS:
            if not asset.shots_life:
                return ZERO
            return by_units(self.basis, Decimal(asset.shots_life), ZERO, Decimal(asset.shots))
        if self.method in (None, "none") or not self.basis.months:
            return ZERO
        months = max(months_in_use(asset.in_service_date, until) - self.basis.used_months, 0)
        return sum(schedule(self.basis, str(self.method))[:months], ZERO)


class _Plans:
    """The plans of a company's assets; a category leaves to its parent what it does not say."""

    def __init__(self, ctx: Ctx, company_id: UUID) -> None:
        table = spec("AssetCategory").table
        rows = ctx.session.execute(select(table).where(table.c.company_id == company_id))
        self._categories: dict[UUID, Mapping[str, Any]] = {row["id"]: dict(row) for row in rows.mappings()}

    def of(self, asset: Any) -> _Plan:
        said = {name: self._said(asset, name) for name in ("method", "life_months", "residual_rate")}
        residual = (asset.cost * (said["residual_rate"] or ZERO) / 100).quantize(CENT, ROUND_HALF_UP)
        basis = Basis(asset.cost, residual, said["life_months"] or 0, asset.opening_months, asset.opening_depreciation)
        names = ("expense_account_id", "depreciation_account_id", "asset_account_id")
        return _Plan(basis, said["method"] and str(said["method"]), *(self._of_category(asset, one) for one in names))

    def _said(self, asset: Any, name: str) -> Any:
        own = getattr(asset, name)
        return self._of_category(asset, name) if own is None else own

    def _of_category(self, asset: Any, name: str) -> Any:
        seen: set[UUID] = set()
        at = asset.asset_category_id
        while at in self._categories and at not in seen:
            seen.add(at)
            if self._categories[at][name] is not None:
                return self._categories[at][name]
            at = self._categories[at]["parent_id"]
        return None


def _booked(ctx: Ctx, company_id: UUID) -> dict[UUID, Decimal]:
    """What posted papers have entered, by asset."""
    line, paper = spec("DepreciationLine").table, spec("Depreciation").table
    found = ctx.session.execute(
        select(line.c.asset_id, func.sum(line.c.amount))
        .join(paper, paper.c.id == line.c.depreciation_id)
        .where(paper.c.company_id == company_id, paper.c.state == "posted")
        .group_by(line.c.asset_id)
    )
    return {row[0]: row[1] for row in found}


def calculate(ctx: Ctx, paper: Any) -> None:
    """Give the paper a line for each asset that has lost something by the end of its month."""
    month = paper.entry_date
    until = month.replace(day=monthrange(month.year, month.month)[1])
    model, line = spec("Asset").model, spec("DepreciationLine").model
    ours = select(model).where(model.company_id == paper.company_id, model.in_service_date.is_not(None))
    there = model.disposed_date.is_(None) | (model.disposed_date >= month.replace(day=1))
    assets = ctx.session.execute(ours.where(there).order_by(model.code)).scalars().all()
    plans, booked = _Plans(ctx, paper.company_id), _booked(ctx, paper.company_id)
    paper.lines.clear()
    ctx.session.flush()  # the positions are free again
    for asset in assets:
        plan = plans.of(asset)
        amount = plan.due(asset, until) - booked.get(asset.id, ZERO)
        if amount > 0:
            units = Decimal(asset.shots) if plan.method == UNITS else None
            paper.lines.append(line(asset_id=asset.id, amount=amount, units=units, position=len(paper.lines) + 1))
    stamp(ctx, spec("Depreciation"), paper)


def not_postable(ctx: Ctx, paper: Any) -> Iterator[Problem]:
    """DEPRECIATION_EMPTY, NOT_IN_CENTS, DEPRECIATED_TOO_MUCH: an asset loses no more than cost less residual."""
    if not paper.lines:
        yield problem(
            "DEPRECIATION_EMPTY",
            "没有折旧明细，请先计算。",
            "There is nothing to depreciate; calculate first.",
            "lines",
        )
        return
    assets = _locked(ctx, paper)
    plans, booked = _Plans(ctx, paper.company_id), _booked(ctx, paper.company_id)
    for index, line in enumerate(paper.lines):
        asset = assets[line.asset_id]
        left = plans.of(asset).basis.left - booked.get(asset.id, ZERO)
        if line.amount != line.amount.quantize(CENT):
            yield problem(
                "NOT_IN_CENTS", "金额最多两位小数。", "Amounts have no parts of a cent.", "lines", str(index), "amount"
            )
        if line.amount > left:
            yield problem(
                "DEPRECIATED_TOO_MUCH",
                f"资产 {asset.code} 只剩 {max(left, ZERO).normalize():f} 可提折旧。",
                f"Only {max(left, ZERO).normalize():f} of asset {asset.code} is left to depreciate.",
                *("lines", str(index), "amount"),
            )
        booked[asset.id] = booked.get(asset.id, ZERO) + line.amount


def _locked(ctx: Ctx, paper: Any) -> dict[UUID, Any]:
    """The paper's assets, locked in one order, so that two papers do not take the same value."""
    model = spec("Asset").model
    found = select(model).where(model.id.in_({line.asset_id for line in paper.lines} - {None})).order_by(model.id)
    held = found.with_for_update(key_share=True, of=model).execution_options(populate_existing=True)
    return {one.id: one for one in ctx.session.execute(held).scalars()}


def not_cancellable(ctx: Ctx, paper: Any) -> Iterator[Problem]:
    """ASSET_DISPOSED for each asset that was given up since: what posted papers say of it left the books with it."""
    if paper.state.value != "posted":
        return
    assets = _locked(ctx, paper)
    for index, line in enumerate(paper.lines):
        asset = assets.get(line.asset_id)
        if asset is not None and asset.state.value == _DISPOSED:
            yield problem(
                "ASSET_DISPOSED",
                f"资产 {asset.code} 已处置，本单不能再作废。",
                f"Asset {asset.code} has been disposed of; this cannot be taken back.",
                *("lines", str(index), "asset"),
                hint=("请用凭证更正。", "Correct it by a journal entry."),
            )


def post(ctx: Ctx, paper: Any) -> None:
    """Expense of each asset's department against accumulated depreciation, on the accounts of its category.

    What an asset is found to have lost after it was given up makes the loss of its disposal smaller.
    """
    accounts = posting.accounts(ctx, paper.company_id, _SIDES)
    if accounts is None:
        return
    expense, accumulated, disposal = (accounts[side] for side in _SIDES)
    spent: dict[tuple[UUID, UUID | None], Decimal] = defaultdict(Decimal)
    lost: dict[UUID, Decimal] = defaultdict(Decimal)
    assets, plans = _locked(ctx, paper), _Plans(ctx, paper.company_id)
    for line in paper.lines:
        asset = assets[line.asset_id]
        plan = plans.of(asset)
        spent[plan.expense or expense, asset.department_id] += line.amount
        gone = asset.state.value == _DISPOSED
        lost[disposal if gone else plan.accumulated or accumulated] += line.amount
    entries = [money.Entry(account, amount, ZERO, department_id=who) for (account, who), amount in spent.items()]
    entries += [money.Entry(account, ZERO, amount) for account, amount in lost.items()]
    money.post(ctx, paper, day=paper.entry_date, entries=entries)


def opened_before(ctx: Ctx, opening: Any) -> Iterator[Problem]:
    """ASSET_OPENED for each line whose asset another opening balance, or another line, has brought in."""
    named = [line.asset_id for line in opening.lines if line.asset_id is not None]
    if not named:
        return
    line, head, asset = spec("OpeningBalanceLine").table, spec("OpeningBalance").table, spec("Asset").table
    held = select(asset.c.id, asset.c.code).where(asset.c.id.in_(named)).order_by(asset.c.id)
    codes = {row.id: row.code for row in ctx.session.execute(held.with_for_update(key_share=True))}
    there = select(line.c.asset_id).join(head, head.c.id == line.c.opening_balance_id)
    posted = there.where(line.c.asset_id.in_(named), head.c.state == "posted", head.c.id != opening.id)
    seen = set(ctx.session.execute(posted).scalars())
    for index, one in enumerate(opening.lines):
        if one.asset_id is None:
            continue
        if one.asset_id in seen:
            yield problem(
                "ASSET_OPENED",
                f"第 {index + 1} 行：资产 {codes[one.asset_id]} 已有期初。",
                f"Line {index + 1}: asset {codes[one.asset_id]} has been brought in already.",
                *("lines", str(index), "asset"),
            )
        seen.add(one.asset_id)


def opening_entries(ctx: Ctx, opening: Any) -> list[money.Entry] | None:
    """What assets cost and had lost before, as their records say, against the account in transit."""
    names = ("Asset.cost", "Depreciation.accumulated", "OpeningBalance.counterpart")
    accounts = posting.accounts(ctx, opening.company_id, names)
    if accounts is None:
        return None
    model, plans = spec("Asset").model, _Plans(ctx, opening.company_id)
    entries, worth = [], ZERO
    for line in opening.lines:
        asset = ctx.session.get_one(model, line.asset_id)
        plan, lost = plans.of(asset), asset.opening_depreciation
        entries.append(money.Entry(plan.cost or accounts[names[0]], asset.cost, ZERO, position=line.position))
        entries.append(money.Entry(plan.accumulated or accounts[names[1]], ZERO, lost, position=line.position))
        worth += asset.cost - lost
    return [*entries, money.Entry(accounts[names[2]], ZERO, worth)]


def dispose(ctx: Ctx, asset: Any) -> None:
    """Take an asset's cost and accumulated depreciation out of the books; what it was worth goes to disposals."""
    names = ("Asset.cost", "Asset.disposal", "Depreciation.accumulated")
    accounts = posting.accounts(ctx, asset.company_id, names)
    if accounts is None or not asset.cost:
        return
    plan = _Plans(ctx, asset.company_id).of(asset)
    lost = asset.opening_depreciation + _booked(ctx, asset.company_id).get(asset.id, ZERO)
    about = {"department_id": asset.department_id}
    entries = [
        money.Entry(plan.accumulated or accounts["Depreciation.accumulated"], lost, ZERO, **about),
        money.Entry(accounts["Asset.disposal"], asset.cost - lost, ZERO, **about),
        money.Entry(plan.cost or accounts["Asset.cost"], ZERO, asset.cost, **about),
    ]
    source = money.Source(asset.company_id, "Asset", asset.code)
    money.enter(ctx, source, day=asset.disposed_date, entries=entries, day_path="day")
