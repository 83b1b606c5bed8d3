"""The source definition format: one TOML file names a silo, its tables and the documents they become.

Three kinds: `sql` (any SQLAlchemy URL), `csv` (a folder) and `excel` (a workbook). The file says what is read;
SELECT files beside it say what it means. Nothing is connected here and the environment is not read: values like
`${NAME}` are filled in later from a mapping, so that a source whose password is missing fails alone.
assets/README.md shows the format by example.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.selects import Select, SelectError, read_select

KINDS: Mapping[str, str] = {"sql": "url", "csv": "folder", "excel": "workbook"}
"""Kind of source → the key that says where it is."""

PLACES: Mapping[str, str] = {"sql": "table", "csv": "file", "excel": "sheet"}
"""Kind of source → the key that says where one table is inside it."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
VALUE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

_SOURCE_KEYS = {"code", "name", "name_en", "kind", "department", "encoding", "delimiter", "null", "tables", "loads"}
_TABLE_KEYS = {
    "sql": {"table", "key", "columns", "rename", "null"},
    "csv": {"file", "key", "columns", "rename", "null", "encoding", "delimiter"},
    "excel": {"sheet", "key", "columns", "rename", "null", "header_row"},
}
_LOAD_KEYS = {"name", "document", "table", "select", "lines"}


class SourceError(Exception):
    """A source that is described wrongly or cannot be read; one sentence in each language.

    `code` is stable for programs: SOURCE_FILE_MISSING, SOURCE_FORMAT, SOURCE_VALUE_MISSING, SOURCE_UNREACHABLE,
    SOURCE_TABLE_MISSING, SOURCE_COLUMN_MISSING, SOURCE_UNREADABLE.
    """

    def __init__(self, code: str, message_zh: str, message_en: str) -> None:
        super().__init__(f"{message_zh} {message_en}")
        self.code, self.message_zh, self.message_en = code, message_zh, message_en


@dataclass(frozen=True)
class SourceTable:
    """One table of a silo: where it is, what identifies a row, how its text is read."""

    name: str
    place: str
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    null: tuple[str, ...] = ("",)
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    header_row: int = 1


@dataclass(frozen=True)
class SourceLoad:
    """One conformed document type: a SELECT for the document and one per collection of lines."""

    name: str
    document: str
    table: str
    select: Select
    lines: Mapping[str, Select] = field(default_factory=dict)

    @property
    def reads(self) -> frozenset[str]:
        """Every table that the load's SELECTs read, schema-qualified."""
        return self.select.reads.union(*(one.reads for one in self.lines.values()))


@dataclass(frozen=True)
class Source:
    """One silo as its TOML file describes it; `place` still holds its `${NAME}` values."""

    code: str
    name: str
    name_en: str
    kind: str
    place: str
    home: Path
    tables: tuple[SourceTable, ...]
    loads: tuple[SourceLoad, ...]
    department: str | None = None

    def raw_name(self, table: str) -> str:
        """The name, inside schema raw, of the table that mirrors one table of the silo."""
        return f"{self.code}__{table}"

    def where(self, values: Mapping[str, str]) -> str:
        """The place with its values filled in: a URL, or the absolute path of a folder or workbook."""
        text = VALUE.sub(lambda found: self._value(found.group(1), values), self.place)
        return text if self.kind == "sql" else str((self.home / Path(text).expanduser()).resolve())

    def _value(self, name: str, values: Mapping[str, str]) -> str:
        """One `${NAME}`; SourceError when the mapping does not hold it."""
        if name not in values:
            raise SourceError(
                "SOURCE_VALUE_MISSING",
                f"数据源 {self.code} 需要设置值 {name},但没有提供。",
                f"Source {self.code} needs the value {name}, which is not set.",
            )
        return values[name]


class _Reader:
    """Takes the entries of one TOML table one by one and complains in the name of the file."""

    def __init__(self, path: Path, where: str, entries: Mapping[str, Any]) -> None:
        self.path, self.where, self.entries = path, where, entries

    def wrong(self, zh: str, en: str) -> SourceError:
        """The error for this part of the file."""
        at = f"{self.path.name}{f' [{self.where}]' if self.where else ''}"
        return SourceError("SOURCE_FORMAT", f"{at}:{zh}", f"{at}: {en}")

    def only(self, allowed: Iterable[str]) -> None:
        """Refuses keys that the format does not know: a typing error must not pass in silence."""
        unknown = sorted(set(self.entries) - set(allowed))
        if unknown:
            names, known = ", ".join(unknown), ", ".join(sorted(allowed))
            raise self.wrong(f"不认识的键 {names};可用的键:{known}。", f"unknown key {names}; known keys: {known}.")

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.entries.get(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(f"缺少文本 {key}。", f"the text {key} is missing.")
        return value

    def name(self, key: str, default: str | None = None) -> str:
        """A short name that can become part of a table name."""
        value = self.text(key, default)
        if not NAME.fullmatch(value):
            raise self.wrong(
                f"{key} 的值 {value!r} 只能由小写字母、数字和下划线组成,且不超过 30 个字符。",
                f"{key} {value!r} must be lower-case letters, digits and underscores, at most 30 characters.",
            )
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts, or one text."""
        value = self.entries.get(key, default)
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, (list, tuple)) or not all(isinstance(one, str) for one in values):
            raise self.wrong(f"{key} 应为文本列表。", f"{key} must be a list of texts.")
        return tuple(values)

    def tables(self, key: str) -> Mapping[str, Any]:
        """A TOML table; empty when absent."""
        value = self.entries.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(f"{key} 应为表。", f"{key} must be a table.")
        return value

    def number(self, key: str, default: int) -> int:
        """A whole number of at least 1."""
        value = self.entries.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(f"{key} 应为不小于 1 的整数。", f"{key} must be a whole number of at least 1.")
        return value


def read_source(path: Path) -> Source:
    """The source that a TOML file and the SELECT files beside it describe; SourceError with one sentence otherwise."""
    top = _Reader(path, "", _toml(path))
    kind = top.text("kind")
    if kind not in KINDS:
        raise top.wrong(f"kind 应为 {'、'.join(KINDS)} 之一。", f"kind must be one of {', '.join(KINDS)}.")
    top.only(_SOURCE_KEYS | {KINDS[kind]})
    code = top.name("code")
    tables = tuple(_table(path, kind, name, top) for name in top.tables("tables"))
    if not tables:
        raise top.wrong("至少需要一个 [tables.…]。", "at least one [tables.…] is needed.")
    loads = top.entries.get("loads", [])
    if not isinstance(loads, list):
        raise top.wrong("loads 应写作 [[loads]]。", "loads must be written as [[loads]].")
    name = top.text("name")
    source = Source(
        code=code,
        name=name,
        name_en=top.text("name_en", name),
        kind=kind,
        place=top.text(KINDS[kind]),
        home=path.resolve().parent,
        tables=tables,
        loads=tuple(_load(path, number, entries, tables) for number, entries in enumerate(loads, 1)),
        department=top.text("department") if "department" in top.entries else None,
    )
    names = [load.name for load in source.loads]
    if len(set(names)) != len(names):
        raise top.wrong(
            "两个 [[loads]] 同名,请用 name 区分。", "two [[loads]] have the same name; tell them apart with name."
        )
    return source


def read_sources(paths: Iterable[Path]) -> tuple[Source, ...]:
    """The sources of several files; a folder stands for every TOML file under it, in the order of their paths."""
    files: list[Path] = []
    for path in paths:
        files.extend(sorted(path.rglob("*.toml")) if path.is_dir() else [path])
    sources = tuple(read_source(file) for file in files)
    codes = [source.code for source in sources]
    for code in codes:
        if codes.count(code) > 1:
            raise SourceError(
                "SOURCE_FORMAT", f"有两个数据源使用了同一代码 {code}。", f"Two sources use the same code {code}."
            )
    return sources


def _toml(path: Path) -> dict[str, Any]:
    """The parsed file, or a sentence."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            "SOURCE_FILE_MISSING", f"找不到或无法读取文件 {path}。", f"File {path} is missing or unreadable."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SourceError(
            "SOURCE_FORMAT", f"{path.name} 不是有效的 TOML:{error}。", f"{path.name} is not valid TOML: {error}."
        ) from error


def _table(path: Path, kind: str, name: str, top: _Reader) -> SourceTable:
    """One [tables.<name>]; encoding, delimiter and null default to the source's own."""
    entries = top.tables("tables")[name]
    reader = _Reader(path, f"tables.{name}", entries if isinstance(entries, dict) else {})
    if not NAME.fullmatch(name):
        raise reader.wrong(
            "表名只能由小写字母、数字和下划线组成。", "a table's name must be lower-case letters, digits, underscores."
        )
    reader.only(_TABLE_KEYS[kind])
    key = reader.texts("key", ())
    if not key:
        raise reader.wrong("缺少 key:请列出标识一行的列。", "key is missing: list the columns that identify a row.")
    rename = reader.tables("rename")
    if not all(isinstance(new, str) for new in rename.values()):
        raise reader.wrong("rename 应为 旧列名 = 新列名。", "rename must map old names to new names.")
    return SourceTable(
        name=name,
        place=reader.text(PLACES[kind]),
        key=key,
        columns=reader.texts("columns", ()),
        rename=dict(rename),
        null=reader.texts("null", top.texts("null", ("",))),
        encoding=reader.text("encoding", top.text("encoding", "utf-8-sig")),
        delimiter=reader.text("delimiter", top.text("delimiter", ",")),
        header_row=reader.number("header_row", 1),
    )


def _load(path: Path, number: int, entries: object, tables: tuple[SourceTable, ...]) -> SourceLoad:
    """One [[loads]] with its SELECT files read and checked for the columns that the pipeline needs."""
    reader = _Reader(path, f"loads {number}", entries if isinstance(entries, dict) else {})
    reader.only(_LOAD_KEYS)
    document, table = reader.text("document"), reader.text("table")
    if table not in {one.name for one in tables}:
        raise reader.wrong(f"没有名为 {table} 的表。", f"there is no table {table}.")
    lines = reader.tables("lines")
    if not all(isinstance(file, str) for file in lines.values()):
        raise reader.wrong("lines 应为 集合名 = SELECT 文件。", "lines must map a collection's name to a SELECT file.")
    return SourceLoad(
        name=reader.name("name", re.sub(r"(?<!^)(?=[A-Z])", "_", document).lower()),
        document=document,
        table=table,
        select=_select(reader, path.parent / reader.text("select"), "source_key"),
        lines={name: _select(reader, path.parent / file, "header_key") for name, file in lines.items()},
    )


def _select(reader: _Reader, path: Path, needed: str) -> Select:
    """A SELECT file that gives the column by which its rows are tied to the silo's record."""
    try:
        select = read_select(path)
        columns = select.columns
    except SelectError as error:
        raise reader.wrong(error.message_zh, error.message_en) from error
    if needed not in columns:
        raise reader.wrong(f"{path.name} 必须给出列 {needed}。", f"{path.name} must give the column {needed}.")
    return select
