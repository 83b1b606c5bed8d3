"""The lines of the three statements of 小企业会计准则 (财会〔2011〕17号, 会小企01表 to 03表), as data.

Numbers (行次) and names are the standard's. A line takes the accounts whose code begins with one of `accounts`, the
longest beginning winning; accounts of a company's own that nothing claims go to the line of their kind, so that the
statements tie out whatever accounts there are.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A line: its number, names, the accounts it takes, or the lines it adds (a minus before what it takes off)."""

    number: int
    chinese: str
    english: str
    accounts: tuple[str, ...] = ()
    adds: tuple[int, ...] = ()


BALANCE_SHEET: tuple[Row, ...] = (
    Row(1, "货币资金", "Cash and bank", ("1001", "1002", "1012")),
    Row(2, "短期投资", "Short-term investments", ("1101",)),
    Row(3, "应收票据", "Notes receivable", ("1121",)),
    Row(4, "应收账款", "Accounts receivable", ("1122",)),
    Row(5, "预付账款", "Prepayments", ("1123",)),
    Row(6, "应收股利", "Dividends receivable", ("1131",)),
    Row(7, "应收利息", "Interest receivable", ("1132",)),
    Row(8, "其他应收款", "Other receivables", ("1221",)),
    Row(9, "存货", "Inventories", ("1401", "1402", "1404", "1407", "1408", "1421", "4101", "4403"), (10, 11, 12, 13)),
    Row(10, "其中：原材料", "of which: raw materials", ("1403",)),
    Row(11, "在产品", "of which: work in progress", ("4001", "4401")),
    Row(12, "库存商品", "of which: finished goods", ("1405",)),
    Row(13, "周转材料", "of which: revolving materials", ("1411",)),
    Row(14, "其他流动资产", "Other current assets", ("1901",)),
    Row(15, "流动资产合计", "Total current assets", (), (1, 2, 3, 4, 5, 6, 7, 8, 9, 14)),
    Row(16, "长期债券投资", "Long-term bond investments", ("1501",)),
    Row(17, "长期股权投资", "Long-term equity investments", ("1511",)),
    Row(18, "固定资产原价", "Fixed assets at cost", ("1601",)),
    Row(19, "减：累计折旧", "Less: accumulated depreciation", ("1602",)),
    Row(20, "固定资产账面价值", "Fixed assets, net", (), (18, -19)),
    Row(21, "在建工程", "Construction in progress", ("1604",)),
    Row(22, "工程物资", "Construction materials", ("1605",)),
    Row(23, "固定资产清理", "Disposal of fixed assets", ("1606",)),
    Row(24, "生产性生物资产", "Productive biological assets", ("1621", "1622")),
    Row(25, "无形资产", "Intangible assets", ("1701", "1702")),
    Row(26, "开发支出", "Development costs", ("4301",)),
    Row(27, "长期待摊费用", "Long-term deferred expenses", ("1801",)),
    Row(28, "其他非流动资产", "Other non-current assets"),
    Row(29, "非流动资产合计", "Total non-current assets", (), (16, 17, 20, 21, 22, 23, 24, 25, 26, 27, 28)),
    Row(30, "资产总计", "Total assets", (), (15, 29)),
    Row(31, "短期借款", "Short-term loans", ("2001",)),
    Row(32, "应付票据", "Notes payable", ("2201",)),
    Row(33, "应付账款", "Accounts payable", ("2202",)),
    Row(34, "预收账款", "Advances from customers", ("2203",)),
    Row(35, "应付职工薪酬", "Wages payable", ("2211",)),
    Row(36, "应交税费", "Taxes payable", ("2221",)),
    Row(37, "应付利息", "Interest payable", ("2231",)),
    Row(38, "应付利润", "Profits payable", ("2232",)),
    Row(39, "其他应付款", "Other payables", ("2241",)),
    Row(40, "其他流动负债", "Other current liabilities"),
    Row(41, "流动负债合计", "Total current liabilities", (), (31, 32, 33, 34, 35, 36, 37, 38, 39, 40)),
    Row(42, "长期借款", "Long-term loans", ("2501",)),
    Row(43, "长期应付款", "Long-term payables", ("2701",)),
    Row(44, "递延收益", "Deferred income", ("2401",)),
    Row(45, "其他非流动负债", "Other non-current liabilities"),
    Row(46, "非流动负债合计", "Total non-current liabilities", (), (42, 43, 44, 45)),
    Row(47, "负债合计", "Total liabilities", (), (41, 46)),
    Row(48, "实收资本（或股本）", "Paid-in capital", ("3001",)),
    Row(49, "资本公积", "Capital reserve", ("3002",)),
    Row(50, "盈余公积", "Surplus reserve", ("3101",)),
    Row(51, "未分配利润", "Undistributed profits", ("3103", "3104", "3199")),
    Row(52, "所有者权益（或股东权益）合计", "Total equity", (), (48, 49, 50, 51)),
    Row(53, "负债和所有者权益（或股东权益）总计", "Total liabilities and equity", (), (47, 52)),
)
ASSETS, ACCUMULATED, EQUITY_AND_LIABILITIES, CASH, UNDISTRIBUTED = 30, 19, 53, 1, 51
OTHER = {"asset": 14, "cost": 9, "liability": 40, "equity": 51, "income": 51, "expense": 51}
"""Where an account goes that no line names, by its kind; what is earned and not yet closed is undistributed."""
TURNED = {4: 34, 34: 4, 5: 33, 33: 5}
"""Where a line goes whose balance is on the wrong side: receivables and advances, prepayments and payables."""

INCOME_STATEMENT: tuple[Row, ...] = (
    Row(1, "一、营业收入", "Revenue", ("5001", "5051")),
    Row(2, "减：营业成本", "Less: cost of sales", ("5401", "5402")),
    Row(3, "营业税金及附加", "Taxes and surcharges", ("5403",)),
    Row(11, "销售费用", "Selling expenses", ("5601",)),
    Row(14, "管理费用", "Administrative expenses", ("5602",)),
    Row(18, "财务费用", "Financial expenses", ("5603",)),
    Row(20, "加：投资收益（损失以“-”号填列）", "Add: investment income", ("5111",)),
    Row(21, "二、营业利润（亏损以“-”号填列）", "Operating profit", (), (1, -2, -3, -11, -14, -18, 20)),
    Row(22, "加：营业外收入", "Add: non-operating income", ("5301",)),
    Row(24, "减：营业外支出", "Less: non-operating expenses", ("5711",)),
    Row(30, "三、利润总额（亏损总额以“-”号填列）", "Profit before tax", (), (21, 22, -24)),
    Row(31, "减：所得税费用", "Less: income tax", ("5801",)),
    Row(32, "四、净利润（净亏损以“-”号填列）", "Net profit", (), (30, -31)),
)
NET_PROFIT = 32
EARNED = {"income": 22, "expense": 14}
"""Where an income or expense goes that no line names."""
GAINS = frozenset({1, 20, 22})
"""The lines of what is earned; the others are spent."""

CASH_FLOW: tuple[Row, ...] = (
    Row(1, "销售产成品、商品、提供劳务收到的现金", "Received from sales of goods and services"),
    Row(2, "收到其他与经营活动有关的现金", "Other operating receipts"),
    Row(3, "购买原材料、商品、接受劳务支付的现金", "Paid for materials, goods and services"),
    Row(4, "支付的职工薪酬", "Paid to employees"),
    Row(5, "支付的税费", "Taxes paid"),
    Row(6, "支付其他与经营活动有关的现金", "Other operating payments"),
    Row(7, "经营活动产生的现金流量净额", "Net cash from operations", (), (1, 2, -3, -4, -5, -6)),
    Row(8, "收回短期投资、长期债券投资和长期股权投资收到的现金", "Received from disposal of investments"),
    Row(9, "取得投资收益收到的现金", "Investment income received"),
    Row(10, "处置固定资产、无形资产和其他非流动资产收回的现金净额", "Received from disposal of fixed assets, net"),
    Row(11, "短期投资、长期债券投资和长期股权投资支付的现金", "Paid for investments"),
    Row(12, "购建固定资产、无形资产和其他非流动资产支付的现金", "Paid for fixed and intangible assets"),
    Row(13, "投资活动产生的现金流量净额", "Net cash from investing", (), (8, 9, 10, -11, -12)),
    Row(14, "取得借款收到的现金", "Loans received"),
    Row(15, "吸收投资者投资收到的现金", "Received from investors"),
    Row(16, "偿还借款本金支付的现金", "Loans repaid"),
    Row(17, "偿还借款利息支付的现金", "Interest paid on loans"),
    Row(18, "分配利润支付的现金", "Profits distributed"),
    Row(19, "筹资活动产生的现金流量净额", "Net cash from financing", (), (14, 15, -16, -17, -18)),
    Row(20, "四、现金净增加额", "Net increase in cash", (), (7, 13, 19)),
    Row(21, "加：期初现金余额", "Add: cash at the beginning"),
    Row(22, "五、期末现金余额", "Cash at the end", (), (20, 21)),
)
NET_INCREASE, CASH_BEFORE, CASH_AFTER = 20, 21, 22
CASH_ACCOUNTS = ("1001", "1002", "1012")
FLOWS: dict[str, tuple[int, int]] = {
    "1121": (1, 1),
    "1122": (1, 1),
    "2203": (1, 1),
    "5001": (1, 1),
    "5051": (1, 1),
    "22210102": (1, 1),
    "1123": (3, 3),
    "14": (3, 3),
    "2201": (3, 3),
    "2202": (3, 3),
    "4": (3, 3),
    "5401": (3, 3),
    "5402": (3, 3),
    "22210101": (3, 3),
    "2211": (4, 4),
    "2221": (5, 5),
    "5403": (5, 5),
    "5801": (5, 5),
    "1101": (8, 11),
    "1501": (8, 11),
    "1511": (8, 11),
    "1131": (9, 9),
    "1132": (9, 9),
    "5111": (9, 9),
    "1606": (10, 10),
    "16": (10, 12),
    "17": (10, 12),
    "1801": (10, 12),
    "4301": (12, 12),
    "2001": (14, 16),
    "2501": (14, 16),
    "3001": (15, 15),
    "3002": (15, 15),
    "2231": (17, 17),
    "2232": (18, 18),
    "3104": (18, 18),
}
"""By the account on the other side of a voucher: the line of money that comes in, and of money that goes out."""
OTHER_FLOWS = (2, 6)
RECEIPTS = frozenset({1, 2, 8, 9, 10, 14, 15})
"""The lines of money received; on the others money that comes in is a payment less."""
