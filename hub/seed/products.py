"""What the demo company makes and what it makes it from: 42 moulds, 70 finished parts, 25 bought materials.

A part's recipe follows from its resin, shot weight, colour and insert; its price from material, machine time and a
margin, so that cost and price agree with each other without being typed twice.
"""

from __future__ import annotations

from decimal import Decimal

from hub.seed.cast import Material, Part, Supplier

# code, name, specification, category, kind, unit, price, pack, supplier index, shelf life
_MATERIALS: tuple[tuple[str, str, str, str, str, str, str, str, int, int | None], ...] = (
    ("YL-ABS", "ABS 粒料", "通用级 本色", "塑料原料", "raw", "KG", "11.80", "25", 0, 730),
    ("YL-ABSF", "ABS 阻燃粒料", "V0 本色", "塑料原料", "raw", "KG", "16.50", "25", 2, 730),
    ("YL-PP", "PP 粒料", "注塑级 本色", "塑料原料", "raw", "KG", "8.20", "25", 1, 730),
    ("YL-PPT", "PP 改性粒料", "+20% 滑石粉", "塑料原料", "raw", "KG", "9.60", "25", 17, 730),
    ("YL-HDPE", "HDPE 粒料", "注塑级", "塑料原料", "raw", "KG", "8.60", "25", 1, 730),
    ("YL-PA66", "PA66 粒料", "+30% 玻纤", "工程塑料", "raw", "KG", "24.50", "25", 3, 365),
    ("YL-PA6", "PA6 粒料", "增韧", "工程塑料", "raw", "KG", "18.80", "25", 4, 365),
    ("YL-PC", "PC 粒料", "透明", "工程塑料", "raw", "KG", "17.60", "25", 3, 365),
    ("YL-PCABS", "PC/ABS 合金粒料", "阻燃", "工程塑料", "raw", "KG", "21.00", "25", 4, 365),
    ("YL-POM", "POM 粒料", "中粘度", "工程塑料", "raw", "KG", "15.40", "25", 16, 365),
    ("YL-TPE", "TPE 粒料", "邵氏 A60", "工程塑料", "raw", "KG", "19.20", "25", 16, 365),
    ("SM-BK", "黑色母粒", "通用 50%", "色母粒", "raw", "KG", "14.00", "25", 5, 365),
    ("SM-WH", "白色母粒", "钛白 60%", "色母粒", "raw", "KG", "18.50", "25", 5, 365),
    ("SM-GY", "灰色母粒", "RAL 7035", "色母粒", "raw", "KG", "26.00", "25", 6, 365),
    ("SM-BL", "蓝色母粒", "RAL 5015", "色母粒", "raw", "KG", "38.00", "25", 6, 365),
    ("SM-RD", "红色母粒", "RAL 3020", "色母粒", "raw", "KG", "42.00", "25", 6, 365),
    ("QJ-M3", "铜螺母 M3", "M3×5 滚花", "嵌件", "raw", "PCS", "0.08", "5000", 7, None),
    ("QJ-M4", "铜螺母 M4", "M4×6 滚花", "嵌件", "raw", "PCS", "0.12", "5000", 8, None),
    ("QJ-SS", "不锈钢嵌片", "SUS304 0.5mm", "嵌件", "raw", "PCS", "0.26", "2000", 9, None),
    ("BC-X1", "纸箱 小", "400×300×250", "包装材料", "consumable", "PCS", "3.20", "100", 10, None),
    ("BC-X2", "纸箱 中", "500×400×300", "包装材料", "consumable", "PCS", "4.80", "100", 10, None),
    ("BC-X3", "纸箱 大", "600×450×400", "包装材料", "consumable", "PCS", "6.50", "100", 11, None),
    ("BC-PE", "PE 内袋", "800×700", "包装材料", "consumable", "PCS", "0.45", "1000", 12, None),
    ("BC-EPE", "珍珠棉隔板", "3mm", "包装材料", "consumable", "PCS", "0.60", "500", 12, None),
    ("BC-BQ", "合格证标签", "60×40", "包装材料", "consumable", "PCS", "0.05", "5000", 13, None),
)
# name, category, specification, resin, grams, cavities, cycle (s), tonnage, pieces a carton, cartons a lot, insert,
# colours
_PARTS: tuple[tuple[str, str, str, str, int, int, int, int, int, int, str, str], ...] = (
    ("吹风机外壳", "家电配件", "Φ75×180", "ABS", 96, 2, 42, 160, 60, 16, "QJ-M3", "BK WH"),
    ("吹风机手柄", "家电配件", "L120", "ABS", 48, 2, 36, 120, 120, 8, "", "BK WH"),
    ("电水壶底座", "家电配件", "Φ160", "PP", 110, 2, 45, 200, 48, 20, "", "BK WH"),
    ("电水壶上盖", "家电配件", "Φ145", "PP", 62, 2, 38, 160, 80, 12, "", "BK WH"),
    ("榨汁机刀座", "家电配件", "Φ90", "PA66", 54, 2, 44, 160, 100, 10, "QJ-SS", "BK"),
    ("加湿器水箱", "家电配件", "2L", "PC", 185, 1, 55, 250, 24, 24, "", "BL NA"),
    ("空调导风板", "家电配件", "L820", "ABS", 240, 1, 58, 450, 20, 30, "", "WH"),
    ("洗衣机旋钮", "家电配件", "Φ42", "ABS", 14, 8, 32, 90, 400, 4, "", "WH GY"),
    ("冰箱抽屉拉手", "家电配件", "L260", "ABS", 58, 2, 40, 200, 100, 10, "", "GY WH"),
    ("仪表盘支架", "汽车内饰件", "左", "PCABS", 165, 1, 52, 320, 30, 22, "QJ-M4", "BK"),
    ("门板扶手骨架", "汽车内饰件", "前左", "PPT", 320, 1, 62, 450, 16, 30, "", "BK"),
    ("门板扶手骨架右", "汽车内饰件", "前右", "PPT", 320, 1, 62, 450, 16, 30, "", "BK"),
    ("空调出风口", "汽车内饰件", "中央", "PCABS", 88, 2, 46, 200, 60, 12, "", "BK GY"),
    ("线束卡扣", "汽车内饰件", "Φ8", "PA66", 3, 16, 26, 90, 2000, 4, "", "BK NA"),
    ("保险丝盒盖", "汽车内饰件", "12 位", "PA66", 36, 4, 38, 160, 160, 8, "", "BK NA"),
    ("电动座椅按键", "汽车内饰件", "6 向", "PCABS", 9, 8, 30, 90, 500, 4, "", "BK GY"),
    ("蓄电池托盘", "汽车内饰件", "大号", "PPT", 680, 1, 75, 650, 8, 36, "", "BK"),
    ("路由器上壳", "电子外壳", "220×140", "ABSF", 105, 1, 40, 200, 50, 16, "", "BK WH"),
    ("路由器下壳", "电子外壳", "220×140", "ABSF", 98, 1, 38, 200, 50, 16, "QJ-M3", "BK WH"),
    ("充电器外壳", "电子外壳", "20W", "PC", 16, 8, 30, 120, 300, 6, "", "WH BK"),
    ("网络摄像头壳", "电子外壳", "Φ60", "PCABS", 42, 2, 40, 160, 120, 8, "QJ-M3", "WH BK"),
    ("遥控器面壳", "电子外壳", "L165", "ABS", 28, 4, 34, 120, 200, 6, "", "BK GY"),
    ("接线端子座", "电子外壳", "12 位", "PA66", 18, 8, 34, 120, 300, 6, "QJ-SS", "GY"),
    ("电表外壳", "电子外壳", "单相", "PC", 210, 1, 56, 320, 24, 20, "QJ-M4", "NA GY"),
    ("电钻外壳左", "电动工具件", "18V", "PA6", 132, 1, 48, 250, 40, 18, "QJ-M4", "BL RD"),
    ("电钻外壳右", "电动工具件", "18V", "PA6", 128, 1, 48, 250, 40, 18, "QJ-M4", "BL RD"),
    ("电池包上盖", "电动工具件", "5S", "PCABS", 58, 2, 42, 160, 90, 10, "", "BK GY"),
    ("电池包底壳", "电动工具件", "5S", "PCABS", 74, 2, 44, 200, 80, 10, "QJ-M3", "BK"),
    ("角磨机护罩", "电动工具件", "Φ125", "PA6", 86, 1, 46, 200, 60, 10, "", "BK RD"),
    ("工具箱搭扣", "电动工具件", "L70", "POM", 18, 8, 30, 90, 300, 6, "", "BK RD"),
    ("工具箱提手", "电动工具件", "L210", "PP", 92, 2, 42, 200, 60, 10, "", "BK"),
    ("收纳盒", "日用品", "10L", "PP", 420, 1, 55, 320, 12, 40, "", "NA BL"),
    ("收纳盒盖", "日用品", "10L", "PP", 190, 1, 45, 320, 24, 20, "", "NA BL"),
    ("衣架", "日用品", "L420", "PP", 46, 4, 36, 250, 150, 12, "", "BL GY"),
    ("牙刷杯", "日用品", "350ml", "HDPE", 64, 2, 38, 120, 96, 10, "", "WH BL"),
    ("饭盒密封圈座", "日用品", "800ml", "TPE", 22, 4, 36, 90, 200, 6, "", "NA RD"),
    ("笔筒", "日用品", "Φ85", "ABS", 78, 2, 40, 120, 72, 12, "", "BK WH"),
    ("齿轮", "精密件", "m0.8 z32", "POM", 6, 8, 32, 90, 1000, 4, "", "NA"),
    ("滑轮", "精密件", "Φ24", "POM", 9, 8, 34, 90, 600, 4, "QJ-SS", "NA"),
    ("气管快插体", "精密件", "Φ8", "PA66", 11, 8, 32, 90, 500, 5, "QJ-M4", "BK"),
    ("试剂盒托架", "医疗耗材", "96 孔", "PP", 38, 2, 34, 120, 160, 10, "", "NA"),
    ("采样管架", "医疗耗材", "50 孔", "PC", 96, 1, 40, 160, 60, 10, "", "NA"),
)
_COLOURS = {"BK": "黑", "WH": "白", "GY": "灰", "BL": "蓝", "RD": "红", "NA": "本色"}
_COLOUR_SHARE = {"BK": "0.02", "WH": "0.03", "GY": "0.03", "BL": "0.03", "RD": "0.03"}
_MACHINE_HOUR = Decimal(48)  # wage and machine of a small press; a large one costs more
_MARGIN = Decimal("1.34")


def materials(suppliers: list[Supplier]) -> list[Material]:
    """The 25 bought materials, each with its main supplier and place in the store."""
    result: list[Material] = []
    for index, row in enumerate(_MATERIALS):
        code, name, specification, category, kind, unit, price, pack, supplier, shelf_life = row
        rack = f"B-{index % 6 + 1:02d}" if kind == "consumable" else f"A-{index % 8 + 1:02d}"
        result.append(
            Material(
                code=code,
                name=name,
                specification=specification,
                category=category,
                kind=kind,
                unit=unit,
                price=Decimal(price),
                pack=Decimal(pack),
                supplier=suppliers[supplier].code,
                lead_days=suppliers[supplier].lead_days,
                shelf_life_days=shelf_life,
                warehouse="CK02" if kind == "consumable" else "CK01",
                location=rack,
            )
        )
    return result


def parts(bought: list[Material]) -> list[Part]:
    """The 70 finished parts; two colours of one part share its mould, which only one machine can hold at a time."""
    prices = {material.code: material.price for material in bought}
    result: list[Part] = []
    for index, row in enumerate(_PARTS):
        for colour in row[-1].split():
            result.append(_part(index, row, colour, prices, place=len(result)))
    return result


def _part(
    index: int,
    row: tuple[str, str, str, str, int, int, int, int, int, int, str, str],
    colour: str,
    prices: dict[str, Decimal],
    place: int,
) -> Part:
    name, category, specification, resin, grams, cavities, cycle, tonnage, pieces, lot, insert, _ = row
    weight = Decimal(grams) / 1000
    pigment = Decimal(_COLOUR_SHARE.get(colour, "0"))
    recipe = [(f"YL-{resin}", (weight * (1 - pigment)).quantize(Decimal("0.00001")))]
    if pigment:
        recipe.append((f"SM-{colour}", (weight * pigment).quantize(Decimal("0.00001"))))
    if insert:
        recipe.append((insert, Decimal(1)))
    box = "BC-X1" if grams * pieces < 6000 else "BC-X2" if grams * pieces < 8000 else "BC-X3"
    packing = (box, "BC-PE", "BC-BQ", "BC-EPE") if category == "电子外壳" else (box, "BC-PE", "BC-BQ")
    cost = _cost(recipe, packing, prices, pieces, tonnage, Decimal(3600 * cavities) / cycle)
    return Part(
        code=f"CP-{1001 + index}-{colour}",
        name=f"{name} {_COLOURS[colour]}",
        specification=specification,
        category=category,
        mould=f"MJ-{index + 1:03d}",
        tonnage=tonnage,
        cycle_seconds=cycle,
        cavities=cavities,
        carton_pieces=pieces,
        lot_cartons=lot,
        price=(cost * _MARGIN).quantize(Decimal("0.01")),
        cost=cost,
        per_piece=tuple(recipe),
        per_carton=packing,
        location=f"C-{place % 24 + 1:02d}",
    )


def _cost(
    recipe: list[tuple[str, Decimal]],
    packing: tuple[str, ...],
    prices: dict[str, Decimal],
    pieces: int,
    tonnage: int,
    pieces_per_hour: Decimal,
) -> Decimal:
    material = sum((prices[code] * quantity for code, quantity in recipe), Decimal(0))
    package = sum((prices[code] for code in packing), Decimal(0)) / pieces
    machine = (_MACHINE_HOUR + Decimal(tonnage) / 5) / pieces_per_hour
    return (material + package + machine).quantize(Decimal("0.0001"))
