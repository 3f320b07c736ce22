"""Turn the bytes of a file that holds a list of aliases into text."""

from __future__ import annotations

import codecs

from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.text import text

LARGEST_FILE = 20_000_000
"""Bytes; fifty thousand long lines fit in."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode_list(content: bytes) -> str:
    """Return the text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, or Windows' own letters.

    Raises FieldError for ``file`` when it is too large or no text at all.
    """
    if len(content) > LARGEST_FILE:
        raise FieldError(
            "file",
            "ALIAS_FILE_TOO_LARGE",
            text("The file is larger than {most} MB.", most=LARGEST_FILE // 1_000_000),
            hint=text("Divide it, or check that it is the right one."),
        )
    if content.startswith(_UTF16):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise FieldError(
            "file",
            "ALIAS_FILE_NO_TEXT",
            text("This file is no text."),
            hint=text("Save the list as CSV; a workbook (.xlsx) cannot be read."),
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
