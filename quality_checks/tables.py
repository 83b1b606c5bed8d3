"""The tables of schema `dq`: rows that did not get into the hub, results of checks, and the rows that fail them.

A problem and a failing row are remembered by their key, so that one can see since when they have been open; a run
that no longer finds them closes them. They hold no truth of the business and are created where they are missing.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

METADATA = sa.MetaData(schema="dq")
_LOCK = 7_355_620


def _seen() -> list[sa.Column[object]]:
    """First and last time that a run found it, and whether the last run still did."""
    return [
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="首次发现 / first seen"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="最近发现 / last seen"),
        sa.Column("is_open", sa.Boolean, nullable=False, comment="仍存在 / still found by the last run"),
    ]


ROW_PROBLEM = sa.Table(
    "row_problem",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("source", sa.Text, nullable=False, comment="数据源 / source system"),
    sa.Column("stage", sa.Text, nullable=False, comment="环节: 抽取表或装载名 / pulled table or load"),
    sa.Column("table_name", sa.Text, nullable=False, comment="源表 / table of the silo"),
    sa.Column("record_key", sa.Text, nullable=False, comment="源记录键 / key of the silo's record"),
    sa.Column("code", sa.Text, nullable=False, comment="错误码 / what is wrong, for programs"),
    sa.Column("path", sa.Text, nullable=False, comment="字段路径 / field"),
    sa.Column("message_zh", sa.Text, nullable=False, comment="说明(中文)"),
    sa.Column("message_en", sa.Text, nullable=False, comment="explanation (English)"),
    *_seen(),
    sa.UniqueConstraint("source", "stage", "record_key", "code", "path", name="row_problem_once"),
    comment="未能装载的行 / rows that did not get into the hub",
)

RESULT = sa.Table(
    "result",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("run_id", sa.Text, nullable=False, comment="运行 / Dagster run"),
    sa.Column("asset", sa.Text, nullable=False, comment="资产 / asset that was checked"),
    sa.Column("code", sa.Text, nullable=False, comment="规则 / rule"),
    sa.Column("label_zh", sa.Text, nullable=False, comment="规则说明(中文)"),
    sa.Column("label_en", sa.Text, nullable=False, comment="what the rule says (English)"),
    sa.Column("severity", sa.Text, nullable=False, comment="critical | warning | info"),
    sa.Column("owner", sa.Text, nullable=False, comment="负责 / who looks after it"),
    sa.Column("status", sa.Text, nullable=False, comment="passed | failed | error (the rule itself raised)"),
    sa.Column("failing_count", sa.BigInteger, nullable=False, comment="不合格行数 / failing rows"),
    sa.Column("message", sa.Text, comment="规则出错的原因 / why the rule raised"),
    sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False, comment="检查时间 / checked at"),
    sa.Index("result_latest", "asset", "code", sa.text("checked_at desc")),
    comment="检查结果 / result of one rule in one run",
)

FAILING_ROW = sa.Table(
    "failing_row",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column(
        "result_id", sa.BigInteger, sa.ForeignKey("dq.result.id"), nullable=False, comment="最近的结果 / last result"
    ),
    sa.Column("asset", sa.Text, nullable=False, comment="资产 / asset"),
    sa.Column("code", sa.Text, nullable=False, comment="规则 / rule"),
    sa.Column("key", JSONB, nullable=False, comment="行的键 / key of the failing row"),
    sa.Column("row", JSONB, nullable=False, comment="两侧数据 / the row, with both sides of a reconciliation"),
    *_seen(),
    sa.UniqueConstraint("asset", "code", "key", name="failing_row_once"),
    comment="不合格行 / every row that fails a rule",
)


def ensure(connection: sa.Connection) -> None:
    """Creates schema dq and its tables where they are missing."""
    if all(connection.dialect.has_table(connection, one.name, schema="dq") for one in METADATA.sorted_tables):
        return
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))  # two runs may begin at once
    connection.execute(sa.schema.CreateSchema("dq", if_not_exists=True))
    METADATA.create_all(connection, checkfirst=True)
