"""The source definition format: what it takes, and the sentence for each way to get it wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.sources import SourceError, read_source, read_sources
from hub.settings import ROOT
from tests.assets.conftest import WriteSource

CUSTOMERS = """
code = "crm"
name = "销售系统"
kind = "csv"
folder = "${CRM_FOLDER}/export"
encoding = "gb18030"
null = ["NULL", ""]
[tables.customers]
file = "customers.csv"
key = ["id"]
delimiter = ";"
[[loads]]
document = "Customer"
table = "customers"
select = "customer.sql"
"""
SECOND_LOAD = '[[loads]]\ndocument = "Customer"\ntable = "customers"\nselect = "customer.sql"'
SELECT = 'select c._key as source_key, c.id as code, c."名称" as name from raw.crm__customers c'


def test_reads_a_source_with_its_defaults(write_source: WriteSource, tmp_path: Path) -> None:
    source = write_source(CUSTOMERS, {"customer.sql": SELECT})
    table = source.tables[0]
    assert (source.code, source.kind, source.name_en) == ("crm", "csv", "销售系统")
    assert (table.encoding, table.delimiter, table.null) == ("gb18030", ";", ("NULL", ""))
    assert source.raw_name("customers") == "crm__customers"
    assert source.loads[0].name == "customer"
    assert source.loads[0].reads == {"raw.crm__customers"}
    assert source.loads[0].select.columns == ("source_key", "code", "name")
    assert source.where({"CRM_FOLDER": str(tmp_path / "x")}) == str(tmp_path / "x" / "export")


def test_a_missing_value_is_told_only_when_it_is_needed(write_source: WriteSource) -> None:
    source = write_source(CUSTOMERS, {"customer.sql": SELECT})
    with pytest.raises(SourceError) as raised:
        source.where({})
    assert raised.value.code == "SOURCE_VALUE_MISSING"
    assert "CRM_FOLDER" in raised.value.message_zh
    assert "CRM_FOLDER" in raised.value.message_en


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('kind = "csv"', 'kind = "xml"', "kind must be one of sql, csv, excel"),
        ('kind = "csv"', 'kind = "csv"\nfoldr = "x"', "unknown key foldr"),
        ('key = ["id"]', 'key = ["id"]\nsheet = "x"', "unknown key sheet"),
        ('key = ["id"]', "", "key is missing"),
        ('file = "customers.csv"', "", "the text file is missing"),
        ('code = "crm"', 'code = "CRM 1"', "must be lower-case"),
        ('table = "customers"', 'table = "orders"', "there is no table orders"),
        ('document = "Customer"', "", "the text document is missing"),
        ('select = "customer.sql"', 'select = "gone.sql"', "missing or unreadable"),
        ('name = "销售系统"', "name = 5", "the text name is missing"),
        ('null = ["NULL", ""]', "null = [1]", "must be a list of texts"),
        ('kind = "csv"', "kind = ", "is not valid TOML"),
        ('select = "customer.sql"', f'select = "customer.sql"\n{SECOND_LOAD}', "same name"),
    ],
)
def test_each_mistake_is_one_sentence_in_both_languages(
    write_source: WriteSource, old: str, new: str, wanted: str
) -> None:
    assert old in CUSTOMERS
    with pytest.raises(SourceError) as raised:
        write_source(CUSTOMERS.replace(old, new, 1), {"customer.sql": SELECT})
    assert wanted in raised.value.message_en
    assert "\n" not in raised.value.message_zh
    assert any("一" <= letter <= "鿿" for letter in raised.value.message_zh)


@pytest.mark.parametrize(
    ("select", "wanted"),
    [
        ("select * from raw.crm__customers", "must name every column"),
        ("select c.id as code from raw.crm__customers c", "must give the column source_key"),
        ("select 1 as source_key; select 2 as source_key", "exactly one SELECT"),
        ("drop table raw.crm__customers", "exactly one SELECT"),
        ("select ( from", "cannot be parsed"),
    ],
)
def test_a_select_file_is_checked_before_it_runs(write_source: WriteSource, select: str, wanted: str) -> None:
    with pytest.raises(SourceError, match=wanted):
        write_source(CUSTOMERS, {"customer.sql": select})


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="missing or unreadable"):
        read_source(tmp_path / "source.toml")


def test_two_sources_cannot_share_a_code(write_source: WriteSource, tmp_path: Path) -> None:
    write_source(CUSTOMERS, {"customer.sql": SELECT}, "a")
    write_source(CUSTOMERS, {"customer.sql": SELECT}, "b")
    with pytest.raises(SourceError, match="same code crm"):
        read_sources([tmp_path])


def test_the_examples_are_sources() -> None:
    sources = read_sources([ROOT / "examples" / "adventureworks", ROOT / "examples" / "northwind"])
    assert {source.kind for source in sources} == {"sql", "csv", "excel"}
    known = {f"raw.{source.raw_name(table.name)}" for source in sources for table in source.tables}
    for source in sources:
        for load in source.loads:
            assert load.reads <= known, load.name
