"""Reading what pg_restore prints about a dump: its table of contents, and the rows of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from smtpy_desktop.schemas.backups import DumpFacts

_MADE = re.compile(r"^;\s+Archive created at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)
# dump id; catalogue and object number, what it is, schema, name, owner
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )\S+ (.+) \S+$", re.MULTILINE)
_COPIED = re.compile(r"^COPY .* FROM stdin;\n(.*?)^\\\.$", re.MULTILINE | re.DOTALL)
_COPY_LINE = re.compile(rb'^COPY ((?:"(?:[^"]|"")+"|[^" .(]+)\.(?:"(?:[^"]|"")+"|[^" .(]+)) .*FROM stdin;$')
_NAME = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def count_rows(lines: Iterable[bytes]) -> dict[str, int]:
    """Count the rows of every table in what pg_restore prints of the data; tables are named as schema.name."""
    counts: dict[str, int] = {}
    table = ""
    for line in lines:
        if table:
            if line.rstrip(b"\n") == b"\\.":
                table = ""
            else:
                counts[table] += 1
        elif line.startswith(b"COPY ") and (found := _COPY_LINE.match(line.rstrip(b"\n"))) is not None:
            table = _plain_name(found[1].decode("utf-8", "replace"))
            counts[table] = 0
    return counts


def _plain_name(quoted: str) -> str:
    return ".".join((part[1] or part[2]).replace('""', '"') for part in _NAME.finditer(quoted))


def parse_contents(listed: str, versions: str) -> DumpFacts:
    """Read ``pg_restore --list``, and the rows of ``alembic_version`` (empty where the dump has no such table)."""
    made = _MADE.search(listed)
    made_at = datetime.strptime(made[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if made is not None else None
    copied = _COPIED.search(versions)
    rows = copied[1].split() if copied is not None else []
    return DumpFacts(made_at, frozenset(_TABLE.findall(listed)), rows[0] if len(rows) == 1 else "")
