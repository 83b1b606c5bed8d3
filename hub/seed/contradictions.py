"""Plants the contradictions that silos have, and remembers each, so that a check can be held against what was planted.

The departments' rows start out true to the simulated year; what is bent here is bent at known keys, and no row is
bent twice. `contradictions()` in hub/seed gives the list for the demo company.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from hub.seed.silo_erp import Cell, Rows
from hub.seed.silo_files import FINAL, INCOMING, ISSUE, ORDERS, OUTWARD, REPORTS, SALE

COUNTS = {
    "delivered_without_stock_out": 17,
    "stock_out_without_delivery": 9,
    "quantity_differs": 14,
    "completed_over_inspected": 11,
    "customer_spelling": 3,
    "unknown_item": 6,
    "missing_customer": 3,
    "duplicated_row": 7,
    "wrong_date": 7,
    "trailing_blank": 13,
}
"""How many of each kind the demo company has."""

_WRONG_DATES = ("2025-02-30", "待定", "2025-13-05", "25年3月初", "2025-06-31", "昨天", "0000-00-00")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One planted contradiction.

    Attributes:
        kind: one of the keys of COUNTS.
        silo: code of the source where the wrong row stands, or is missing: erp, workshop, storehouse, quality.
        table: the table, file or sheet in that silo.
        key: what identifies the case to a check: `FH2601-0012/CP-1001-BK` (delivery/item), a production order's
            number, a customer's code, otherwise the key of the row in its table.
        truth: what would have been right; empty where a row is missing or too many.
        found: what the silo says.
    """

    kind: str
    silo: str
    table: str
    key: str
    truth: str = ""
    found: str = ""


@dataclass(slots=True)
class Silos:
    """The rows of the four silos: table, file or sheet → rows."""

    erp: dict[str, Rows]
    workshop: dict[str, Rows]
    storehouse: dict[str, Rows]
    quality: dict[str, Rows]


def plant(random: Random, silos: Silos) -> tuple[Contradiction, ...]:
    """Bends the silos' rows in place and returns what was bent, in the order of COUNTS."""
    planter = _Planter(random, silos)
    planter.deliveries_against_stock()
    planter.over_reporting()
    planter.customer_spellings()
    planter.unknown_items()
    planter.missing_customers()
    planter.doubled_rows()
    planter.wrong_dates()
    planter.trailing_blanks()
    order = list(COUNTS)
    return tuple(sorted(planter.planted, key=lambda one: (order.index(one.kind), one.table, one.key)))


class _Planter:
    def __init__(self, random: Random, silos: Silos) -> None:
        self.planted: list[Contradiction] = []
        self._random, self._silos = random, silos
        self._touched: set[tuple[str, str]] = set()

    def _add(self, kind: str, silo: str, table: str, key: str, truth: object = "", found: object = "") -> None:
        self.planted.append(Contradiction(kind, silo, table, key, str(truth), str(found)))

    def _choose(self, table: str, key: str, rows: Iterable[dict[str, Cell]], count: int) -> Rows:
        """So many rows that nothing has bent yet, in the order in which they stand; `key` is what identifies them."""
        free = [row for row in rows if (table, str(row[key])) not in self._touched]
        chosen = sorted(self._random.sample(range(len(free)), k=count))
        self._touched.update((table, str(free[index][key])) for index in chosen)
        return [free[index] for index in chosen]

    def deliveries_against_stock(self) -> None:
        """Delivered yet not issued, issued yet not delivered, and quantities that differ."""
        erp, sheet = self._silos.erp, self._silos.storehouse[OUTWARD]
        issued: dict[tuple[Cell, Cell], Rows] = defaultdict(list)
        for row in sheet:
            if row["类型"] == SALE:
                issued[row["来源单号"], row["行号"]].append(row)
        lines: dict[Cell, Rows] = defaultdict(list)
        for entry in erp["SEOutStockEntry"]:
            lines[entry["FInterID"]].append(entry)
        single = [head for head in erp["SEOutStock"] if len(issued[head["FBillNo"], 1]) == 1 and head["FSignDate"]]
        forgotten = self._choose(
            "SEOutStock", "FBillNo", single, COUNTS["delivered_without_stock_out"] + COUNTS["quantity_differs"]
        )
        for index, head in enumerate(forgotten):
            row = issued[head["FBillNo"], 1][0]
            if index < COUNTS["delivered_without_stock_out"]:
                sheet.remove(row)
                self._add("delivered_without_stock_out", "storehouse", OUTWARD, _case(row), row["数量"])
            else:
                self._shrink(row)
        alone = [head for head in single if len(lines[head["FInterID"]]) == 1]
        for head in self._choose("SEOutStock", "FBillNo", alone, COUNTS["stock_out_without_delivery"]):
            self._forget_delivery(head, lines[head["FInterID"]][0], issued[head["FBillNo"], 1][0])

    def _shrink(self, row: dict[str, Cell]) -> None:
        right = _decimal(row["数量"])
        wrong = right - max(Decimal(1), (right * self._random.randint(2, 15) / 100).to_integral_value())
        row["数量"] = wrong
        self._touched.add((OUTWARD, str(row["序号"])))
        self._add("quantity_differs", "storehouse", OUTWARD, _case(row), right, wrong)

    def _forget_delivery(self, head: dict[str, Cell], line: dict[str, Cell], issue: dict[str, Cell]) -> None:
        """The goods have left, sales never entered the note, so the order is still open in the ERP."""
        erp = self._silos.erp
        erp["SEOutStock"].remove(head)
        erp["SEOutStockEntry"].remove(line)
        self._touched.add((OUTWARD, str(issue["序号"])))
        self._add("stock_out_without_delivery", "erp", "SEOutStock", _case(issue), line["FQty"])
        for order in erp["SEOrder"]:
            if order["FInterID"] == head["FOrderInterID"]:
                order["FClosed"] = 0

    def over_reporting(self) -> None:
        """Production reports more than quality ever saw: the last daily report of an order is rounded up generously."""
        inspected: dict[Cell, Decimal] = defaultdict(Decimal)
        for row in self._silos.quality[FINAL]:
            inspected[row["生产单号"]] += _decimal(row["检验数量"])
        done = [row for row in self._silos.workshop[ORDERS] if row["状态"] == "已完工" and inspected[row["生产单号"]]]
        last = {row["生产单号"]: row for row in self._silos.workshop[REPORTS]}
        for row in self._choose(ORDERS, "生产单号", done, COUNTS["completed_over_inspected"]):
            right = int(_decimal(row["完工数量"]))
            wrong = right + max(10, right * self._random.randint(8, 23) // 100)
            report = last[row["生产单号"]]
            report["良品数"] = int(_decimal(report["良品数"])) + wrong - right
            row["完工数量"] = wrong
            self._add("completed_over_inspected", "workshop", ORDERS, str(row["生产单号"]), right, wrong)

    def customer_spellings(self) -> None:
        """The same customer entered a second time under another spelling; some of its orders hang on the second."""
        erp = self._silos.erp
        known = erp["t_Organization"]
        for index, row in enumerate(self._choose("t_Organization", "FNumber", known[:], COUNTS["customer_spelling"])):
            name = str(row["FName"])
            spelling = (
                name.replace("有限公司", "有限责任公司"),
                name.removeprefix(str(row["FCity"])).replace("有限公司", "公司"),
                f"{row['FCity']}市 {row['FShortName']} 有限公司",
            )[index % 3]
            second = row | {
                "FItemID": _next_id(known, "FItemID"),
                "FNumber": f"C{len(known) + 1:03d}",
                "FName": spelling,
                "FTaxNum": None if index % 3 == 2 else row["FTaxNum"],
            }
            known.append(second)
            moved = {head["FInterID"] for head in erp["SEOrder"] if head["FCustID"] == row["FItemID"]}
            moved = {key for key in moved if isinstance(key, int) and key % 3 == 0}
            for table, reference in (("SEOrder", "FInterID"), ("SEOutStock", "FOrderInterID")):
                for head in erp[table]:
                    if head[reference] in moved:
                        head["FCustID"] = second["FItemID"]
            self._add("customer_spelling", "erp", "t_Organization", str(second["FNumber"]), row["FNumber"], spelling)

    def unknown_items(self) -> None:
        """A code without its hyphen: it exists nowhere."""
        issues = [row for row in self._silos.storehouse[OUTWARD] if row["类型"] == ISSUE]
        count = COUNTS["unknown_item"]
        chosen = [
            ("storehouse", OUTWARD, "序号", row) for row in self._choose(OUTWARD, "序号", issues, count - count // 3)
        ]
        chosen += [
            ("quality", INCOMING, "检验单号", row)
            for row in self._choose(INCOMING, "检验单号", self._silos.quality[INCOMING], count // 3)
        ]
        for silo, table, key, row in chosen:
            right = str(row["物料编码"])
            row["物料编码"] = right.replace("-", "")
            self._add("unknown_item", silo, table, str(row[key]), right, row["物料编码"])

    def missing_customers(self) -> None:
        """Orders whose customer was deleted from the ERP: copies of real ones, so nothing else hangs on them."""
        erp = self._silos.erp
        heads = [head for head in erp["SEOrder"] if head["FClosed"]]
        for index, head in enumerate(self._choose("SEOrder", "FBillNo", heads, COUNTS["missing_customer"])):
            lost = head | {
                "FInterID": _next_id(erp["SEOrder"], "FInterID"),
                "FBillNo": f"{str(head['FBillNo'])[:6]}-9{index + 1:03d}",
                "FCustID": 1990 + index,
                "FPOOrdBillNo": None,
                "FClosed": 0,
            }
            entries = [one for one in erp["SEOrderEntry"] if one["FInterID"] == head["FInterID"]]
            erp["SEOrder"].append(lost)
            for entry in entries:
                detail = _next_id(erp["SEOrderEntry"], "FDetailID")
                erp["SEOrderEntry"].append(entry | {"FDetailID": detail, "FInterID": lost["FInterID"]})
            found = f"{lost['FBillNo']}: {lost['FCustID']}"
            self._add("missing_customer", "erp", "SEOrder", str(lost["FInterID"]), head["FCustID"], found)

    def doubled_rows(self) -> None:
        """A row pasted twice."""
        count = COUNTS["duplicated_row"]
        for silo, tables, table, key, share in (
            ("workshop", self._silos.workshop, ORDERS, "生产单号", count - count // 2),
            ("quality", self._silos.quality, INCOMING, "检验单号", count // 2),
        ):
            rows = tables[table]
            for row in self._choose(table, key, rows, share):
                rows.insert(rows.index(row) + 1, dict(row))
                self._add("duplicated_row", silo, table, str(row[key]))

    def wrong_dates(self) -> None:
        """A day that is none, where a date belongs."""
        count = COUNTS["wrong_date"]
        inspections = self._choose(INCOMING, "检验单号", self._silos.quality[INCOMING], count - count // 2)
        reports = self._choose(REPORTS, "报工单号", self._silos.workshop[REPORTS], count // 2)
        places = [("quality", INCOMING, "检验单号", "检验日期", row) for row in inspections]
        places += [("workshop", REPORTS, "报工单号", "日期", row) for row in reports]
        for index, (silo, table, key, column, row) in enumerate(places):
            right, wrong = row[column], _WRONG_DATES[index % len(_WRONG_DATES)]
            row[column] = wrong
            self._add("wrong_date", silo, table, str(row[key]), right, wrong)

    def trailing_blanks(self) -> None:
        """Blanks after a code, half width and full width, as a copied cell brings them along."""
        count = COUNTS["trailing_blank"]
        for silo, rows, table, key, column, share in (
            ("storehouse", self._silos.storehouse[OUTWARD], OUTWARD, "序号", "物料编码", count - count // 3),
            ("workshop", self._silos.workshop[ORDERS], ORDERS, "生产单号", "产品编码", count // 3),
        ):
            for index, row in enumerate(self._choose(table, key, rows, share)):
                right = str(row[column])
                row[column] = right + (" ", "\u3000", "  ")[index % 3]
                self._add("trailing_blank", silo, table, str(row[key]), right, row[column])


def _case(issue: dict[str, Cell]) -> str:
    """A delivery and the item on it, as the reconciliations name a case."""
    return f"{issue['来源单号']}/{issue['物料编码']}"


def _decimal(cell: Cell) -> Decimal:
    """A quantity cell as a number."""
    return Decimal(str(cell))


def _next_id(rows: Rows, column: str) -> int:
    """The integer key after the last one."""
    last = rows[-1][column]
    assert isinstance(last, int)
    return last + 1
