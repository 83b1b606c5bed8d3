"""A company of its own for the stories: founded in the database, with its chart of accounts and a user for every role.

Only what nobody can do over HTTP is done here: found the company and hand out the tokens. All else the people do.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine, select

from hub import writes
from hub.context import system_viewer
from hub.document.registry import spec
from hub.identity import issue_token
from hub.seed.books import open_books

PEOPLE: Mapping[str, tuple[str, str]] = {
    "seller": ("陈销售", "sales"),
    "manager": ("王经理", "sales_manager"),
    "buyer": ("李采购", "purchasing"),
    "engineer": ("罗工程师", "engineer"),
    "planner": ("刘计划", "planner"),
    "worker": ("唐师傅", "workshop"),
    "storekeeper": ("黄仓管", "warehouse"),
    "inspector": ("杨质检", "quality"),
    "accountant": ("蔡会计", "finance"),
    "personnel": ("姚人事", "people"),
    "boss": ("沈总", "executive"),
    "steward": ("石数据", "steward"),
    "administrator": ("范信息", "administrator"),
    "gateway": ("车间采集网关", "collector"),
}
"""Who works there: the name, and the role that gives the rights."""


def found(engine: Engine) -> tuple[str, dict[str, str]]:
    """A new company with people; returns its code and each one's token, which is worth a day.

    The code sorts after those that people give, so that whoever belongs to no company still means the first one.
    """
    company = spec("Company").table
    with engine.connect() as connection:
        known = set(connection.execute(select(company.c.code)).scalars())
    code = next(name for at in range(1, len(known) + 2) if (name := f"故事{at}") not in known)
    with writes.unit_of_work(engine, system_viewer("stories"), "stories") as ctx:
        company_id = writes.create(ctx, "Company", {"code": code, "name": f"{code}：注塑有限公司（虚构）"}).id
    with writes.unit_of_work(engine, system_viewer("stories", company_id), "stories") as ctx:
        open_books(ctx)
        for who, (name, role) in PEOPLE.items():
            writes.create(ctx, "User", {"code": f"{code}-{who}", "name": name, "roles": [role]})
        tokens = {who: issue_token(ctx.session, f"{code}-{who}", purpose="story", days=1) for who in PEOPLE}
    return code, tokens
