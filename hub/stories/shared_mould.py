"""Two customers, one mould, one day: the schedule lets the second order wait for the mould beside a free press."""

from __future__ import annotations

from hub.stories import making
from hub.stories.base_data import bill, item, mould, routing
from hub.stories.office import Astray, Office, same

DAY = "2026-04-06"
RUNS = """query ($id: ID!) { schedule(id: $id) { leftOut runs { workCentre { code } mould startsAt finishesAt changeover
    lateMinutes productionOrder { id } } } }"""


def tell(office: Office) -> None:
    """The schedule is published, the orders know their times, and the mould is in one press at a time."""
    office.tell(
        "海天和远洋的订单同一天要用同一副模具 MJ-8；两台注塑机都空着。",
        "Two orders of one day need the mould MJ-8; both presses are free.",
    )
    item(office, "MO-MUG", "共模马克杯", "FINISHED")
    item(office, "MO-PP", "共模粒料", "RAW")
    bill(office, "MO-MUG", **{"MO-PP": "0.08"})
    mould(office, "MJ-8")
    operation = {"sequence": 10, "operation": "MOLD", "mould": "MJ-8", "setupMinutes": "60", "runMinutes": "0.48"}
    routing(office, "MO-MUG", operation)
    first = making.order(office, "MO-MUG", "375", DAY, DAY)
    second = making.order(office, "MO-MUG", "250", DAY, DAY)
    schedule = office.make("planner", "Schedule", fromDate=DAY, untilDate="2026-04-30")
    office.steps("planner", "Schedule", schedule, "calculate")
    begins = f'{{ productionOrder(id: "{second}") {{ operations {{ plannedStartAt }} }} }}'
    with office.effect("worker", begins, [None], ["2026-04-06T12:00:00+08:00"]):
        office.steps("planner", "Schedule", schedule, "publish")
    found = office.ask("worker", RUNS, id=schedule)["schedule"]
    runs = {one["productionOrder"]["id"]: one for one in found["runs"]}
    one, two = runs[first], runs[second]
    office.tell(
        "排产：第一单 8 点换模开机，12 点第二单接着用这副模具，不再换模，都不误期。",
        "The first begins at 8 with a changeover, the second takes the mould over at 12 without one; neither is late.",
    )
    same("moulds", (one["mould"], two["mould"]), ("MJ-8", "MJ-8"))
    if one["finishesAt"] > two["startsAt"]:
        raise Astray("the mould is in two presses at once")
    same("changeovers", (one["changeover"], two["changeover"]), (True, False))
    same("late", (one["lateMinutes"], two["lateMinutes"]), (0, 0))
    _broken(office, second)
    for order in (first, second):
        office.steps("planner", "ProductionOrder", order, "close")


def _broken(office: Office, order: str) -> None:
    """The mould must be mended; what it was to make is put off, and the workshop sees it."""
    office.tell(
        "12 点模具要送修一天，重新排产：第二单推到次日。",
        "At noon the mould goes to be mended for a day; scheduled anew, the second order begins when it is back.",
    )
    away = {"mould": "MJ-8", "startsAt": f"{DAY}T12:00:00+08:00", "finishesAt": "2026-04-07T12:00:00+08:00"}
    again = office.make("planner", "Schedule", fromDate=DAY, untilDate="2026-04-30", stops=[away])
    office.steps("planner", "Schedule", again, "calculate")
    begins = f'{{ productionOrder(id: "{order}") {{ operations {{ plannedStartAt }} }} }}'
    with office.effect("worker", begins, ["2026-04-06T12:00:00+08:00"], ["2026-04-07T12:00:00+08:00"]):
        office.steps("planner", "Schedule", again, "publish")
