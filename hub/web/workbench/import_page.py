"""The page on which a file of a type comes in: what it offers to map to, which steps may follow, and its words.

The page itself is a few lines of script over `/import/<list>`: it tries first, shows every problem, then imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.context import Viewer
from hub.document.spec import DocSpec
from hub.exchange.columns import plan_for
from hub.web.workbench.language import say, spoken


@dataclass(frozen=True)
class ImportPage:
    """What the template shows; `told` goes to the script as JSON."""

    heading: str
    back: str
    address: str
    steps: list[tuple[str, str]]
    told: dict[str, Any]


def import_page(spec: DocSpec, viewer: Viewer, language: str, back: str) -> ImportPage:
    """The page of a type. Raises what `plan_for` raises."""
    plan = plan_for(spec.many, viewer)
    fields = [{"path": one.path, "label": spoken(one.label), "required": one.required} for one in plan.open]
    free = [one for one in spec.steps.values() if not any(argument.required for argument in one.arguments)]
    first = next(iter(spec.states)) if spec.states else None
    steps = [(one.name, spoken(one.label)) for one in free if first in one.sources and viewer.may(one.by)]
    heading = say(f"导入{spec.label.chinese}", f"Import: {spec.label.english.lower()}")
    told = {"language": language, "address": f"/import/{spec.many}", "fields": fields, "words": _words()}
    return ImportPage(heading, back, f"/import/{spec.many}", steps, told)


def _words() -> dict[str, str]:
    """What the script says; {n} is a figure."""
    return {
        "ignore": say("（不导入）", "(leave out)"),
        "unknown": say("未识别", "not recognised"),
        "closed": say("不导入：", "left out: "),
        "problems": say("还有 {n} 个问题，尚未导入", "{n} problems; nothing is imported yet"),
        "ready": say("检查通过，可以导入", "Everything fits; ready to import"),
        "nothing": say("没有需要改变的内容", "There is nothing to change"),
        "done": say("已导入", "Imported"),
        "repeated": say("此前已经导入过，没有重复写入", "This was imported before; nothing was written twice"),
        "rows": say("行", "rows"),
        "documents": say("条记录", "records"),
        "created": say("新建", "new"),
        "updated": say("更新", "changed"),
        "unchanged": say("不变", "unchanged"),
        "stepped": say("已办理后续操作", "with the step taken"),
        "more": say("另有 {n} 个问题，请下载带错误的 Excel 查看。", "{n} more: download the rows with their errors."),
        "whole": say("整个文件", "whole file"),
        "failed": say("无法连接枢纽，请稍后再试。", "The hub cannot be reached; try again soon."),
        "signed_out": say("登录已过期，请在新标签页登录后重试。", "You have been signed out; sign in in a new tab."),
    }
