"""What customers say: surveys answered through a link without an account, a talk, a wish, and what we plan from it."""

from __future__ import annotations

from hub.stories.base_data import item, proposals
from hub.stories.office import Office

SAID = '{ interactions(where: {customer: {code: {eq: "K1"}}, subject: {eq: "明年用量"}}) { nodes { state outcome } } }'
CALLS = """{ interactions(where: {customer: {code: {eq: "K1"}}, state: {eq: PLANNED}}, orderBy: [{number: ASC}]) {
    nodes { kind content } } }"""
DESIGNS = '{ productDesigns(where: {item: {code: {eq: "AS-LAMP"}}}) { nodes { designVersion state } } }'


def tell(office: Office) -> None:
    """The customer scores us twice by links; what he says of next year reaches design and planning."""
    item(office, "AS-LAMP", "调查用台灯", "FINISHED")
    _scored(office)
    _wished(office)
    _planned(office)


def _scored(office: Office) -> None:
    """By the link, once; whoever is not content is to be called."""
    office.tell(
        "满意度调查：客户在链接页面上打分，价格只给 2 分，次日回访。",
        "The customer gives 2 for the price by a link: he is to be called.",
    )
    survey = office.make("seller", "SatisfactionSurvey", customer="K1", surveyDate="2026-08-03")
    office.steps("seller", "SatisfactionSurvey", survey, "send")
    page = office.link("seller", "SatisfactionSurvey", survey, "answer")
    scores = {"quality": "3", "delivery": "5", "service": "5", "price": "2", "comment": "处理很快"}
    with office.effect("manager", CALLS, [], [{"kind": "CALL", "content": "处理很快"}]):
        office.answer(page, "SatisfactionSurvey", "answer", "海天机械有限公司", **scores)
    office.expect("seller", f'{{ satisfactionSurvey(id: "{survey}") {{ averageScore }} }}', "3.750000")
    office.tell("体验调查：台灯耐用性 1 分，也要回访。", "The lamp gets 1 for durability: another call.")
    survey = office.make("seller", "ExperienceSurvey", customer="K1", item="AS-LAMP", surveyDate="2026-08-03")
    office.steps("seller", "ExperienceSurvey", survey, "send")
    page = office.link("seller", "ExperienceSurvey", survey, "answer")
    scores = {"usability": "4", "appearance": "3", "durability": "1", "recommend": "4", "comment": "开关松动"}
    more = [{"kind": "CALL", "content": "处理很快"}, {"kind": "CALL", "content": "开关松动"}]
    with office.effect("manager", CALLS, more[:1], more):
        office.answer(page, "ExperienceSurvey", "answer", **scores)


def _wished(office: Office) -> None:
    """A survey's conclusion stands among the talks with the customer; his wish becomes the draft of a design."""
    office.tell(
        "调研：明年要 6000 只；提出定制灯臂，批准后生成设计草稿。",
        "He needs 6,000 next year, and a longer arm: a design is begun.",
    )
    about = {"customer": "K1", "topic": "明年用量", "channel": "VISIT", "surveyDate": "2026-08-04"}
    found = {"needs": "每月 500 只", "conclusion": "明年约 6000 只", "score": 4}
    survey = office.make("seller", "CustomerSurvey", **about, **found)
    with office.effect("seller", SAID, [], [{"state": "DONE", "outcome": "明年约 6000 只"}]):
        office.steps("seller", "CustomerSurvey", survey, "complete")
    wish = {"requirement": "灯臂加长 10 厘米", "quantity": "6000", "feasible": True, "wantedDate": "2027-01-04"}
    lines = [{"characteristic": "臂长", "value": "45 厘米"}]
    request = office.make("seller", "CustomizationRequest", customer="K1", item="AS-LAMP", lines=lines, **wish)
    office.steps("seller", "CustomizationRequest", request, "submit")
    with office.effect("engineer", DESIGNS, [], [{"designVersion": "A", "state": "DRAFT"}]):
        office.steps("seller", "CustomizationRequest", request, "approve")


def _planned(office: Office) -> None:
    """The sales plan stands as a forecast; approved, the requirements run makes for it."""
    office.tell(
        "销售计划 500 只生成预测草稿；预测批准后，MRP 提出生产 500 只。",
        "The plan's 500 become a forecast, and then a proposal to make them.",
    )
    lines = [{"month": 1, "item": "AS-LAMP", "customer": "K1", "quantity": "500", "amount": "20000"}]
    plan = office.make("seller", "SalesPlan", year=2027, lines=lines)
    office.steps("seller", "SalesPlan", plan, "submit")
    drafts = "{ marketForecasts(where: {state: {eq: DRAFT}}) { nodes { lines { month quantity } } } }"
    with office.effect("seller", drafts, [], [[{"month": "2027-01-01", "quantity": "500.0000"}]]):
        office.steps("seller", "SalesPlan", plan, "approve")
    (forecast,) = office.see("seller", "{ marketForecasts(where: {state: {eq: DRAFT}}) { nodes { id } } }")
    body = {"fromDate": "2027-01-04", "untilDate": "2027-01-31", "source": "FORECAST"}
    run = office.make("planner", "ProductionPlan", **body)
    proposed = proposals(run, "AS-LAMP")
    wanted = [{"item": "AS-LAMP", "quantity": "500.0000"}]
    again = ("planner", "ProductionPlan", run, "calculate")
    with office.effect("planner", proposed, [], wanted, anew=again):
        office.steps("seller", "MarketForecast", forecast, "approve")
    office.steps("planner", "ProductionPlan", run, "cancel")
