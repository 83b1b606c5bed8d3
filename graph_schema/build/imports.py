"""`importRows`: a file's worth of any type in a request, as the import page takes it."""

from __future__ import annotations

from graph_schema.build.assembly import KINDS, Assembly, argument, listed, optional
from graph_schema.build.problems import mutation_field
from graph_schema.naming import IMPORT_PAYLOAD
from graph_schema.write.imports import ARGUMENTS, IMPORT, ROWS
from hub.document.registry import spec as spec_of


def imports(assembly: Assembly) -> None:
    """One field for all types; which may come in, and by whom, the import itself says."""
    given = [
        argument("documentType", str, "单据类型，如 SalesOrder · Type of the documents"),
        argument(ROWS, optional(listed(KINDS["json"])), "行，列名同导出 · Rows; the names are those of an export"),
        *(argument(name, optional(str), text) for name, text in ARGUMENTS.items()),
        argument(
            "columns", optional(KINDS["json"]), "{列名: 字段}，空为不导入 · Which heading is which field; empty: none"
        ),
    ]
    text = "导入，全部或全不，一次告知每行的所有问题 · Import: all rows or none, with every problem of every row"
    spec = spec_of("SourceRecord")
    mutation_field(assembly, spec, IMPORT, text, given, versioned=False, payload=IMPORT_PAYLOAD)
