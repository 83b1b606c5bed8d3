"""Makes the workbook that the personnel office would keep: a title, an empty row, a Chinese header, a row per person.

python examples/northwind/make_people_workbook.py FOLDER/employees.csv people.xlsx
"""

import csv
import datetime as dt
import sys
from pathlib import Path

from openpyxl import Workbook

SHEET = "人员"
HEADER = ("工号", "姓名", "职务", "性别", "出生日期", "入职日期", "电话")
TITLES = {"Ms.": "女", "Mrs.": "女", "Mr.": "男"}
"""Form of address → sex; a doctor's says nothing."""


def make_workbook(employees: Path, target: Path) -> int:
    """Writes the workbook from Northwind's employees.csv; the number of persons."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = SHEET
    sheet.append(["人员花名册"])
    sheet.append([])
    sheet.append(HEADER)
    with employees.open(encoding="utf-8-sig", newline="") as file:
        people = list(csv.DictReader(file))
    for row in people:
        sheet.append(
            [
                int(row["employee_id"]),
                f"{row['first_name']} {row['last_name']}",
                row["title"],
                TITLES.get(row["title_of_courtesy"], "-"),
                dt.date.fromisoformat(row["birth_date"]),
                dt.date.fromisoformat(row["hire_date"]),
                row["home_phone"],
            ]
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(target)
    return len(people)


def main(arguments: list[str]) -> int:
    """The command line; 0 when the workbook was written."""
    if len(arguments) != 2 or not Path(arguments[0]).is_file():
        sys.stderr.write("用法 usage: make_people_workbook.py employees.csv people.xlsx\n")
        return 2
    sys.stdout.write(f"{make_workbook(Path(arguments[0]), Path(arguments[1]))} → {arguments[1]}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
