"""How much one request may ask: page size, depth, aliases, tokens, length.

Checked on the parsed document before it is validated, because validation itself is what a hostile document
would make expensive. Fields of the introspection do not count towards the depth.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode

from hub.errors import Invalid, problem

DEFAULT_FIRST = 50
MAX_FIRST = 1_000
MAX_CHARACTERS = 100_000
MAX_TOKENS = 5_000
MAX_DEPTH = 15
MAX_ALIASES = 60
MAX_NESTED_FIELDS = 3_000
STATEMENT_SECONDS = 20.0


@dataclass
class _Count:
    """What has been seen so far of one document."""

    aliases: int = 0
    fields: int = 0


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
    """Invalid DEPTH_EXCEEDED, ALIASES_EXCEEDED, FIELDS_EXCEEDED or FRAGMENT_CYCLE; counts run through fragments."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    count = _Count()
    for definition in document.definitions:
        selection = getattr(definition, "selection_set", None)
        if selection is not None and not isinstance(definition, FragmentDefinitionNode):
            _walk(selection, fragments, 1, (), count)


def _walk(
    selection: SelectionSetNode,
    fragments: dict[str, FragmentDefinitionNode],
    depth: int,
    inside: tuple[str, ...],
    count: _Count,
) -> None:
    """Count one selection set; `inside` holds the fragments we are in."""
    if depth > MAX_DEPTH:
        raise _exceeded("DEPTH_EXCEEDED", "嵌套层数", "levels of nesting", MAX_DEPTH)
    for node in selection.selections:
        if isinstance(node, FieldNode):
            _count_field(node, count)
            if node.selection_set and not node.name.value.startswith("__"):
                _walk(node.selection_set, fragments, depth + 1, inside, count)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name in inside:
                raise Invalid(
                    problem("FRAGMENT_CYCLE", f"片段 {name} 引用了自身。", f"The fragment {name} contains itself.")
                )
            if name in fragments:
                _walk(fragments[name].selection_set, fragments, depth, (*inside, name), count)
        else:
            inline = getattr(node, "selection_set", None)
            if inline is not None:
                _walk(inline, fragments, depth, inside, count)


def _count_field(node: FieldNode, count: _Count) -> None:
    count.fields += 1
    count.aliases += node.alias is not None
    if count.aliases > MAX_ALIASES:
        raise _exceeded("ALIASES_EXCEEDED", "别名数", "aliases", MAX_ALIASES)
    if count.fields > MAX_NESTED_FIELDS:
        raise _exceeded("FIELDS_EXCEEDED", "字段数", "fields", MAX_NESTED_FIELDS)


def _exceeded(code: str, chinese: str, english: str, limit: int) -> Invalid:
    return Invalid(problem(code, f"查询的{chinese}超过 {limit}。", f"The document has more than {limit} {english}."))


def check_first(value: int) -> int:
    """The page size if it is allowed; Invalid PAGE_SIZE otherwise."""
    if not 0 <= value <= MAX_FIRST:
        most = f"{MAX_FIRST:,}"
        raise Invalid(
            problem("PAGE_SIZE", f"每页条数须在 0 到 {most} 之间。", f"A page has between 0 and {most} rows.")
        )
    return value
