"""Lists of aliases as text: what is pasted, CSV in and out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from smtpy_desktop.core.alias_targets import parse_alias_address, parse_note, parse_targets, refuse_silent_postmaster
from smtpy_desktop.core.spreadsheet_safety import defuse, is_risky
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.aliases import AliasLine, AliasRow, LineFault
from smtpy_desktop.schemas.text import text

COLUMNS = ("address", "targets", "active", "note")
"""The columns of an export, which are those of an import."""

_HEADINGS = {
    "address": "address", "alias": "address", "email": "address", "source": "address",
    "targets": "targets", "target": "targets", "destination": "targets", "destinations": "targets",
    "forward_to": "targets", "goto": "targets",
    "active": "active", "enabled": "active", "is_active": "active",
    "note": "note", "comment": "note", "description": "note",
}  # fmt: skip
_YES, _NO = {"yes", "true", "1", "on", "y", "oui", "active"}, {"no", "false", "0", "off", "n", "non", "inactive"}
_ARROW = re.compile(r"\s*(?:->|=>|→|\t)\s*")
_QUOTE = "'"


def read_aliases(content: str, *, domain: str | None = None) -> tuple[AliasLine, ...]:
    """Return the aliases of a list, line by line, each with what is wrong with it; blank lines and ``#`` are skipped.

    With headings (``address,targets,active,note``, in any order) it is CSV; otherwise every line is an address and
    what it forwards to, as people and Postfix write it. A name without ``@`` belongs to ``domain``.
    """
    plain = content.removeprefix("\ufeff").replace("\0", " ")
    table = _table(plain)
    cells = table if table is not None else _plain_lines(plain)
    try:
        return tuple(_line(number, typed, values, domain) for number, typed, values in cells)
    except csv.Error as error:
        raise FieldError(
            "content",
            "ALIAS_CSV",
            text("This is no CSV that can be read."),
            detail=text("{reason}", reason=str(error)),
            hint=text("Save it again as CSV with the columns address, targets, active, note."),
        ) from error


def write_aliases(rows: Iterable[AliasRow]) -> str:
    """Return aliases as CSV with headings (RFC 4180); no spreadsheet takes a cell for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        targets = ", ".join(target.address for target in row.targets)
        cells = (row.unicode_address, targets, "yes" if row.is_active else "no", row.note)
        writer.writerow([_guarded(cell) for cell in cells])
    return out.getvalue()


def _guarded(cell: str) -> str:
    """Defuse a cell so that ``_unguarded`` gives back exactly what it was, quotes at its beginning included."""
    return f"{_QUOTE}{cell}" if is_risky(cell.lstrip(_QUOTE)) else defuse(cell)


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(_QUOTE) and is_risky(cell.lstrip(_QUOTE)) else cell


def _table(content: str) -> Iterator[tuple[int, str, Mapping[str, str]]] | None:
    """Return the rows of a CSV by heading; None when the first line holds no headings."""
    first = next((line for line in content.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    headings = [_HEADINGS.get(cell.strip().strip('"').lower(), "") for cell in first.split(delimiter)]
    if "address" not in headings or "targets" not in headings:
        return None
    return _rows(content, delimiter, headings)


def _rows(content: str, delimiter: str, headings: list[str]) -> Iterator[tuple[int, str, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    number, has_headings = 1, False
    for cells in reader:
        start, number = number, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if not has_headings:
            has_headings = True
            continue
        values = {heading: _unguarded(cell.strip()) for heading, cell in zip(headings, cells, strict=False) if heading}
        yield start, delimiter.join(cells), values


def _plain_lines(content: str) -> Iterator[tuple[int, str, Mapping[str, str]]]:
    for number, line in enumerate(content.splitlines(), 1):
        typed = line.strip()
        if not typed or typed.startswith("#"):
            continue
        address, targets = _halves(typed)
        yield number, typed, {"address": address, "targets": targets}


def _halves(typed: str) -> tuple[str, str]:
    """Divide a line at its arrow, or behind its first word."""
    arrow = _ARROW.search(typed)
    if arrow is not None:
        return typed[: arrow.start()], typed[arrow.end() :]
    found = re.split(r"[\s,;:]+", typed, maxsplit=1)
    return found[0], found[1] if len(found) > 1 else ""


def _line(number: int, typed: str, values: Mapping[str, str], domain: str | None) -> AliasLine:
    line = AliasLine(number, typed)
    try:
        parsed = parse_alias_address(values.get("address", ""), domain=domain)
        line = replace(line, local_part=parsed.local_part, domain=parsed.domain, key=parsed.key)
        targets = parse_targets(values.get("targets", ""))
        active = _activity(values.get("active", ""))
        note = parse_note(values["note"]) if "note" in values else None
        refuse_silent_postmaster(parsed.key, is_active=active is not False)
    except FieldError as error:
        return replace(line, fault=line_fault(error))
    return replace(line, targets=targets, is_active=active, note=note)


def line_fault(error: FieldError) -> LineFault:
    """Return what a failure says, to be kept with its line."""
    return LineFault(error.code, error.message, error.hint, error.suggestion)


def _activity(typed: str) -> bool | None:
    word = typed.strip().lower()
    if not word:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise FieldError(
        "active",
        "ALIAS_ACTIVE_WORD",
        text("“{word}” does not say whether the alias is active.", word=typed.strip()),
        hint=text("Write yes or no."),
    )
