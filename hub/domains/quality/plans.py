"""The plan of an inspection: which standard fits, how strict it is after earlier lots, how many to look at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from sqlalchemy import text

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.registry import spec
from hub.domains.quality.standards import Strictness
from hub.errors import Problem, Refused, problem
from hub.rules import sampling
from hub.rules.sampling import Course, Outcome, Plan, Severity

_FITTING = text(
    "SELECT s.id FROM hub.inspection_standard s WHERE s.company_id = :company AND s.active AND s.item_id = :item "
    "AND s.kind = :kind AND (s.customer_id IS NULL OR s.customer_id = :customer) "
    "AND (s.operation_id IS NULL OR s.operation_id = :operation) "
    "AND (s.valid_from_date IS NULL OR s.valid_from_date <= :day) "
    "ORDER BY s.customer_id IS NULL, s.operation_id IS NULL, s.valid_from_date DESC NULLS LAST, s.code LIMIT 1"
)
_EARLIER = text(
    "SELECT i.code_letter, i.sample_size, i.accept_number, i.defective_quantity "
    "FROM hub.inspection i LEFT JOIN hub.purchase_receipt r ON r.id = i.purchase_receipt_id "
    "WHERE i.inspection_standard_id = :standard AND i.state = 'confirmed' AND i.code_letter IS NOT NULL "
    "AND i.id <> :id AND i.inspection_date >= coalesce(cast(:since AS date), '-infinity') "
    "AND r.supplier_id IS NOT DISTINCT FROM (SELECT supplier_id FROM hub.purchase_receipt WHERE id = :receipt) "
    "ORDER BY i.inspection_date, i.number"
)
_JUDGED_BEFORE = text(
    "SELECT i.disposition FROM hub.inspection i LEFT JOIN hub.purchase_receipt r ON r.id = i.purchase_receipt_id "
    "WHERE i.company_id = :company AND i.item_id = :item AND i.kind = :kind AND i.state = 'confirmed' "
    "AND (i.inspection_date, i.number) < (:day, :number) AND i.operation_id IS NOT DISTINCT FROM :operation "
    "AND r.supplier_id IS NOT DISTINCT FROM (SELECT supplier_id FROM hub.purchase_receipt WHERE id = :receipt) "
    "ORDER BY i.inspection_date DESC, i.number DESC LIMIT 100"
)


def plan(ctx: Ctx, inspection: Any) -> None:
    """Give an inspection its standard, sample and characteristics.

    Raises:
        Refused: STANDARD_MISSING when none fits; Invalid: what the tables do not know (a lot of one piece).
    """
    standard = _standard(ctx, inspection)
    size = int(inspection.quantity or inspection.inspected_quantity)
    inspection.inspection_standard_id = standard.id
    inspection.strictness, inspection.code_letter = None, None
    sampled = standard.sampling.value
    if sampled == "by_table" and size >= 2:
        _by_table(ctx, inspection, standard, size)
    else:
        inspection.sample_size = min(standard.sample_size, size) if sampled == "fixed" and size else size
        inspection.accept_number = 0
    inspection.reject_number = inspection.accept_number + 1
    if not inspection.characteristics:
        inspection.characteristics = list(_characteristics(ctx, standard))
        stamp(ctx, spec("Inspection"), inspection)


def _standard(ctx: Ctx, inspection: Any) -> Any:
    """The standard that is named, or the one that fits: a customer's or operation's own first, then the latest."""
    id_ = inspection.inspection_standard_id
    if id_ is None:
        about = {"company": inspection.company_id, "item": inspection.item_id, "kind": inspection.kind.value}
        about |= {"customer": inspection.customer_id, "day": inspection.inspection_date}
        about |= {"operation": inspection.operation_id}
        id_ = ctx.session.execute(_FITTING, about).scalar_one_or_none()
    if id_ is None:
        raise Refused(
            problem(
                "STANDARD_MISSING",
                "没有适用的检验标准。",
                "There is no inspection standard that fits.",
                "inspectionStandard",
                hint=("请先为该存货建立检验标准。", "Make an inspection standard for the item first."),
            )
        )
    return ctx.session.get_one(spec("InspectionStandard").model, id_)


def _by_table(ctx: Ctx, inspection: Any, standard: Any, size: int) -> None:
    """The single sampling plan of GB/T 2828.1, as strict as the lots before ask; every piece when it is suspended."""
    limit, level = standard.acceptance_quality_limit, standard.inspection_level.label.english
    course = course_of(ctx, inspection, standard)
    inspection.strictness = Strictness[course.severity.name]
    if course.severity is Severity.SUSPENDED:
        inspection.sample_size, inspection.accept_number = size, 0
        return
    found = sampling.plan_for(size, limit, level=level, severity=course.severity)
    inspection.code_letter, inspection.sample_size, inspection.accept_number = found.letter, found.size, found.accept


def course_of(ctx: Ctx, inspection: Any, standard: Any) -> Course:
    """Where the lots of a standard stand, those of the same supplier where they were bought."""
    since, limit = standard.sampling_resumed_date, standard.acceptance_quality_limit
    about = {"standard": standard.id, "id": inspection.id, "receipt": inspection.purchase_receipt_id, "since": since}
    lots = []
    for row in ctx.session.execute(_EARLIER, about):
        made = Plan(row.code_letter, row.sample_size, row.accept_number)
        lots.append(Outcome(made, int(row.defective_quantity), sampling.stricter_number(made, limit)))
    start = None if since is None else sampling.resumed()
    return sampling.course_of(lots, steady=standard.reduced_allowed, start=start)


def failed_before(ctx: Ctx, inspection: Any) -> int:
    """How many lots in a row, just before this one, did not pass: of the same item, operation, kind and supplier."""
    about = {"company": inspection.company_id, "item": inspection.item_id, "kind": inspection.kind.value}
    about |= {"operation": inspection.operation_id, "receipt": inspection.purchase_receipt_id}
    about |= {"day": inspection.inspection_date, "number": inspection.number}
    earlier = ctx.session.scalars(_JUDGED_BEFORE, about)
    return sum(1 for _ in takewhile(lambda disposition: disposition != "accept", earlier))


def _characteristics(ctx: Ctx, standard: Any) -> Iterator[Any]:
    """A line for each characteristic of the standard, to be filled in."""
    asked, made = spec("InspectionStandardCharacteristic").model, spec("InspectionCharacteristic").model
    rows = ctx.session.query(asked).where(asked.inspection_standard_id == standard.id).order_by(asked.position)
    copied = ("name", "unit", "target", "lower_limit", "upper_limit", "critical")
    for position, row in enumerate(rows, start=1):
        yield made(position=position, sample_number=1, **{name: getattr(row, name) for name in copied})


def refused(inspection: Any) -> Iterator[Problem]:
    """Why the plan does not let a lot be accepted: too many defects, or a critical characteristic that failed."""
    found, allowed = inspection.defective_quantity, inspection.accept_number
    if allowed is not None and found > allowed:
        yield problem(
            "PLAN_REFUSES_LOT",
            f"不合格数 {found.normalize():f} 超过接收数 {allowed}，按抽样方案该批不接收。",
            f"{found.normalize():f} defective pieces are more than the {allowed} with which the plan accepts the lot.",
            "disposition",
            hint=("请选择让步接收、返工、退货或报废。", "Choose concession, rework, return or scrap."),
        )
    failed = [one.name for one in inspection.characteristics if one.critical and one.passed is False]
    if failed:
        yield problem(
            "CRITICAL_FAILED",
            f"关键项目不合格：{'、'.join(failed)}。",
            f"A critical characteristic failed: {', '.join(failed)}.",
            "disposition",
            hint=("请选择其他处置方式。", "Choose another disposition."),
        )
