"""How inspectors decide: what a receipt left in quarantine is measured, released or frozen."""

from __future__ import annotations

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


def decided(
    office: Office, inspection: str, disposition: str, *, bad: int = 0, defect: str | None = None, after: str
) -> None:
    """The sample is looked at and the lot decided; `after` is what may be used of the item in all then."""
    question = f'{{ inspection(id: "{inspection}") {{ sampleSize item {{ code }} }} }}'
    found = office.see("inspector", question)
    size = int(found["sampleSize"])
    figures = {"inspectedQuantity": str(size), "qualifiedQuantity": str(size - bad), "defectiveQuantity": str(bad)}
    told = {"defects": {"add": [{"defectCode": defect, "quantity": str(bad)}]}} if defect else {}
    office.change("inspector", "Inspection", inspection, **figures, disposition=disposition, **told)
    usable = f'{{ item(code: "{found["item"]}") {{ available }} }}'
    with office.effect("boss", usable, ANYTHING, after):
        office.steps("inspector", "Inspection", inspection, "confirm")
