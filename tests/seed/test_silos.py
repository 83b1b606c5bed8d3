"""The silos as files: read back by other means than ours, they hold what was planted and nothing else is wrong."""

from __future__ import annotations

import csv
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub.seed import contradictions
from hub.seed.contradictions import COUNTS
from hub.seed.silos import DATABASE, INSPECTIONS, STORE, WORKSHOP, demo, write
from hub.seed.story import demo_folder

Rows = list[dict[str, Any]]
BLANKS = " \u3000"


class Files:
    """The demo folder, read with sqlite3, csv and openpyxl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, Rows] = {}

    def _once(self, name: str, read: Callable[[], Rows]) -> Rows:
        if name not in self._read:
            self._read[name] = read()
        return self._read[name]

    def erp(self, table: str) -> Rows:
        with sqlite3.connect(self.folder / DATABASE) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f'select * from "{table}"')]

    def workshop(self, name: str, encoding: str = "utf-8") -> Rows:
        with (self.folder / WORKSHOP / name).open(encoding=encoding, newline="") as file:
            return [{key.lstrip("\ufeff"): value for key, value in row.items()} for row in csv.DictReader(file)]

    def _sheet(self, workbook: str, name: str) -> Rows:
        book = openpyxl.load_workbook(self.folder / workbook, read_only=True)
        rows = list(book[name].iter_rows(values_only=True))
        book.close()
        return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]

    def store(self, name: str) -> Rows:
        return self._once(name, lambda: self._sheet(STORE, name))

    def quality(self, name: str) -> Rows:
        return self._once(name, lambda: self._sheet(INSPECTIONS, name))


@pytest.fixture(scope="session")
def files() -> Files:
    """The demo folder of the tests' home, filled by whichever test comes first: nobody changes it."""
    write(demo()[1], demo_folder())
    return Files(demo_folder())


def planted(kind: str, silo: str | None = None) -> set[str]:
    """The keys of what was planted."""
    return {one.key for one in contradictions() if one.kind == kind and silo in (None, one.silo)}


def test_every_kind_is_planted_as_often_as_declared() -> None:
    assert Counter(one.kind for one in contradictions()) == COUNTS
    assert len({(one.kind, one.silo, one.key) for one in contradictions()}) == sum(COUNTS.values())


def test_no_row_is_bent_twice() -> None:
    rows = [(one.silo, one.table, one.key) for one in contradictions()]
    assert len(set(rows)) == len(rows)


def test_deliveries_against_stock(files: Files) -> None:
    items = {row["FItemID"]: row["FNumber"] for row in files.erp("t_ICItem")}
    numbers = {row["FInterID"]: row["FBillNo"] for row in files.erp("SEOutStock")}
    delivered: dict[str, Decimal] = defaultdict(Decimal)
    for row in files.erp("SEOutStockEntry"):
        delivered[f"{numbers[row['FInterID']]}/{items[row['FItemID']]}"] += Decimal(str(row["FQty"]))
    issued: dict[str, Decimal] = defaultdict(Decimal)
    for row in files.store("出库"):
        if row["类型"] == "销售出库":
            item = row["物料编码"].strip(BLANKS)
            issued[f"{row['来源单号']}/{item}"] += Decimal(str(row["数量"]))
    assert set(delivered) - set(issued) == planted("delivered_without_stock_out")
    assert set(issued) - set(delivered) == planted("stock_out_without_delivery")
    both = set(issued) & set(delivered)
    assert {key for key in both if issued[key] != delivered[key]} == planted("quantity_differs")
    for one in contradictions():
        if one.kind == "quantity_differs":
            assert (delivered[one.key], issued[one.key]) == (Decimal(one.truth), Decimal(one.found))


def test_reported_against_inspected_and_stored(files: Files) -> None:
    inspected: Counter[str] = Counter()
    qualified: Counter[str] = Counter()
    stored: Counter[str] = Counter()
    for row in files.quality("成品检验"):
        inspected[row["生产单号"]] += row["检验数量"]
        qualified[row["生产单号"]] += row["合格数量"]
        assert row["检验数量"] == row["合格数量"] + row["不合格数量"]
    for row in files.store("入库"):
        if row["类型"] == "完工入库":
            stored[row["来源单号"]] += row["入库数量"]
    reported: Counter[str] = Counter()
    for row in files.workshop("日报.csv"):
        reported[row["生产单号"]] += int(row["良品数"])
    completed = {row["生产单号"]: int(row["完工数量"]) for row in files.workshop("生产订单.csv")}
    assert {key for key, value in completed.items() if value != inspected[key]} == planted("completed_over_inspected")
    assert all(value >= inspected[key] for key, value in completed.items())
    assert all(value == reported[key] for key, value in completed.items())
    assert stored == qualified


def test_customers_under_a_second_spelling(files: Files) -> None:
    customers = {row["FNumber"]: row for row in files.erp("t_Organization")}
    assert len(customers) == 35 + COUNTS["customer_spelling"]
    used = {row["FCustID"] for row in files.erp("SEOrder")}
    for one in contradictions():
        if one.kind == "customer_spelling":
            first, second = customers[one.truth], customers[one.key]
            assert second["FName"] == one.found != first["FName"]
            assert (second["FPhone"], second["FAddress"]) == (first["FPhone"], first["FAddress"])
            assert {first["FItemID"], second["FItemID"]} <= used
    phones = Counter(row["FPhone"] for row in customers.values())
    assert sum(count - 1 for count in phones.values()) == COUNTS["customer_spelling"]


def test_unknown_items(files: Files) -> None:
    known = {row["FNumber"] for row in files.erp("t_ICItem")}
    assert len(known) == 95
    out = {row["序号"] for row in files.store("出库") if row["物料编码"].strip(BLANKS) not in known}
    assert out == planted("unknown_item", "storehouse")
    incoming = {row["检验单号"] for row in files.quality("来料检验") if row["物料编码"] not in known}
    assert incoming == planted("unknown_item", "quality")
    for rows, column in (
        (files.store("入库"), "物料编码"),
        (files.store("期初"), "物料编码"),
        (files.quality("成品检验"), "物料编码"),
        (files.workshop("用料.csv", "gb18030"), "物料编码"),
    ):
        assert {row[column] for row in rows} <= known


def test_orders_of_a_deleted_customer(files: Files) -> None:
    customers = {row["FItemID"] for row in files.erp("t_Organization")}
    lost = {str(row["FInterID"]) for row in files.erp("SEOrder") if row["FCustID"] not in customers}
    assert lost == planted("missing_customer")


def test_doubled_rows(files: Files) -> None:
    for rows, key, silo in (
        (files.workshop("生产订单.csv"), "生产单号", "workshop"),
        (files.quality("来料检验"), "检验单号", "quality"),
    ):
        counted = Counter(row[key] for row in rows)
        assert {value for value, count in counted.items() if count > 1} == planted("duplicated_row", silo)
        for value in planted("duplicated_row", silo):
            first, second = (row for row in rows if row[key] == value)
            assert first == second
    assert not any(count > 1 for count in Counter(row["序号"] for row in files.store("出库")).values())


def test_wrong_dates(files: Files) -> None:
    incoming = {row["检验单号"] for row in files.quality("来料检验") if not isinstance(row["检验日期"], datetime)}
    assert incoming == planted("wrong_date", "quality")
    reports = {row["报工单号"] for row in files.workshop("日报.csv") if not _is_day(row["日期"])}
    assert reports == planted("wrong_date", "workshop")
    assert all(isinstance(row["日期"], datetime) for name in ("入库", "出库", "期初") for row in files.store(name))
    for row in files.workshop("生产订单.csv"):
        assert all(not row[name] or _is_day(row[name]) for name in ("下单日期", "计划开工", "计划完工", "实际完工"))


def test_trailing_blanks(files: Files) -> None:
    out = {row["序号"] for row in files.store("出库") if row["物料编码"] != row["物料编码"].strip(BLANKS)}
    assert out == planted("trailing_blank", "storehouse")
    orders = files.workshop("生产订单.csv")
    assert {row["生产单号"] for row in orders if row["产品编码"] != row["产品编码"].strip(BLANKS)} == planted(
        "trailing_blank", "workshop"
    )


def test_headers_are_the_sum_of_their_lines(files: Files) -> None:
    for header, entry, tax in (("SEOrder", "SEOrderEntry", False), ("POOrder", "POOrderEntry", True)):
        total: dict[int, Decimal] = defaultdict(Decimal)
        for row in files.erp(entry):
            total[row["FInterID"]] += Decimal(str(row["FAmount"]))
        for row in files.erp(header):
            assert Decimal(str(row["FTotalAmount"])) == total[row["FInterID"]]
            if tax:
                assert abs(Decimal(str(row["FTaxAmount"])) - total[row["FInterID"]] * 13 / 100) <= Decimal("0.005")
    assert len({row["FDetailID"] for row in files.erp("SEOrderEntry")}) == len(files.erp("SEOrderEntry"))


def test_encodings_are_those_of_a_chinese_office(files: Files) -> None:
    assert (files.folder / WORKSHOP / "生产订单.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    content = (files.folder / WORKSHOP / "用料.csv").read_bytes()
    assert content.decode("gb18030").startswith("生产单号,序号,物料编码")
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_the_same_content_gives_the_same_bytes_and_is_not_written_twice(files: Files, tmp_path: Path) -> None:
    assert write(demo()[1], tmp_path)
    names = [path.relative_to(tmp_path) for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert len(names) == 8
    for name in names:
        assert (tmp_path / name).read_bytes() == (files.folder / name).read_bytes(), name
    edited = tmp_path / WORKSHOP / "日报.csv"
    edited.write_text("报工单号\n", encoding="utf-8")
    assert not write(demo()[1], tmp_path)
    assert edited.read_text(encoding="utf-8") == "报工单号\n"
    (tmp_path / DATABASE).unlink()
    assert write(demo()[1], tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == (files.folder / DATABASE).read_bytes()


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        return False
    return True
