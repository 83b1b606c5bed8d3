"""Where declared document types are found: by name, in order of declaration.

The one piece of module state in the machinery: classes register when their module is imported, as SQLAlchemy's
own registry does, and are only read afterwards.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import FromClause, MetaData

from hub.errors import NotFound, problem

if TYPE_CHECKING:
    from hub.document.spec import DocSpec

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_models: dict[str, type[Any]] = {}
_specs: dict[str, DocSpec] = {}


def register(model: type[Any]) -> None:
    """Called by the base class for each declared type."""
    if model.__name__ in _models:
        raise RuntimeError(f"{model.__name__} is declared twice")
    _models[model.__name__] = model


def specs() -> dict[str, DocSpec]:
    """All document types by name, in order of declaration; described once, at the first call."""
    if not _specs or len(_specs) != len(_models):
        from hub.document.spec import describe

        import_module("hub.domains")  # declares every type; by name, for the machinery knows no business word
        _specs.clear()
        _specs.update((name, describe(model)) for name, model in _models.items())
    return _specs


def spec(name: str) -> DocSpec:
    """One type by its CamelCase name; NotFound TYPE_UNKNOWN for any other."""
    found = specs().get(name)
    if found is None:
        raise NotFound(problem("TYPE_UNKNOWN", f"没有名为 {name} 的单据类型。", f"There is no document type {name}."))
    return found


def table(name: str) -> FromClause:
    """A fresh alias of a type's table, for `derived` SQL."""
    return spec(name).table.alias()
