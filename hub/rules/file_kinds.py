"""What a file is, told by its first bytes: its media type and the group that settings allow or refuse.

Names lie; a program renamed to .pdf is still a program. Office files are told apart by what their ZIP lists first.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class FileKind(NamedTuple):
    """A media type, and the group it belongs to."""

    media_type: str
    group: str


GROUPS = ("document", "image", "text", "archive", "drawing", "media", "page", "program", "other")
"""document: PDF, Office; page: HTML, SVG and whatever else may run in a browser; program: what a computer runs."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%PDF-", "application/pdf", "document"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "image"),
    (0, b"\xff\xd8\xff", "image/jpeg", "image"),
    (0, b"GIF8", "image/gif", "image"),
    (8, b"WEBP", "image/webp", "image"),
    (0, b"II*\x00", "image/tiff", "image"),
    (0, b"MM\x00*", "image/tiff", "image"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", "document"),
    (0, b"{\\rtf", "application/rtf", "document"),
    (0, b"AC10", "image/vnd.dwg", "drawing"),
    (0, b"ISO-10303-21", "model/step", "drawing"),
    (0, b"7z\xbc\xaf'\x1c", "application/x-7z-compressed", "archive"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar", "archive"),
    (0, b"\x1f\x8b", "application/gzip", "archive"),
    (4, b"ftyp", "video/mp4", "media"),
    (0, b"ID3", "audio/mpeg", "media"),
    (8, b"WAVE", "audio/wav", "media"),
    (8, b"AVI ", "video/x-msvideo", "media"),
    (0, b"\x1aE\xdf\xa3", "video/webm", "media"),
    (0, b"\x7fELF", "application/x-elf", "program"),
    (0, b"MZ", "application/x-msdownload", "program"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm", "program"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary", "program"),
    (0, b"\xce\xfa\xed\xfe", "application/x-mach-binary", "program"),
    (0, b"#!", "text/x-script", "program"),
    (0, b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut", "program"),
    (0, b"\x00asm", "application/wasm", "program"),
)
_PAGE = re.compile(
    rb"<\s*(!doctype\s+html|html|head|body|script|svg|iframe|\?xml[^>]*>\s*(<!--.*?-->\s*)*<\s*(svg|html))", re.I | re.S
)
_BATCH = re.compile(rb"\s*@echo\s+off", re.I)


def kind_of(head: bytes) -> FileKind:
    """The kind of a file from its first bytes, of which 64 KB are enough."""
    for offset, mark, media_type, group in _SIGNATURES:
        if head[offset : offset + len(mark)] == mark:
            return FileKind(media_type, group)
    if head.startswith(b"BM") and len(head) > 14 and head[6:10] == b"\0\0\0\0":
        return FileKind("image/bmp", "image")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(head)
    return _text(head)


def _zipped(head: bytes) -> FileKind:
    for mark, media_type in (
        (b"word/", f"{_OFFICE}wordprocessingml.document"),
        (b"xl/", f"{_OFFICE}spreadsheetml.sheet"),
        (b"ppt/", f"{_OFFICE}presentationml.presentation"),
    ):
        if b"[Content_Types].xml" in head and mark in head:
            return FileKind(media_type, "document")
    if head[30:38] == b"mimetype":
        return FileKind("application/vnd.oasis.opendocument", "document")
    if b"META-INF/MANIFEST.MF" in head or b"AndroidManifest.xml" in head:
        return FileKind("application/java-archive", "program")
    return FileKind("application/zip", "archive")


def _text(head: bytes) -> FileKind:
    """Text in whatever encoding; what a browser would run is a page, however it begins."""
    start = head[:4096]
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    letters = start.replace(b"\0", b"") if wide else start
    if _PAGE.search(letters):
        return FileKind("text/html", "page")
    if _BATCH.match(letters):
        return FileKind("text/x-script", "program")
    if not wide and any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in start):
        return FileKind("application/octet-stream", "other")
    return FileKind("text/plain", "text")
