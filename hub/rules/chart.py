"""China's chart of accounts for small enterprises (小企业会计准则, 财会〔2011〕17号), as data.

Codes and names are the standard's; details below an account and `OPENING` are the hub's. `POSTINGS` says which
account each posting takes unless a company's own PostingRule says otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

OPENING = "3199"
"""期初过渡: the counterpart of opening balances that are entered one kind at a time; zero when all are in."""


class Standard(NamedTuple):
    """An account: code, names, kind, direction in which it grows, and whose partner its entries name."""

    code: str
    chinese: str
    english: str
    kind: str
    direction: str = "debit"
    partner: str = "none"
    parent: str | None = None


CHART: tuple[Standard, ...] = (
    Standard("1001", "库存现金", "Cash on hand", "asset"),
    Standard("1002", "银行存款", "Bank deposits", "asset"),
    Standard("1012", "其他货币资金", "Other monetary funds", "asset"),
    Standard("1101", "短期投资", "Short-term investments", "asset"),
    Standard("1121", "应收票据", "Notes receivable", "asset", "debit", "customer"),
    Standard("1122", "应收账款", "Accounts receivable", "asset", "debit", "customer"),
    Standard("1123", "预付账款", "Prepayments", "asset", "debit", "supplier"),
    Standard("1131", "应收股利", "Dividends receivable", "asset"),
    Standard("1132", "应收利息", "Interest receivable", "asset"),
    Standard("1221", "其他应收款", "Other receivables", "asset"),
    Standard("1401", "材料采购", "Materials purchased", "asset"),
    Standard("1402", "在途物资", "Goods in transit", "asset"),
    Standard("1403", "原材料", "Raw materials", "asset"),
    Standard("1404", "材料成本差异", "Materials cost variances", "asset"),
    Standard("1405", "库存商品", "Finished goods", "asset"),
    Standard("1407", "商品进销差价", "Merchandise price differences", "asset", "credit"),
    Standard("1408", "委托加工物资", "Goods on consignment for processing", "asset"),
    Standard("1411", "周转材料", "Revolving materials", "asset"),
    Standard("1421", "消耗性生物资产", "Consumable biological assets", "asset"),
    Standard("1501", "长期债券投资", "Long-term bond investments", "asset"),
    Standard("1511", "长期股权投资", "Long-term equity investments", "asset"),
    Standard("1601", "固定资产", "Fixed assets", "asset"),
    Standard("1602", "累计折旧", "Accumulated depreciation", "asset", "credit"),
    Standard("1604", "在建工程", "Construction in progress", "asset"),
    Standard("1605", "工程物资", "Construction materials", "asset"),
    Standard("1606", "固定资产清理", "Disposal of fixed assets", "asset"),
    Standard("1621", "生产性生物资产", "Productive biological assets", "asset"),
    Standard("1622", "生产性生物资产累计折旧", "Depreciation of productive biological assets", "asset", "credit"),
    Standard("1701", "无形资产", "Intangible assets", "asset"),
    Standard("1702", "累计摊销", "Accumulated amortization", "asset", "credit"),
    Standard("1801", "长期待摊费用", "Long-term deferred expenses", "asset"),
    Standard("1901", "待处理财产损溢", "Property losses and gains pending", "asset"),
    Standard("2001", "短期借款", "Short-term loans", "liability", "credit"),
    Standard("2201", "应付票据", "Notes payable", "liability", "credit", "supplier"),
    Standard("2202", "应付账款", "Accounts payable", "liability", "credit", "supplier"),
    Standard("2203", "预收账款", "Advances from customers", "liability", "credit", "customer"),
    Standard("2211", "应付职工薪酬", "Wages payable", "liability", "credit"),
    Standard("2221", "应交税费", "Taxes payable", "liability", "credit"),
    Standard("222101", "应交增值税", "Value added tax payable", "liability", "credit", "none", "2221"),
    Standard("22210101", "进项税额", "Input tax", "liability", "debit", "none", "222101"),
    Standard("22210102", "销项税额", "Output tax", "liability", "credit", "none", "222101"),
    Standard("22210103", "已交税金", "Tax paid", "liability", "debit", "none", "222101"),
    Standard("222102", "应交企业所得税", "Income tax payable", "liability", "credit", "none", "2221"),
    Standard("2231", "应付利息", "Interest payable", "liability", "credit"),
    Standard("2232", "应付利润", "Profits payable", "liability", "credit"),
    Standard("2241", "其他应付款", "Other payables", "liability", "credit"),
    Standard("2401", "递延收益", "Deferred income", "liability", "credit"),
    Standard("2501", "长期借款", "Long-term loans", "liability", "credit"),
    Standard("2701", "长期应付款", "Long-term payables", "liability", "credit"),
    Standard("3001", "实收资本", "Paid-in capital", "equity", "credit"),
    Standard("3002", "资本公积", "Capital reserve", "equity", "credit"),
    Standard("3101", "盈余公积", "Surplus reserve", "equity", "credit"),
    Standard("3103", "本年利润", "Profit of the year", "equity", "credit"),
    Standard("3104", "利润分配", "Profit distribution", "equity", "credit"),
    Standard(OPENING, "期初过渡", "Opening balances in transit", "equity", "credit"),
    Standard("4001", "生产成本", "Production costs", "cost"),
    Standard("4101", "制造费用", "Manufacturing overheads", "cost"),
    Standard("4301", "研发支出", "Research and development", "cost"),
    Standard("4401", "工程施工", "Construction costs", "cost"),
    Standard("4403", "机械作业", "Machine operations", "cost"),
    Standard("5001", "主营业务收入", "Revenue of main business", "income", "credit"),
    Standard("5051", "其他业务收入", "Other operating revenue", "income", "credit"),
    Standard("5111", "投资收益", "Investment income", "income", "credit"),
    Standard("5301", "营业外收入", "Non-operating income", "income", "credit"),
    Standard("5401", "主营业务成本", "Costs of main business", "expense"),
    Standard("5402", "其他业务成本", "Other operating costs", "expense"),
    Standard("5403", "营业税金及附加", "Taxes and surcharges", "expense"),
    Standard("5601", "销售费用", "Selling expenses", "expense"),
    Standard("5602", "管理费用", "Administrative expenses", "expense"),
    Standard("5603", "财务费用", "Financial expenses", "expense"),
    Standard("5711", "营业外支出", "Non-operating expenses", "expense"),
    Standard("5801", "所得税费用", "Income tax expense", "expense"),
)


class Posting(NamedTuple):
    """What one side of a document's posting is called, and the account it takes by default."""

    account: str
    chinese: str
    english: str


POSTINGS: dict[str, Posting] = {
    "SalesInvoice.receivable": Posting("1122", "销售开票：应收", "Sales invoice: receivable"),
    "SalesInvoice.revenue": Posting("5001", "销售开票：收入", "Sales invoice: revenue"),
    "SalesInvoice.tax": Posting("22210102", "销售开票：销项税", "Sales invoice: output tax"),
    "SalesReceipt.bank": Posting("1002", "收款：银行", "Receipt: bank"),
    "SalesReceipt.cash": Posting("1001", "收款：现金", "Receipt: cash"),
    "SalesReceipt.note": Posting("1121", "收款：票据", "Receipt: note"),
    "SalesReceipt.receivable": Posting("1122", "收款：核销应收", "Receipt: receivable settled"),
    "SalesReceipt.advance": Posting("2203", "收款：预收", "Receipt: advance"),
    "SalesReceipt.exchange": Posting("5603", "收款：汇兑损益", "Receipt: gain or loss of exchange"),
    "PurchaseInvoice.payable": Posting("2202", "采购发票：应付", "Purchase invoice: payable"),
    "PurchaseInvoice.tax": Posting("22210101", "采购发票：进项税", "Purchase invoice: input tax"),
    "PurchaseInvoice.difference": Posting("1404", "采购发票：价差", "Purchase invoice: difference of price"),
    "PurchasePayment.bank": Posting("1002", "付款：银行", "Payment: bank"),
    "PurchasePayment.cash": Posting("1001", "付款：现金", "Payment: cash"),
    "PurchasePayment.note": Posting("2201", "付款：票据", "Payment: note"),
    "PurchasePayment.payable": Posting("2202", "付款：核销应付", "Payment: payable settled"),
    "PurchasePayment.advance": Posting("1123", "付款：预付", "Payment: advance"),
    "PurchasePayment.exchange": Posting("5603", "付款：汇兑损益", "Payment: gain or loss of exchange"),
    "SalesAdjustment.receivable": Posting("1122", "销售调整：应收", "Sales adjustment: receivable"),
    "SalesAdjustment.bank": Posting("1002", "销售调整：退款银行", "Sales adjustment: bank of a refund"),
    "SalesAdjustment.revenue": Posting("5001", "销售调整：收入", "Sales adjustment: revenue"),
    "SalesAdjustment.tax": Posting("22210102", "销售调整：销项税", "Sales adjustment: output tax"),
    "OpeningBalance.receivables": Posting("1122", "期初：应收", "Opening: receivables"),
    "OpeningBalance.payables": Posting("2202", "期初：应付", "Opening: payables"),
    "OpeningBalance.counterpart": Posting(OPENING, "期初：过渡", "Opening: counterpart"),
    "ExpenseClaim.travel": Posting("5602", "报销：差旅费", "Expense claim: travel"),
    "ExpenseClaim.other": Posting("5602", "报销：其他费用", "Expense claim: other expenses"),
    "ExpenseClaim.tax": Posting("22210101", "报销：进项税", "Expense claim: input tax"),
    "ExpenseClaim.payable": Posting("2241", "报销：应付员工", "Expense claim: owed to employees"),
    "ExpenseClaim.bank": Posting("1002", "报销付款：银行", "Expense claim paid: bank"),
    "ExpenseClaim.cash": Posting("1001", "报销付款：现金", "Expense claim paid: cash"),
    "FreightPayment.freight": Posting("5601", "运费付款：运费", "Freight payment: freight"),
    "FreightPayment.bank": Posting("1002", "运费付款：银行", "Freight payment: bank"),
    "FreightPayment.cash": Posting("1001", "运费付款：现金", "Freight payment: cash"),
    "Depreciation.expense": Posting("4101", "折旧：费用", "Depreciation: expense"),
    "Depreciation.accumulated": Posting("1602", "折旧：累计折旧", "Depreciation: accumulated"),
    "Asset.cost": Posting("1601", "资产：原值", "Asset: cost"),
    "Asset.disposal": Posting("1606", "资产：固定资产清理", "Asset: disposal"),
    "FiscalPeriod.profit": Posting("3103", "年末结转：本年利润", "Year-end: profit of the year"),
    "FiscalPeriod.distribution": Posting("3104", "年末结转：利润分配", "Year-end: distribution of profit"),
    "Stock.raw": Posting("1403", "存货：原材料", "Stock: raw materials"),
    "Stock.semi_finished": Posting("1405", "存货：半成品", "Stock: semi-finished"),
    "Stock.finished": Posting("1405", "存货：产成品", "Stock: finished"),
    "Stock.consumable": Posting("1411", "存货：辅料", "Stock: consumables"),
    "Stock.mould": Posting("1411", "存货：模具", "Stock: moulds"),
    "Stock.service": Posting("4101", "存货：服务", "Stock: services"),
    "PurchaseReceipt.accrual": Posting("2202", "采购入库：暂估应付", "Purchase receipt: payable, estimated"),
    "Delivery.cost": Posting("5401", "发货：销售成本", "Delivery: cost of sales"),
    "PurchaseReturn.accrual": Posting("2202", "采购退货：暂估应付", "Purchase return: payable, estimated"),
    "SalesReturn.cost": Posting("5401", "销售退货：销售成本", "Sales return: cost of sales"),
    "MaterialReturn.production": Posting("4001", "材料退库：生产成本", "Material return: production cost"),
    "NonConformance.loss": Posting("1901", "不合格报废：待处理损溢", "Nonconformance: loss of what is scrapped"),
    "MaterialIssue.production": Posting("4001", "材料出库：生产成本", "Material issue: production cost"),
    "ProductReceipt.production": Posting("4001", "产品入库：生产成本", "Product receipt: production cost"),
    "StockAdjustment.difference": Posting("1901", "库存调整：待处理损溢", "Stock adjustment: losses and gains"),
    "Stocktake.difference": Posting("1901", "盘点：待处理损溢", "Stocktake: losses and gains"),
}

STOCK_KINDS = ("raw", "semi_finished", "finished", "consumable", "mould", "service")
"""What items are; each has a posting `Stock.<kind>`."""
STOCK_COUNTERPARTS = {
    "PurchaseReceipt": "PurchaseReceipt.accrual",
    "Delivery": "Delivery.cost",
    "PurchaseReturn": "PurchaseReturn.accrual",
    "SalesReturn": "SalesReturn.cost",
    "NonConformance": "NonConformance.loss",
    "MaterialIssue": "MaterialIssue.production",
    "MaterialReturn": "MaterialReturn.production",
    "ProductReceipt": "ProductReceipt.production",
    "StockAdjustment": "StockAdjustment.difference",
    "Stocktake": "Stocktake.difference",
    "OpeningBalance": "OpeningBalance.counterpart",
}
"""What the value of stock is booked against, by the document that moves it."""
