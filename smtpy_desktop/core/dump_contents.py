"""Reading what pg_restore prints about a dump: its table of contents, and the rows of a table."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from smtpy_desktop.schemas.backups import DumpFacts

_MADE = re.compile(r"^;\s+Archive created at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)
# dump id; catalogue and object number, what it is, schema, name, owner
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA )\S+ (.+) \S+$", re.MULTILINE)
_COPIED = re.compile(r"^COPY .* FROM stdin;\n(.*?)^\\\.$", re.MULTILINE | re.DOTALL)


def parse_contents(listed: str, versions: str) -> DumpFacts:
    """Read ``pg_restore --list``, and the rows of ``alembic_version`` (empty where the dump has no such table)."""
    made = _MADE.search(listed)
    made_at = datetime.strptime(made[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if made is not None else None
    copied = _COPIED.search(versions)
    rows = copied[1].split() if copied is not None else []
    return DumpFacts(made_at, frozenset(_TABLE.findall(listed)), rows[0] if len(rows) == 1 else "")
