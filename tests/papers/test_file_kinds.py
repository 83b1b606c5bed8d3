"""What a file is, is told by its bytes; a name says nothing."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from hub.rules.file_kinds import GROUPS, kind_of


def workbook() -> bytes:
    file = io.BytesIO()
    Workbook().save(file)
    return file.getvalue()


def packed(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "group"),
    [
        (b"%PDF-1.7\n", "document"),
        (workbook(), "document"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image"),
        (packed("图纸.dwg"), "archive"),
        (packed("META-INF/MANIFEST.MF"), "program"),
        (b"MZ\x90\0", "program"),
        (b"\x7fELF\x02", "program"),
        (b"#!/bin/sh\nrm -rf /", "program"),
        (b"@echo off\r\n", "program"),
        (b"<!DOCTYPE html><script>", "page"),
        ("\ufeff  <html>".encode("utf-16"), "page"),
        (b'<?xml version="1.0"?>\n<!-- a --><svg onload="x">', "page"),
        ("编码,名称\n1,螺丝\n".encode("gb18030"), "text"),
        (b'<?xml version="1.0"?><order/>', "text"),
        (b"", "text"),
        (b"\0\1\2\3" * 9, "other"),
        (b"AC1032", "drawing"),
    ],
)
def test_kinds(content: bytes, group: str) -> None:
    assert kind_of(content).group == group


@given(st.binary(max_size=300))
def test_every_content_has_one(content: bytes) -> None:
    assert kind_of(content).group in GROUPS
