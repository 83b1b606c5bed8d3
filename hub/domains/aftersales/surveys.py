"""What customers say when they are asked: on a public page, through a link that works once (hub.public_links)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Numeric, case, cast, func
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Choice,
    Document,
    Name,
    Series,
    Value,
    derived,
    field,
    link,
    step,
    today,
)
from hub.document.fields import DerivedSQL, Tables
from hub.domains.aftersales.rights import OPEN
from hub.errors import Problem, problem

if TYPE_CHECKING:
    from hub.domains.items import Item
    from hub.domains.parties import Customer
    from hub.domains.sales import SalesOrder
    from hub.domains.warehouse import Delivery


class FeedbackState(Choice):
    """How far a survey has come."""

    DRAFT = "draft", "草稿", "Draft"
    SENT = "sent", "已发出", "Sent"
    ANSWERED = "answered", "已答复", "Answered"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


BEST = 5
"""Scores go from 1 to this."""


def _average(*columns: str) -> DerivedSQL:
    """The mean of the scores that were given."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        given = sum((case((row.c[name].is_not(None), 1), else_=0) for name in columns), start=0)
        total = sum((func.coalesce(row.c[name], 0) for name in columns), start=0)
        return func.round(cast(total, Numeric) / func.nullif(given, 0), 6)

    return sql


def _outside(**scores: int | None) -> Iterator[Problem]:
    """SCORE_OUT_OF_RANGE for each score that is none."""
    for name, score in scores.items():
        if score is not None and not 1 <= score <= BEST:
            yield problem(
                "SCORE_OUT_OF_RANGE",
                f"评分应为 1 至 {BEST}。",
                f"Scores go from 1 to {BEST}.",
                name,
                hint=(f"请填写 1 至 {BEST} 的整数。", f"Give a whole number from 1 to {BEST}."),
            )


def _score(chinese: str, english: str) -> Any:
    return field(chinese, english, computed=True, minimum=1, maximum=BEST)


_SCORES = {
    "quality": ("质量（1–5）", "Quality (1 to 5)"),
    "delivery": ("交付（1–5）", "Delivery (1 to 5)"),
    "service": ("服务（1–5）", "Service (1 to 5)"),
    "price": ("价格（1–5）", "Price (1 to 5)"),
    "usability": ("易用性（1–5）", "Usability (1 to 5)"),
    "appearance": ("外观（1–5）", "Appearance (1 to 5)"),
    "durability": ("耐用性（1–5）", "Durability (1 to 5)"),
    "recommend": ("愿意推荐（1–5）", "Would recommend (1 to 5)"),
    "comment": ("意见", "Comment"),
    "suggestion": ("建议", "Suggestion"),
}


class SatisfactionSurvey(
    Document,
    label=("客户满意度调查", "Satisfaction survey"),
    series=Series("SS-{yyyy}{mm}-{seq:05}"),
    access=OPEN,
):
    """How content a customer is with us: scores from 1 to 5 for what we promise."""

    state: Mapped[FeedbackState] = field("状态", "State", default=FeedbackState.DRAFT)
    survey_date: Mapped[date] = field("调查日期", "Date", default=today, index=True)
    customer: Mapped[Customer] = link(
        "客户", "Customer", inverse=("satisfaction_surveys", "满意度调查", "Satisfaction surveys")
    )
    sales_order: Mapped[SalesOrder | None] = link(
        "客户订单", "Sales order", inverse=("satisfaction_surveys", "满意度调查", "Satisfaction surveys")
    )
    delivery: Mapped[Delivery | None] = link(
        "送货单", "Delivery", inverse=("satisfaction_surveys", "满意度调查", "Satisfaction surveys")
    )
    contact_name: Mapped[Name | None] = field("联系人", "Contact")
    sent_at: Mapped[datetime | None] = field("发出时间", "Sent at", computed=True)
    answered_at: Mapped[datetime | None] = field("答复时间", "Answered at", computed=True)
    quality_score: Mapped[int | None] = _score("质量评分", "Quality score")
    delivery_score: Mapped[int | None] = _score("交付评分", "Delivery score")
    service_score: Mapped[int | None] = _score("服务评分", "Service score")
    price_score: Mapped[int | None] = _score("价格评分", "Price score")
    comment: Mapped[str | None] = field("意见", "Comment", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    average_score: Mapped[Value] = derived(
        "平均分", "Average score", _average("quality_score", "delivery_score", "service_score", "price_score"),
        filterable=True,
    )  # fmt: skip

    @step("发出", "Send", source=FeedbackState.DRAFT, target=FeedbackState.SENT)
    def send(self, ctx: Ctx) -> None:
        """Ask the customer; a link to the public page is made for it."""
        self.sent_at = datetime.now(UTC)

    @step(
        "答复",
        "Answer",
        source=FeedbackState.SENT,
        target=FeedbackState.ANSWERED,
        words=_SCORES,
        public=("customer", "survey_date", "sales_order", "delivery"),
    )
    def answer(
        self, ctx: Ctx, quality: int, delivery: int, service: int, price: int, comment: str | None = None
    ) -> Iterator[Problem]:
        """What the customer says, by himself on the public page or to us by telephone."""
        yield from _outside(quality=quality, delivery=delivery, service=service, price=price)
        self.quality_score, self.delivery_score = quality, delivery
        self.service_score, self.price_score = service, price
        self.comment, self.answered_at = comment, datetime.now(UTC)

    @step("关闭", "Close", source=(FeedbackState.SENT, FeedbackState.ANSWERED), target=FeedbackState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nothing more is expected of it."""

    @step("取消", "Cancel", source=(FeedbackState.DRAFT, FeedbackState.SENT), target=FeedbackState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Ask no more."""


class ExperienceSurvey(
    Document,
    label=("客户体验调查", "Experience survey"),
    series=Series("ES-{yyyy}{mm}-{seq:05}"),
    access=OPEN,
):
    """How a product does in a customer's hands: scores from 1 to 5, and what could be better."""

    state: Mapped[FeedbackState] = field("状态", "State", default=FeedbackState.DRAFT)
    survey_date: Mapped[date] = field("调查日期", "Date", default=today, index=True)
    customer: Mapped[Customer] = link(
        "客户", "Customer", inverse=("experience_surveys", "体验调查", "Experience surveys")
    )
    item: Mapped[Item] = link("产品", "Item", inverse=("experience_surveys", "体验调查", "Experience surveys"))
    contact_name: Mapped[Name | None] = field("联系人", "Contact")
    sent_at: Mapped[datetime | None] = field("发出时间", "Sent at", computed=True)
    answered_at: Mapped[datetime | None] = field("答复时间", "Answered at", computed=True)
    usability_score: Mapped[int | None] = _score("易用性评分", "Usability score")
    appearance_score: Mapped[int | None] = _score("外观评分", "Appearance score")
    durability_score: Mapped[int | None] = _score("耐用性评分", "Durability score")
    recommend_score: Mapped[int | None] = _score("推荐意愿", "Recommendation score")
    comment: Mapped[str | None] = field("意见", "Comment", computed=True)
    suggestion: Mapped[str | None] = field("建议", "Suggestion", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    average_score: Mapped[Value] = derived(
        "平均分", "Average score",
        _average("usability_score", "appearance_score", "durability_score", "recommend_score"), filterable=True,
    )  # fmt: skip

    @step("发出", "Send", source=FeedbackState.DRAFT, target=FeedbackState.SENT)
    def send(self, ctx: Ctx) -> None:
        """Ask the customer; a link to the public page is made for it."""
        self.sent_at = datetime.now(UTC)

    @step(
        "答复",
        "Answer",
        source=FeedbackState.SENT,
        target=FeedbackState.ANSWERED,
        words=_SCORES,
        public=("customer", "survey_date", "item"),
    )
    def answer(
        self,
        ctx: Ctx,
        usability: int,
        appearance: int,
        durability: int,
        recommend: int,
        comment: str | None = None,
        suggestion: str | None = None,
    ) -> Iterator[Problem]:
        """What the customer says of the product."""
        yield from _outside(usability=usability, appearance=appearance, durability=durability, recommend=recommend)
        self.usability_score, self.appearance_score = usability, appearance
        self.durability_score, self.recommend_score = durability, recommend
        self.comment, self.suggestion, self.answered_at = comment, suggestion, datetime.now(UTC)

    @step("关闭", "Close", source=(FeedbackState.SENT, FeedbackState.ANSWERED), target=FeedbackState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nothing more is expected of it."""

    @step("取消", "Cancel", source=(FeedbackState.DRAFT, FeedbackState.SENT), target=FeedbackState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Ask no more."""
