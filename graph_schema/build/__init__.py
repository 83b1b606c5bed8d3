"""THE list: every part of the schema, in the order in which it is built."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from graph_schema.build.aggregates import aggregates
from graph_schema.build.assembly import Assembly
from graph_schema.build.batches import batches
from graph_schema.build.connections import connections
from graph_schema.build.conversions import conversions
from graph_schema.build.creates import creates
from graph_schema.build.filters import filters
from graph_schema.build.imports import imports
from graph_schema.build.objects import objects
from graph_schema.build.orders import orders
from graph_schema.build.papers import papers
from graph_schema.build.plain import plain
from graph_schema.build.problems import MUTATION, problems
from graph_schema.build.queries import QUERY, queries
from graph_schema.build.revisions import revisions
from graph_schema.build.steps import steps
from graph_schema.build.subscriptions import SUBSCRIPTION, subscriptions
from graph_schema.build.updates import updates
from graph_schema.scalars import SCALARS

BUILDERS: tuple[Callable[[Assembly], None], ...] = (
    objects,
    revisions,
    connections,
    filters,
    orders,
    aggregates,
    queries,
    problems,
    creates,
    updates,
    steps,
    conversions,
    batches,
    papers,
    imports,
    subscriptions,
    plain,
)


@cache
def schema() -> strawberry.Schema:
    """The schema of every declared document type, built once."""
    assembly = Assembly()
    for build in BUILDERS:
        build(assembly)
    return strawberry.Schema(
        query=assembly.types[QUERY],
        mutation=assembly.types[MUTATION],
        subscription=assembly.types[SUBSCRIPTION],
        types=[made for made in assembly.types.values() if not made.__strawberry_definition__.is_input],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
