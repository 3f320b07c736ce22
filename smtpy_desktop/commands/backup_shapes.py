"""Backups, restores and moves as JSON and as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smtpy_desktop.commands.counting import counted
from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.commands.text_table import text_table
from smtpy_desktop.schemas.backups import BackupFile, BackupState, Proof
from smtpy_desktop.schemas.text import Text


def backup_shape(backup: BackupFile) -> dict[str, Any]:
    """One backup."""
    return {
        "path": str(backup.path),
        "made_at": time_shape(backup.made_at),
        "kind": backup.kind or None,
        "size": backup.size_bytes,
        "rows": backup.rows,
        "schema_revision": backup.schema_revision or None,
        "verified_at": time_shape(backup.verified_at),
        "master_key_id": backup.master_key_id,
        "problem": str(backup.problem) if backup.problem is not None else None,
    }


def state_shape(state: BackupState) -> dict[str, Any]:
    """How the last attempt went, and when the next one is due."""
    return {
        "last_at": time_shape(state.last_at),
        "good_at": time_shape(state.good_at),
        "next_at": time_shape(state.next_at),
        "path": str(state.file) if state.file is not None else None,
        "host": state.host or None,
        "problem": str(state.problem) if state.problem is not None else None,
        "detail": str(state.detail) if state.detail is not None else None,
        "hint": str(state.hint) if state.hint is not None else None,
    }


def list_shape(backups: Sequence[BackupFile], state: BackupState) -> dict[str, Any]:
    """All backups in a directory, as one page, with how the last attempt went."""
    return {
        "items": [backup_shape(backup) for backup in backups],
        "total": len(backups),
        "page": 1,
        "page_size": max(len(backups), 1),
        "total_pages": 1,
        "state": state_shape(state),
    }


def proof_shape(proof: Proof) -> dict[str, Any]:
    """What a comparison found."""
    return {
        "holds": proof.holds,
        "rows": proof.rows,
        "tables": [
            {
                "name": table.name,
                "rows_before": table.rows_before,
                "rows_after": table.rows_after,
                "hash_before": table.hash_before,
                "hash_after": table.hash_after,
                "holds": table.holds,
            }
            for table in proof.tables
        ],
        "lagging_sequences": list(proof.lagging),
        "notes": texts(proof.notes),
    }


def texts(notes: Sequence[Text]) -> list[str]:
    """Sentences as they are told."""
    return [str(note) for note in notes]


def backup_lines(backup: BackupFile, notes: Sequence[Text]) -> str:
    """What is told of a new backup."""
    proved = "proved" if backup.verified_at is not None else "not proved (backups.verify is no)"
    head = f"{backup.path}: {counted(backup.rows or 0, 'row')}, {backup.size_bytes:,} bytes, {proved}."
    return "\n".join([head, *texts(notes)])


def list_lines(backups: Sequence[BackupFile], state: BackupState) -> str:
    """All backups as a table, and below it why the last attempt failed, if it did."""
    lines = _table(backups) if backups else "There is no backup yet. Make one with: smtpy-desktop backup"
    if state.problem is None:
        return lines
    told = " ".join(str(part) for part in (state.problem, state.detail, state.hint) if part is not None)
    return f"{lines}\n\nThe last backup failed at {time_shape(state.last_at)} (on {state.host or 'unknown'}): {told}"


def _table(backups: Sequence[BackupFile]) -> str:
    rows = [
        (
            time_shape(backup.made_at) or "",
            backup.kind or "unknown",
            str(backup.rows) if backup.rows is not None else "",
            "DAMAGED" if backup.problem is not None else "proved" if backup.verified_at is not None else "",
            str(backup.path),
        )
        for backup in backups
    ]
    return text_table(("made", "kind", "rows", "state", "file"), rows)


def proof_lines(proof: Proof) -> str:
    """What a comparison found, in a sentence or table by table."""
    if proof.holds:
        return f"All {counted(len(proof.tables), 'table')} with {counted(proof.rows, 'row')} are the same."
    wrong = [
        f"{table.name}: {table.rows_before} rows before, {table.rows_after} after"
        + ("" if table.rows_before != table.rows_after else ", with other content")
        for table in proof.tables
        if not table.holds
    ]
    return "\n".join(
        ["These tables differ:", *wrong, *(f"{name}: counts from too low a number" for name in proof.lagging)]
    )
