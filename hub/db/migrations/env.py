"""How Alembic looks at our models.

Foreign keys come last, because document types refer to each other in circles. Comments are no part of a migration:
they are made from the specs after each upgrade.
"""

from __future__ import annotations

import warnings
from typing import Any

from alembic import context
from alembic.operations.ops import (
    AlterColumnOp,
    CreateForeignKeyOp,
    CreateTableCommentOp,
    CreateTableOp,
    DropTableCommentOp,
    MigrationScript,
    ModifyTableOps,
)
from sqlalchemy import ForeignKeyConstraint

import hub.document.audit
import hub.document.series
import hub.domains
import hub.exchange.mapping
import hub.identity
import hub.ledgers.readings
import hub.public_links
import hub.sign_ins
import hub.trusted_documents
from hub.db.migrate import is_compared
from hub.document.registry import metadata


def _without_comments(operations: list[Any]) -> None:
    for changed in [one for one in operations if isinstance(one, ModifyTableOps)]:
        for one in changed.ops:
            if isinstance(one, AlterColumnOp):
                one.modify_comment = False
        changed.ops = [
            one
            for one in changed.ops
            if not isinstance(one, CreateTableCommentOp | DropTableCommentOp)
            and not (isinstance(one, AlterColumnOp) and not one.has_changes())
        ]
    operations[:] = [one for one in operations if not isinstance(one, ModifyTableOps) or one.ops]


def _directives(_context: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    for script in directives:
        for part in (script.upgrade_ops, script.downgrade_ops):
            if part is not None:
                _without_comments(part.ops)
        operations = script.upgrade_ops.ops if script.upgrade_ops else []
        later = []
        for operation in operations:
            if isinstance(operation, CreateTableOp):
                found = [one for one in operation.columns if isinstance(one, ForeignKeyConstraint)]
                operation.columns = [one for one in operation.columns if not isinstance(one, ForeignKeyConstraint)]
                later += [CreateForeignKeyOp.from_constraint(one) for one in found]
        operations.extend(later)


# Role and schema are both called hub, so PostgreSQL's search path makes hub the default; our tables name it.
context.config.attributes["connection"].dialect.default_schema_name = "public"
# Departments have managers and employees departments; the foreign keys come last for that reason.
warnings.filterwarnings("ignore", "Cannot correctly sort tables")
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    include_name=is_compared,
    version_table="migration",
    version_table_schema="audit",
    process_revision_directives=_directives,
)
with context.begin_transaction():
    context.run_migrations()
