"""How much one request may ask, known from its document alone: length, depth, breadth, aliases, repetition, pages.

Checked on the parsed document before it is validated, because validation itself is what a hostile document
would make expensive. Fields of the introspection do not count towards the depth. What a plan costs: cost.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

from hub.errors import Invalid, problem

DEFAULT_FIRST = 50
MAX_FIRST = 1_000
MAX_CHARACTERS = 100_000
MAX_TOKENS = 5_000
MAX_DEPTH = 15
MAX_ALIASES = 60
MAX_GROUP_KEYS = 5
SCHEMA_ALIAS = 10
"""An alias of the introspection counts for ten: each repeats a part of the whole schema."""
MAX_ROOT_FIELDS = 30
MAX_BREADTH = 200
MAX_FIELDS = 3_000
MAX_REPEATS = 5_000
"""Pairs of fields under one response name: validation compares every pair."""

_EXCEEDED = {
    "DEPTH_EXCEEDED": ("嵌套层数", "levels of nesting", MAX_DEPTH),
    "ALIASES_EXCEEDED": ("别名数", "aliases", MAX_ALIASES),
    "ROOT_FIELDS_EXCEEDED": ("根字段数", "root fields", MAX_ROOT_FIELDS),
    "BREADTH_EXCEEDED": ("同一对象下的字段数", "fields of one object", MAX_BREADTH),
    "FIELDS_EXCEEDED": ("字段数", "fields", MAX_FIELDS),
    "REPEATS_EXCEEDED": ("同名字段的重复", "repetitions of the same fields", MAX_REPEATS),
}


def exceeded(code: str) -> Invalid:
    """The refusal of a document that goes beyond a limit."""
    chinese, english, limit = _EXCEEDED[code]
    return Invalid(problem(code, f"查询的{chinese}超过 {limit}。", f"The document has more than {limit} {english}."))


def check_length(document: str) -> None:
    """Invalid DOCUMENT_TOO_LONG before anything is parsed."""
    if len(document) > MAX_CHARACTERS:
        raise Invalid(
            problem(
                "DOCUMENT_TOO_LONG",
                f"查询超过 {MAX_CHARACTERS} 个字符。",
                f"The document has more than {MAX_CHARACTERS} characters.",
            )
        )


def check_document(document: DocumentNode) -> None:
    """Invalid FRAGMENT_CYCLE, or what `exceeded` names; counts run through fragments."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    _check_cycles(fragments)
    walk = _Walk(fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.selected([definition.selection_set], 1)


def _check_cycles(fragments: dict[str, FragmentDefinitionNode]) -> None:
    """A fragment must not contain itself: whatever follows it would never end."""
    contained = {name: _spreads(node) for name, node in fragments.items()}
    ended: set[str] = set()
    for start in fragments:
        path, pending = [start], [iter(contained[start])]
        while path:
            name = next(pending[-1], None)
            if name is None:
                ended.add(path.pop())
                pending.pop()
            elif name in path:
                raise Invalid(
                    problem("FRAGMENT_CYCLE", f"片段 {name} 引用了自身。", f"The fragment {name} contains itself.")
                )
            elif name in contained and name not in ended:
                path.append(name)
                pending.append(iter(contained[name]))


def _spreads(fragment: FragmentDefinitionNode) -> list[str]:
    found: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            found.append(node.name.value)

    visit(fragment, Spreads())
    return found


@dataclass
class _Walk:
    """One document, object by object: the fields of one response name are one field, as in the answer."""

    fragments: dict[str, FragmentDefinitionNode]
    aliases: int = 0
    fields: int = 0
    repeats: int = 0

    def selected(self, selections: list[SelectionSetNode], depth: int, *, of_schema: bool = False) -> None:
        """Count what is selected of one object, then go down; the schema itself may be asked as deep as it is."""
        if depth > MAX_DEPTH:
            raise exceeded("DEPTH_EXCEEDED")
        found: dict[str, list[FieldNode]] = {}
        for selection in selections:
            self._collect(selection, found, SCHEMA_ALIAS if of_schema else 1)
        if len(found) > MAX_BREADTH:
            raise exceeded("BREADTH_EXCEEDED")
        if depth == 1 and not of_schema and len(found) > MAX_ROOT_FIELDS:
            raise exceeded("ROOT_FIELDS_EXCEEDED")
        for nodes in found.values():
            self.repeats += comb(len(nodes), 2)
            if self.repeats > MAX_REPEATS:
                raise exceeded("REPEATS_EXCEEDED")
            below = [node.selection_set for node in nodes if node.selection_set is not None]
            if below:
                within = of_schema or nodes[0].name.value.startswith("__")
                self.selected(below, depth if within else depth + 1, of_schema=within)

    def _collect(self, selection: SelectionSetNode, found: dict[str, list[FieldNode]], weight: int) -> None:
        for node in selection.selections:
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise exceeded("FIELDS_EXCEEDED")
            if isinstance(node, FieldNode):
                schema_root = node.name.value in ("__schema", "__type")
                self.aliases += (SCHEMA_ALIAS if schema_root else weight) if node.alias is not None else 0
                if self.aliases > MAX_ALIASES:
                    raise exceeded("ALIASES_EXCEEDED")
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, FragmentSpreadNode):
                if node.name.value in self.fragments:
                    self._collect(self.fragments[node.name.value].selection_set, found, weight)
            else:
                self._collect(node.selection_set, found, weight)  # type: ignore[attr-defined]


def check_first(value: int) -> int:
    """The page size if it is allowed; Invalid PAGE_SIZE otherwise."""
    if not 0 <= value <= MAX_FIRST:
        most = f"{MAX_FIRST:,}"
        raise Invalid(
            problem("PAGE_SIZE", f"每页条数须在 0 到 {most} 之间。", f"A page has between 0 and {most} rows.")
        )
    return value
