"""Write wanted records in the forms that name servers, providers and people take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from smtpy_desktop.schemas.dns import WantedRecord

LONGEST_STRING = 255
"""Octets in one character-string of a TXT record (RFC 1035 section 3.3)."""

_COLUMNS = ("Host", "Type", "TTL", "Priority", "Value")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ESCAPED = {ord('"'): '\\"', ord("\\"): "\\\\"}


def bind_zone(records: Iterable[WantedRecord]) -> str:
    """Return lines for a zone file (RFC 1035 section 5) that mean the same wherever in the file they are put."""
    return "".join(f"{_zone_line(record)}\n" for record in records)


def cloudflare_import(records: Iterable[WantedRecord]) -> str:
    """Return the file that *DNS, Import and Export* of Cloudflare takes: a BIND file with tabs and no comments.

    Its importer wants full names with their dot in owner and content, and reads every line by itself.
    """
    return "".join(f"{_zone_line(record, separator=chr(9))}\n" for record in records)


def plain_table(records: Iterable[WantedRecord]) -> str:
    """Return the records as aligned columns: host, type, time to live in seconds, priority, value in one piece."""
    rows = [_COLUMNS, *(_cells(record) for record in records)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS) - 1)]
    lines = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def records_json(name: str, records: Iterable[WantedRecord]) -> dict[str, Any]:
    """Return what ``domains records --json`` prints: values in one piece, hosts fully qualified without the dot."""
    return {
        "name": name,
        "records": [
            {
                "kind": record.kind.value,
                "host": record.host,
                "type": record.type,
                "value": record.value,
                "ttl": record.ttl,
                "priority": record.priority,
            }
            for record in records
        ],
    }


def txt_strings(value: str) -> str:
    """Return a TXT value as quoted strings of at most 255 octets, as a zone file holds them."""
    octets = value.encode("utf-8", "surrogatepass")
    pieces = [octets[start : start + LONGEST_STRING] for start in range(0, len(octets), LONGEST_STRING)] or [b""]
    return " ".join(f'"{_quoted(piece)}"' for piece in pieces)


def _quoted(piece: bytes) -> str:
    """Escape as RFC 1035 section 5.1 says: quote and backslash, and octets that are no plain characters by number."""
    return "".join(_ESCAPED.get(octet) or (chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}") for octet in piece)


def _zone_line(record: WantedRecord, separator: str = " ") -> str:
    content = txt_strings(record.value) if record.type == "TXT" else record.value
    if record.priority is not None:
        content = f"{record.priority} {content}"
    return separator.join((f"{record.host}.", str(record.ttl), "IN", record.type, content))


def _cells(record: WantedRecord) -> Sequence[str]:
    priority = "" if record.priority is None else str(record.priority)
    value = _CONTROL.sub(lambda match: f"\\{ord(match.group()):03d}", record.value)
    return (record.host, record.type, str(record.ttl), priority, value)
