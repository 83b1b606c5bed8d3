"""THE list: every duty of the hub's own (see `hub.duties`), kept as long as its web application runs."""

from __future__ import annotations

from graph_schema.push.duty import DUTY as HAND_ON
from hub.approving import ESCALATION
from hub.audit_seals import seal
from hub.db.custom import align
from hub.duties import Duty
from hub.files.care import SWEPT_EVERY_SECONDS, sweep
from hub.old_answers import EVERY_SECONDS, forget_old

DUTIES: tuple[Duty, ...] = (
    HAND_ON,
    Duty("seal the audit", 600, seal),
    ESCALATION,
    Duty("forget old answers", EVERY_SECONDS, forget_old),
    Duty("sweep files", SWEPT_EVERY_SECONDS, sweep),
    Duty("follow custom fields", 5, align),
)
DUTY_CONNECTIONS = 2 * max(1, len(DUTIES))
"""One that holds the duty's lock and one that does its work."""
