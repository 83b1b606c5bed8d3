"""Codes and numbers that a rule gives: their input may stay empty, and shows what the next one would be."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from hub.context import Ctx, Viewer
from hub.document import numbering
from hub.document.patterns import Pattern
from hub.document.spec import DocSpec
from hub.errors import HubError
from hub.web.workbench.inputs import Form, default_of
from hub.web.workbench.language import say
from hub.web.workbench.saving import CHANNEL
from hub.writes import unit_of_work


def numbered(engine: Engine, viewer: Viewer, form: Form) -> Form:
    """The form of a new record; where a code rule numbers it, its code need not be filled in."""
    spec = form.spec
    if all(one.field != spec.natural_key for one in form.inputs):
        return form
    with unit_of_work(engine, viewer, CHANNEL, dry_run=True) as ctx:
        if not numbering.numbered(ctx, spec, viewer.company_id):
            return form
        told = _told(ctx, spec)
    inputs = [
        replace(one, required=False, placeholder=told) if one.field == spec.natural_key else one for one in form.inputs
    ]
    return replace(form, inputs=tuple(inputs))


def _told(ctx: Ctx, spec: DocSpec) -> str:
    """The next number, where it does not depend on what is still to be filled in."""
    try:
        counting = numbering.counting_of(ctx.session, spec, ctx.viewer.company_id, lambda name: default_of(spec, name))
        if counting is not None and not Pattern(counting.series.pattern).fields:
            following = counting.preview(ctx.session)
            return say(f"留空自动编号：{following}", f"Left empty: {following}")
    except HubError:  # the rule no longer fits its type; whoever leaves the code empty is told so when it is saved
        pass
    return say("留空按编码规则编号", "Left empty: by the code rule")
