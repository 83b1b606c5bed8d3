"""The root fields that Strawberry resolves: who asks, names of types, audit, approvals, books, stores, selling."""

from __future__ import annotations

from graph_schema.build.assembly import Assembly, listed, optional
from graph_schema.build.queries import QUERY
from graph_schema.custom.ageing import (
    AgedPartner,
    AgedStock,
    BankReconciliation,
    bank_reconciliation,
    payables_aged,
    receivables_aged,
    stock_aged,
)
from graph_schema.custom.approvals import (
    ApprovalWaiting,
    DraftsToSend,
    Signing,
    approval_waiting,
    drafts_to_send,
    who_must_sign,
)
from graph_schema.custom.audit import AuditEntry, audit_entries
from graph_schema.custom.books import TrialBalanceLine, trial_balance
from graph_schema.custom.catalogue import DocumentType, document_types
from graph_schema.custom.declared import DeclaredField, declared_fields
from graph_schema.custom.product_costs import ProductCost, product_costs
from graph_schema.custom.selling import (
    LeadConversion,
    OrderMargin,
    PriceFound,
    lead_conversion,
    order_margin,
    price_of,
)
from graph_schema.custom.spc import ControlChart, control_chart
from graph_schema.custom.statements import (
    BalanceSheetLine,
    StatementLine,
    balance_sheet,
    cash_flow,
    income_statement,
)
from graph_schema.custom.stores import StockOfDay, stock_of_day
from graph_schema.custom.structures import BomNode, BomUse, bill_of_materials, where_used
from graph_schema.custom.tracing import LotTrace, lot_trace
from graph_schema.custom.viewer import Me, me


def plain(assembly: Assembly) -> None:
    """They are nullable, so that what goes wrong in one takes nothing else along."""
    query = assembly.object(QUERY)
    assembly.add(query, "me", optional(Me), "当前用户 · Who is asking", resolver=me)
    text = "单据类型及字段的中英文名称 · Document types and fields with their labels"
    assembly.add(query, "documentTypes", optional(listed(DocumentType)), text, resolver=document_types)
    text = "办理该单据前谁须审批，仅试算 · Who must sign before a document's steps; nothing is submitted"
    assembly.add(query, "whoMustSign", optional(listed(Signing)), text, resolver=who_must_sign)
    text = "本人未提交的受控单据 · The viewer's own documents that wait to be submitted"
    assembly.add(query, "draftsToSend", optional(DraftsToSend), text, resolver=drafts_to_send)
    text = "审批等待时长：平均、中位、最长 · How long signatures take: average, median, longest"
    assembly.add(query, "approvalWaiting", optional(listed(ApprovalWaiting)), text, resolver=approval_waiting)
    text = "审计记录，最新的在前；供数据管家与管理员 · What was done, newest first; for stewards and administrators"
    assembly.add(query, "auditEntries", optional(listed(AuditEntry)), text, resolver=audit_entries)
    text = "单据类型的自定义字段 · The custom fields of a document type, as far as you may see them"
    assembly.add(query, "declaredFields", optional(listed(DeclaredField)), text, resolver=declared_fields)
    text = "科目余额表 · Trial balance: each account's opening, turnover and closing over periods"
    assembly.add(query, "trialBalance", optional(listed(TrialBalanceLine)), text, resolver=trial_balance)
    text = "某日库存与金额 · What lay where at the end of a day, and what it was worth"
    assembly.add(query, "stockOfDay", optional(listed(StockOfDay)), text, resolver=stock_of_day)
    text = "多级物料清单展开 · What an item is made of, over all levels, by the versions of a day"
    assembly.add(query, "billOfMaterials", optional(listed(BomNode)), text, resolver=bill_of_materials)
    text = "物料反查 · Everything an item goes into, over all levels"
    assembly.add(query, "whereUsed", optional(listed(BomUse)), text, resolver=where_used)
    text = "控制图：均值-极差、过程能力、判异 · X-bar and R chart of a measured characteristic, with Cpk and signals"
    assembly.add(query, "controlChart", optional(ControlChart), text, resolver=control_chart)
    text = "批次追溯：来料、生产、检验、客户 · A lot back to raw lots, work and inspections, forward to every customer"
    assembly.add(query, "lotTrace", optional(LotTrace), text, resolver=lot_trace)
    text = (
        "客户的价格：价格表、上次价、标准价 · What an item costs a customer: by lists, his last price, the standard one"
    )
    assembly.add(query, "priceOf", optional(PriceFound), text, resolver=price_of)
    text = "订单毛利 · What an order has brought, cost and left so far"
    assembly.add(query, "orderMargin", optional(OrderMargin), text, resolver=order_margin)
    text = "线索转化率，合计及按来源 · How leads turn out, all of them and by source"
    assembly.add(query, "leadConversion", optional(listed(LeadConversion)), text, resolver=lead_conversion)
    statements(assembly)


def statements(assembly: Assembly) -> None:
    """What the books and stores say in sum."""
    query = assembly.object(QUERY)
    text = "资产负债表 · Balance sheet at the end of a period, beside the beginning of its year"
    assembly.add(query, "balanceSheet", optional(listed(BalanceSheetLine)), text, resolver=balance_sheet)
    text = "利润表 · Income statement of periods, beside the year to date"
    assembly.add(query, "incomeStatement", optional(listed(StatementLine)), text, resolver=income_statement)
    text = "现金流量表 · Cash flow statement of periods, beside the year to date"
    assembly.add(query, "cashFlow", optional(listed(StatementLine)), text, resolver=cash_flow)
    text = "应收账龄 · What customers owe on a day, by days past due"
    assembly.add(query, "receivablesAged", optional(listed(AgedPartner)), text, resolver=receivables_aged)
    text = "应付账龄 · What we owe suppliers on a day, by days since it is owed"
    assembly.add(query, "payablesAged", optional(listed(AgedPartner)), text, resolver=payables_aged)
    text = "库龄 · What lies in the stores at the end of a day, by days since it came"
    assembly.add(query, "stockAged", optional(listed(AgedStock)), text, resolver=stock_aged)
    text = "银行存款余额调节表 · A bank statement's balance against the books'"
    assembly.add(query, "bankReconciliation", optional(BankReconciliation), text, resolver=bank_reconciliation)
    text = "产品成本 · What production orders cost in a month, by material, labour, machine, overhead and energy"
    assembly.add(query, "productCosts", optional(listed(ProductCost)), text, resolver=product_costs)
