"""What customers say of what they got: complaints answered, judged, credited, and surveys every quarter.

Nothing here moves goods, so the simulated store and the hub's agree; what is credited was invoiced before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from uuid import UUID

from hub.seed.records import Delivery, Year
from hub.seed.telling.teller import Part, Row, Teller
from hub.seed.workdays import workday_from

_COMPLAINED = 80
"""Of so many deliveries that were signed one is complained about."""
_FOUND = (
    ("飞边超标，装配干涉", "合模面磨损", "修磨合模面，加严首件检验"),
    ("表面缩水明显", "保压时间偏短", "保压由 3 秒改为 4.5 秒"),
    ("颜色与样板不符", "色母批次差异", "来料色板比对后投产"),
    ("包装破损，少量划伤", "纸箱受潮", "改用防潮箱"),
    ("个别件缺料", "料温偏低", "调整一段温度并锁定工艺参数"),
)
_SURVEYED = 8
_COMMENTS = ("交期稳定", "包装再改进一点", "响应很快", "价格略高", "希望提前通知发货")


def course(random: Random, year: Year) -> Iterator[tuple[date, Part]]:
    """What happens on which day."""
    signed = [one for one in year.deliveries if one.signed_date is not None]
    for at, delivery in enumerate(signed[::_COMPLAINED]):
        yield from _Complaint(delivery, at, random.randint(2, 12), *random.choice(_FOUND)).course()
    for month in {(day.year, day.month): day for day in year.span.workdays()}.values():
        if month.month % 3 == 0:
            for customer in random.sample(year.masters.customers, _SURVEYED):
                scores = {name: random.randint(3, 5) for name in ("quality", "delivery", "service", "price")}
                yield month, partial(_surveyed, customer.code, {**scores, "comment": random.choice(_COMMENTS)})


@dataclass
class _Complaint:
    """A complaint about a delivery, from the call to the last measure."""

    delivery: Delivery
    at: int
    quantity: int
    description: str
    cause: str
    measure: str
    ids: list[UUID] = field(default_factory=list)

    def course(self) -> Iterator[tuple[date, Part]]:
        assert self.delivery.signed_date is not None
        day = workday_from(self.delivery.signed_date + timedelta(days=3))
        yield day, self._come
        yield workday_from(day + timedelta(days=2)), self._answer
        if self.at % 3 == 0:
            yield workday_from(day + timedelta(days=3)), self._judge
        if self.at % 3 == 1:
            next_month = (self.delivery.delivery_date.replace(day=1) + timedelta(days=32)).replace(day=1)
            yield workday_from(max(next_month, day) + timedelta(days=7)), self._credit
        yield workday_from(day + timedelta(days=21)), self._close

    def _come(self, teller: Teller, day: date) -> None:
        line = self.delivery.lines[0].line
        values: Row = {
            "customer": self.delivery.order.customer.code,
            "sales_order": teller.id_of(self.delivery.order),
            "delivery": teller.id_of(self.delivery),
            "item": line.part.code,
            "lot": teller.lot(teller.moves[self.delivery.number][0]),
            "complaint_date": day,
            "quantity": self.quantity,
            "severity": ("minor", "major")[self.at % 2],
            "description": self.description,
            "demand": ("explanation", "credit", "explanation")[self.at % 3],
            "department": "ZL",
        }
        self.ids.append(teller.told("QualityComplaint", values, "submit", "accept").id)

    def _answer(self, teller: Teller, _day: date) -> None:
        teller.step("QualityComplaint", self.ids[0], "reply", answer=self.measure, cause=self.cause)

    def _judge(self, teller: Teller, day: date) -> None:
        """Judged as if we had found it, and mended for good."""
        about: Row = {"found_date": day, "department": "ZL"}
        paper = teller.convert("QualityComplaint", self.ids[0], "NonConformance", about)
        teller.step("NonConformance", paper.id, "submit")
        teller.step("NonConformance", paper.id, "decide", disposition="concession", day=day)
        tasks: list[Row] = [{"task": self.measure, "due_date": workday_from(day + timedelta(days=14))}]
        mending: Row = {
            "non_conformance": paper.id,
            "quality_complaint": self.ids[0],
            "leader": next(one.code for one in teller.year.masters.employees if one.job_title == "质量经理"),
            "start_date": day,
            "problem": self.description,
            "containment": "隔离在库同批",
            "root_cause": self.cause,
            "corrective_measures": self.measure,
            "actions": tasks,
        }
        begun = teller.told("CorrectiveAction", mending, "start")
        self.ids.append(begun.id)

    def _credit(self, teller: Teller, day: date) -> None:
        """The customer keeps the goods and gets their price back, unless he has paid for them already."""
        bill, line = teller.book.billed.get(id(self.delivery.lines[0])), self.delivery.lines[0].line
        if bill is None or not bill.open_on(day):
            return
        wanted: list[Row] = [{"item": line.part.code, "order_line": teller.id_of(line), "quantity": self.quantity}]
        asked = teller.convert(
            "QualityComplaint", self.ids[0], "ReturnRequest", {"resolution": "credit", "lines": wanted}
        )
        teller.step("ReturnRequest", asked.id, "submit")
        teller.step("ReturnRequest", asked.id, "approve")
        credit = teller.convert("ReturnRequest", asked.id, "SalesAdjustment", {"adjustment_date": day})
        teller.step("SalesAdjustment", credit.id, "post")
        given = sum((one.amount + one.tax_amount for one in credit.lines), Decimal(0))
        teller.book.credited[id(bill)] += given
        teller.step("ReturnRequest", asked.id, "close")

    def _close(self, teller: Teller, day: date) -> None:
        if self.at % 3 == 0:
            action = self.ids[1]
            teller.step("CorrectiveAction", action, "finish_task", position=1, done_date=day, result="连续三批合格")
            teller.change(
                "CorrectiveAction",
                action,
                {"verification": "连续三批合格", "prevention": "纳入作业指导书", "effective": True},
            )
            teller.step("CorrectiveAction", action, "verify")
            teller.step("CorrectiveAction", action, "close")
        teller.step("QualityComplaint", self.ids[0], "close")


def _surveyed(customer: str, scores: Row, teller: Teller, day: date) -> None:
    """Asked and answered."""
    document = teller.told("SatisfactionSurvey", {"customer": customer, "survey_date": day}, "send")
    teller.step("SatisfactionSurvey", document.id, "answer", **scores)
