"""The write verbs on many documents: one transaction, an outcome per row.

Each row runs behind a savepoint, so that all problems of all rows are told; the policy says what becomes of the good
ones. Documents are locked in the order of their ids first, so that two batches cannot wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from hub import writes
from hub.context import Ctx
from hub.document.batch import BatchPolicy, Outcome, check_size, each, lock_in_order
from hub.document.holding import demand
from hub.document.registry import spec as spec_of
from hub.errors import Invalid, problem

Versions = Sequence[int | None] | None
"""The version that each document is expected at, in the order of the ids; None for any."""


def create_many(
    ctx: Ctx, document_type: str, inputs: Sequence[Mapping[str, Any]], policy: BatchPolicy = BatchPolicy.ALL
) -> list[Outcome]:
    """`create` for each of up to 1,000 inputs; an outcome per input, in order.

    Raises:
        Forbidden, Invalid (TOO_MANY_ROWS), BatchRefused (policy ALL: nothing is kept, every row's problems are told).
    """
    demand(ctx, spec_of(document_type))
    return each(ctx, "inputs", inputs, partial(writes.create, ctx, document_type), policy)


def update_many(
    ctx: Ctx,
    document_type: str,
    inputs: Sequence[tuple[UUID, Mapping[str, Any], int | None]],
    policy: BatchPolicy = BatchPolicy.ALL,
) -> list[Outcome]:
    """`update` for each (id, values, expected version); as `create_many`."""
    _hold(ctx, document_type, "inputs", [one[0] for one in inputs])

    def one(row: tuple[UUID, Mapping[str, Any], int | None]) -> Any:
        return writes.update(ctx, document_type, row[0], row[1], expected_version=row[2])

    return each(ctx, "inputs", inputs, one, policy)


def run_step_many(
    ctx: Ctx,
    document_type: str,
    ids: Sequence[UUID],
    step_name: str,
    arguments: Mapping[str, Any] | None = None,
    policy: BatchPolicy = BatchPolicy.ALL,
    *,
    versions: Versions = None,
) -> list[Outcome]:
    """`run_step` for each document, with the same arguments; as `create_many`."""

    def one(id_: UUID, version: int | None) -> Any:
        return writes.run_step(ctx, document_type, id_, step_name, arguments, expected_version=version)

    return _each(ctx, document_type, ids, versions, one, policy)


def discard_many(
    ctx: Ctx,
    document_type: str,
    ids: Sequence[UUID],
    policy: BatchPolicy = BatchPolicy.ALL,
    *,
    versions: Versions = None,
) -> list[Outcome]:
    """`discard` for each document; an outcome bears the id of what is gone."""

    def one(id_: UUID, version: int | None) -> UUID:
        writes.discard(ctx, document_type, id_, expected_version=version)
        return id_

    return _each(ctx, document_type, ids, versions, one, policy)


def amend_many(
    ctx: Ctx,
    document_type: str,
    ids: Sequence[UUID],
    policy: BatchPolicy = BatchPolicy.ALL,
    *,
    versions: Versions = None,
) -> list[Outcome]:
    """`amend` for each document; an outcome bears the new draft's id."""

    def one(id_: UUID, version: int | None) -> Any:
        return writes.amend(ctx, document_type, id_, expected_version=version)

    return _each(ctx, document_type, ids, versions, one, policy)


def convert_many(
    ctx: Ctx,
    document_type: str,
    ids: Sequence[UUID],
    target_type: str,
    policy: BatchPolicy = BatchPolicy.ALL,
    *,
    versions: Versions = None,
) -> list[Outcome]:
    """`convert` for each document, with all that is open; an outcome bears the draft's id."""

    def one(id_: UUID, version: int | None) -> Any:
        return writes.convert(ctx, document_type, id_, target_type, expected_version=version)

    return _each(ctx, document_type, ids, versions, one, policy)


def _each(
    ctx: Ctx,
    document_type: str,
    ids: Sequence[UUID],
    versions: Versions,
    verb: Callable[[UUID, int | None], Any],
    policy: BatchPolicy,
) -> list[Outcome]:
    if versions is not None and len(versions) != len(ids):
        raise Invalid(
            problem(
                "VERSIONS_MISMATCH",
                f"期望的版本有 {len(versions)} 个，单据有 {len(ids)} 个，须一一对应。",
                f"There are {len(versions)} expected versions for {len(ids)} documents; give one for each.",
                "expectedVersions",
                hint=("不限版本的填 null。", "Give null for any version."),
            )
        )
    _hold(ctx, document_type, "ids", ids)
    rows = list(zip(ids, versions or [None] * len(ids), strict=True))
    return each(ctx, "ids", rows, lambda row: verb(*row), policy)


def _hold(ctx: Ctx, document_type: str, name: str, ids: Sequence[UUID]) -> None:
    spec = spec_of(document_type)
    check_size(name, ids)
    if ctx.viewer.may(spec.access.read):
        lock_in_order(ctx, spec, ids)
