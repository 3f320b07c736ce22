"""What is written beside a backup about it, as JSON; and the names of backups."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from smtpy_desktop.schemas.backups import BackupManifest, TableContent

SUFFIX = ".dump"
_FORMAT = 1
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_KEY_ID = re.compile(r"[0-9A-Za-z]{1,64}")


def file_name(database: str, made_at: datetime, kind: str, number: int = 1) -> str:
    """Return what the ``number``-th backup of a second is called: of what, when (UTC), and how it came to be."""
    which = f"-{number}" if number > 1 else ""
    return f"{_UNSAFE.sub('-', database)[:40]}-{made_at.astimezone(UTC):%Y%m%d-%H%M%S}-{kind}{which}{SUFFIX}"


def manifest_name(file: str) -> str:
    """Return the name of the description of a backup."""
    return f"{file}.json"


def manifest_text(manifest: BackupManifest) -> str:
    """Return a description as it is stored."""
    data = {
        "format": _FORMAT,
        "made_at": _stored(manifest.made_at),
        "kind": manifest.kind,
        "installation": manifest.installation,
        "database": manifest.database,
        "host": manifest.host,
        "schema_revision": manifest.schema_revision,
        "size": manifest.size_bytes,
        "sha256": manifest.sha256,
        "verified_at": _stored(manifest.verified_at),
        "master_key_ids": list(manifest.master_key_ids),
        "tables": {table.name: {"rows": table.rows, "sha256": table.hash} for table in manifest.tables},
        "sequences": dict(manifest.sequences),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def parse_manifest(written: str) -> BackupManifest | None:
    """Read a description; None when it is damaged or from a later format."""
    try:
        data: Mapping[str, Any] = json.loads(written)
        if data["format"] != _FORMAT:
            return None
        made_at = _moment(data["made_at"])
        if made_at is None:
            return None
        return BackupManifest(
            made_at=made_at,
            kind=str(data["kind"]),
            installation=str(data["installation"]),
            database=str(data["database"]),
            host=str(data["host"]),
            schema_revision=str(data["schema_revision"]),
            size_bytes=int(data["size"]),
            sha256=str(data["sha256"]),
            tables=tuple(
                TableContent(str(name), int(table["rows"]), str(table["sha256"]))
                for name, table in data["tables"].items()
            ),
            sequences={str(name): int(value) for name, value in data["sequences"].items()},
            master_key_ids=tuple(map(_key_id, data["master_key_ids"])),
            verified_at=_moment(data["verified_at"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


def _stored(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None


def _moment(written: str | None) -> datetime | None:
    if written is None:
        return None
    found = datetime.fromisoformat(written)
    # In UTC at once: at the edges of the calendar another zone has moments that UTC cannot name.
    return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _key_id(written: object) -> str:
    """Return the name of a master key, which is shown to people; raise ValueError for what cannot be one."""
    if not isinstance(written, str) or _KEY_ID.fullmatch(written) is None:
        raise ValueError("this names no master key")
    return written
