"""How inspectors decide: what a receipt left in quarantine is measured, released or frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.stories.office import ANYTHING, Office


def of_receipt(office: Office, link: str, receipt_id: str) -> str:
    """The inspection that a receipt has led to (`link` names the receipt in it)."""
    question = f'{{ inspections(where: {{{link}: {{id: {{eq: "{receipt_id}"}}}}}}) {{ nodes {{ id }} }} }}'
    (found,) = office.see("inspector", question)
    return str(found)


def measured(office: Office, inspection: str, *values: str) -> None:
    """A measured value for each characteristic of the inspection, in order."""
    question = f'{{ inspection(id: "{inspection}") {{ characteristics {{ id position }} }} }}'
    rows = office.see("inspector", question)
    change = [{"id": row["id"], "measuredValue": value} for row, value in zip(rows, values, strict=True)]
    office.change("inspector", "Inspection", inspection, characteristics={"change": change})


def decided(office: Office, inspection: str, disposition: str, *, after: str) -> None:
    """The sample is looked at and all is well; `after` is what may be used of the item in all then."""
    found = _looked(office, inspection, disposition)
    with office.effect("boss", f'{{ item(code: "{found["item"]}") {{ available }} }}', ANYTHING, after):
        office.steps("inspector", "Inspection", inspection, "confirm")


def refused(office: Office, inspection: str, disposition: str, *, bad: int, defect: str) -> None:
    """Some of the sample is bad: what waited in quarantine is frozen, none of it may be used."""
    found = _looked(office, inspection, disposition, bad, [{"defectCode": defect, "quantity": str(bad)}])
    frozen = f'{{ stockOfDay(day: "{found["inspectionDate"]}", items: ["{found["item"]}"]) {{ places {{ status }} }} }}'
    with office.effect("boss", frozen, [["quarantine"]], [["frozen"]]):
        office.steps("inspector", "Inspection", inspection, "confirm")


def _looked(
    office: Office, inspection: str, disposition: str, bad: int = 0, defects: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """The figures of the whole sample."""
    question = f'{{ inspection(id: "{inspection}") {{ sampleSize inspectionDate item {{ code }} }} }}'
    found: dict[str, Any] = office.see("inspector", question)
    size = int(found["sampleSize"])
    figures = {"inspectedQuantity": str(size), "qualifiedQuantity": str(size - bad), "defectiveQuantity": str(bad)}
    lines = {"defects": {"add": list(defects)}} if defects else {}
    office.change("inspector", "Inspection", inspection, **figures, disposition=disposition, **lines)
    return found
