"""The demo company's 35 customers and 18 suppliers, with warehouses, units and machines. All of them are invented.

Names are put together from words that sound like a Zhejiang business but belong, as far as we know, to none; mail
addresses end in `.example`, which can never be registered.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

from hub.seed.cast import Customer, Employee, Location, Machine, Part, Supplier, Unit, Warehouse
from hub.seed.codes import credit_code, mobile_number

# city, name without city and legal form, trade, distance in km
_CUSTOMERS: tuple[tuple[str, str, str, int], ...] = (
    ("宁波", "海蓝星", "电器", 18),
    ("宁波", "甬禾", "家电", 25),
    ("宁波", "启帆达", "汽车部件", 32),
    ("宁波", "恒誉晟", "电动工具", 15),
    ("宁波", "鑫澜", "卫浴", 28),
    ("宁波", "博锐泰", "电子", 12),
    ("慈溪", "雅洁宝", "小家电", 60),
    ("慈溪", "凯林顿", "电器", 62),
    ("慈溪", "万顺和", "插座", 58),
    ("余姚", "德立丰", "照明", 50),
    ("余姚", "华塑源", "日用品", 48),
    ("余姚", "景明诚", "电器", 52),
    ("奉化", "正和晟", "气动元件", 35),
    ("象山", "润海", "渔具", 78),
    ("宁海", "文谷", "文具", 70),
    ("台州", "路桥鼎新", "摩配", 150),
    ("台州", "黄岩众联", "日用品", 155),
    ("温州", "瓯越达", "电气", 260),
    ("绍兴", "柯桥天织", "纺机", 110),
    ("杭州", "西溪智联", "智能家居", 160),
    ("杭州", "萧然达", "汽车内饰", 150),
    ("杭州", "云桥", "医疗器械", 165),
    ("嘉兴", "南湖优格", "厨卫", 140),
    ("湖州", "苕溪", "电梯配件", 210),
    ("金华", "婺江", "工具", 240),
    ("义乌", "百川汇", "进出口", 220),
    ("永康", "铁牛岭", "五金工具", 260),
    ("上海", "浦晨", "汽车技术", 220),
    ("上海", "申科谱", "仪器", 215),
    ("苏州", "金阊德", "电子科技", 270),
    ("昆山", "玉峰联", "精密机械", 255),
    ("无锡", "太湖云", "电动车", 310),
    ("常州", "龙城捷", "轨道配件", 350),
    ("合肥", "巢湖星", "家电", 480),
    ("青岛", "崂山海", "电器", 920),
)
# city, name, trade, category, lead days, reliability
_SUPPLIERS: tuple[tuple[str, str, str, str, int, float], ...] = (
    ("宁波", "甬港通", "塑化", "塑料原料", 5, 0.86),
    ("余姚", "塑城金源", "塑料", "塑料原料", 4, 0.82),
    ("余姚", "兴中汇", "塑化", "塑料原料", 6, 0.78),
    ("上海", "申聚", "新材料", "工程塑料", 9, 0.74),
    ("苏州", "聚瑞恒", "高分子材料", "工程塑料", 10, 0.72),
    ("杭州", "之江彩", "色母", "色母粒", 7, 0.84),
    ("台州", "彩虹岩", "色母", "色母粒", 8, 0.76),
    ("温州", "瑞铜", "五金", "嵌件", 8, 0.75),
    ("慈溪", "精螺", "五金", "嵌件", 6, 0.85),
    ("永康", "钢片王", "冲压", "嵌件", 9, 0.7),
    ("宁波", "纸尚", "包装", "包装材料", 3, 0.92),
    ("宁波", "永丰兴", "纸业", "包装材料", 3, 0.88),
    ("余姚", "柔塑", "包装", "包装材料", 4, 0.86),
    ("慈溪", "标印达", "印务", "包装材料", 4, 0.9),
    ("宁波", "润机", "润滑油", "辅料", 5, 0.9),
    ("宁波", "模之友", "模具", "模具外协", 20, 0.7),
    ("东莞", "华南模料", "工程塑料", "工程塑料", 12, 0.68),
    ("张家港", "江海聚", "化工", "塑料原料", 8, 0.8),
)
_SURNAMES = "金魏陶姜戚邹喻柏窦章云葛奚范鲁韦昌苗凤花俞柳鲍史费岑薛雷贺倪汤滕殷毕郝邬安常乐于时"
_GIVEN = ("先生", "女士", "经理", "主管")
_STREETS = ("创业路", "望海路", "科技大道", "兴工路", "迎宾大道", "振兴中路", "滨江路")


def customers(random: Random, sales: list[Employee], parts: list[Part]) -> list[Customer]:
    """35 customers, code `C001` on; each buys a few parts of its own choice, a few large ones most of them."""
    result: list[Customer] = []
    for index, (city, core, trade, distance) in enumerate(_CUSTOMERS):
        serial = index + 1
        weight = 1 / (1 + (index * 13 % len(_CUSTOMERS)) * 0.18)
        wanted = random.sample(parts, k=random.randint(4, 11))
        result.append(
            Customer(
                code=f"C{serial:03d}",
                name=f"{city}{core}{trade}有限公司",
                short_name=f"{core}{trade}",
                uscc=credit_code(2_000_000 + serial * 7919),
                contact=f"{_SURNAMES[index % len(_SURNAMES)]}{random.choice(_GIVEN)}",
                phone=mobile_number(1000 + serial),
                email=f"purchase@customer{serial:02d}.example",
                city=city,
                address=f"{city}市{random.choice(_STREETS)}{random.randint(8, 999)}号",
                distance=distance,
                credit_limit=_credit_limit(index, weight, random.choice((8, 10, 12, 14, 16))),
                payment_days=random.choice((30, 30, 45, 60, 60, 90)),
                lead_days=random.choice((10, 12, 14, 14, 16, 18, 21)),
                weight=weight,
                sales_rep=sales[index % len(sales)].code,
                parts=tuple(sorted(part.code for part in wanted)),
            )
        )
    return result


def _credit_limit(index: int, weight: float, trust: int) -> Decimal | None:
    """Of every fifth: room for what a customer of this share usually owes and has ordered, about twice."""
    if index % 5 != 4:
        return None
    return Decimal(300_000 + round(weight * trust) * 100_000)


def suppliers(random: Random) -> list[Supplier]:
    """18 suppliers, code `S001` on, with what they promise and how often they keep it."""
    result: list[Supplier] = []
    for index, (city, core, trade, category, lead_days, reliability) in enumerate(_SUPPLIERS):
        serial = index + 1
        result.append(
            Supplier(
                code=f"S{serial:03d}",
                name=f"{city}{core}{trade}有限公司",
                short_name=f"{core}{trade}",
                uscc=credit_code(6_000_000 + serial * 6151),
                category=category,
                contact=f"{_SURNAMES[-1 - index]}{random.choice(_GIVEN)}",
                phone=mobile_number(2000 + serial),
                email=f"sales@supplier{serial:02d}.example",
                city=city,
                address=f"{city}市{random.choice(_STREETS)}{random.randint(8, 999)}号",
                payment_days=random.choice((0, 30, 30, 45, 60)),
                lead_days=lead_days,
                reliability=reliability,
                admission="pending" if category == "模具外协" else "admitted",
                bank_account=f"000{random.randint(10**12, 10**13 - 1)}",
            )
        )
    return result


def units() -> list[Unit]:
    """The units in use; `factor` converts to the base unit of the dimension."""
    return [
        Unit("PCS", "个", "数量", Decimal(1)),
        Unit("SET", "套", "数量", Decimal(1)),
        Unit("KPCS", "千个", "数量", Decimal(1000)),
        Unit("KG", "千克", "质量", Decimal(1)),
        Unit("G", "克", "质量", Decimal("0.001")),
        Unit("T", "吨", "质量", Decimal(1000)),
    ]


def warehouses(keepers: list[Employee]) -> list[Warehouse]:
    """Raw material, packaging, finished goods and quarantine."""
    finished, raw = keepers
    return [
        Warehouse("CK01", "原料仓", "raw", raw.code),
        Warehouse("CK02", "包材辅料仓", "consumable", raw.code),
        Warehouse("CK03", "成品仓", "finished", finished.code),
        Warehouse("CK04", "不合格品隔离仓", "quarantine", finished.code),
    ]


def locations() -> list[Location]:
    """Racks by warehouse: `A-01` … raw material, `B-…` packaging, `C-…` finished goods, `Q-…` quarantine."""
    plan = (("CK01", "A", 8), ("CK02", "B", 6), ("CK03", "C", 24), ("CK04", "Q", 2))
    return [
        Location(f"{letter}-{number:02d}", f"{letter}区{number:02d}架", warehouse)
        for warehouse, letter, count in plan
        for number in range(1, count + 1)
    ]


def machines() -> list[Machine]:
    """Sixteen injection moulding machines, smallest first."""
    tonnages = (90, 90, 90, 120, 120, 160, 160, 160, 200, 200, 250, 250, 320, 320, 450, 650)
    return [Machine(f"ZS-{number:02d}", tonnage) for number, tonnage in enumerate(tonnages, start=1)]
