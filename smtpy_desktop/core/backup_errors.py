"""What can go wrong with backups, restores and moves, told with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smtpy_desktop.errors import ConflictError, DatabaseUnavailable, UserFacingError
from smtpy_desktop.schemas.text import Text, text

BACKUP_BUSY = "BACKUP_BUSY"
BACKUP_DAMAGED = "BACKUP_DAMAGED"

_NAMED = 5
_FULL_SIGNS = ("No space left on device", "Disk quota exceeded", "Check free disk space")
_DAMAGED_SIGNS = (
    "could not read from input file",
    "did not find magic string",
    "does not appear to be a valid archive",
    "unexpected end of file",
    "could not uncompress data",
    "input file is too short",
    "unsupported version",
    "corrupt",
    "invalid compression",
    "found unexpected block",
    "unrecognized data block type",
    "could not find block ID",
    "ftell mismatch",
    "error during file seek",
    "out of memory",
    "invalid input syntax",
    "invalid byte sequence",
    "syntax error at or near",
    'ERROR:  relation "',
    "extra data after last expected column",
    "missing data for column",
    "entry ID",
    "incorrect data check",
)
_SERVER_LINE = re.compile(r"(?:.*(?:ERROR|FATAL)|.*?error):\s+(.*)")


def busy() -> ConflictError:
    """Return what is told while another process makes or restores a backup."""
    return ConflictError(
        BACKUP_BUSY,
        text("Another backup, restore or move is under way with this database."),
        hint=text("Try again when it is done."),
    )


def unreadable(path: object, reason: str) -> UserFacingError:
    """Return why a file could not be opened."""
    return UserFacingError(
        "BACKUP_UNREADABLE",
        text("{path} could not be read.", path=str(path)),
        detail=text("{reason}.", reason=reason.rstrip(".")),
        hint=text("Choose another backup, or correct the rights of this one."),
    )


def damaged(path: object, reason: Text | None = None) -> UserFacingError:
    """Return what is told about a file that is not what it was."""
    return UserFacingError(
        BACKUP_DAMAGED,
        text("{path} is damaged.", path=str(path)),
        detail=reason,
        hint=text("Nothing was changed. Choose another backup, or bring an undamaged copy of this one back."),
    )


def incomplete(path: object, tables: Sequence[str]) -> UserFacingError:
    """Return what is told about a file in which tables are missing."""
    return damaged(path, text("These tables are not in it: {tables}.", tables=_few(tables)))


def unfit(path: object, reason: str) -> UserFacingError:
    """Return what is told about a file whose tables cannot be brought up to date."""
    return damaged(path, text("Its tables are not as its version says: {reason}.", reason=reason.rstrip(".")))


def foreign(path: object) -> UserFacingError:
    """Return what is told about a file that is something else."""
    return UserFacingError(
        "BACKUP_FOREIGN",
        text("{path} is no backup of this program.", path=str(path)),
        hint=text("Choose a file that was made here, or by pg_dump in its custom format from this program's database."),
    )


def from_newer_program(path: object, revision: str) -> UserFacingError:
    """Return what is told about a backup whose schema this program does not know."""
    return UserFacingError(
        "BACKUP_NEWER",
        text("{path} was made by a newer version of the program.", path=str(path)),
        detail=text("Its tables are at {revision}, which this version does not know.", revision=revision),
        hint=text("Nothing was changed. Update the program, then restore it."),
    )


def not_proved(differences: str) -> UserFacingError:
    """Return what is told when what was restored is not what was there."""
    return UserFacingError(
        "BACKUP_NOT_PROVED",
        text("What was restored is not what was there."),
        detail=text("These differ: {tables}.", tables=differences),
        hint=text("Nothing was changed. Try again; if it happens again, check the disks and the server's log."),
    )


def program_failure(program: str, output: str, path: object) -> UserFacingError:
    """Return what one of PostgreSQL's programs could not do with a backup at ``path``, by what it wrote."""
    reason = text("{reason}", reason=_reason(output))
    if any(sign in output for sign in _FULL_SIGNS):
        return server_full()
    if "server version mismatch" in output:
        return UserFacingError(
            "SERVER_TOO_NEW",
            text("The server is newer than the programs for backups that come with this one."),
            detail=reason,
            hint=text("Update the program, or make the backup with the server's own pg_dump."),
        )
    if "permission denied" in output or "must be owner" in output or "row-level security" in output:
        return UserFacingError(
            "BACKUP_FORBIDDEN",
            text("The database role may not do everything that a backup needs."),
            detail=reason,
            hint=text("Sign in with the role that owns the tables, or ask the database's administrator."),
        )
    if "connection to server" in output or "server closed the connection" in output or "terminating conn" in output:
        return DatabaseUnavailable(
            "DATABASE_UNAVAILABLE",
            text("The connection to the database was lost on the way."),
            detail=reason,
            hint=text("Nothing was changed. Try again when its server runs and can be reached."),
        )
    if program == "pg_restore" and any(sign in output for sign in _DAMAGED_SIGNS):
        return damaged(path, reason)
    return UserFacingError(
        "BACKUP_FAILED",
        text("PostgreSQL's {program} could not finish its work.", program=program),
        detail=reason,
        hint=text("Nothing was changed. Correct the cause and try again."),
    )


def may_not_read(tables: Sequence[str]) -> UserFacingError:
    """Return what is told when a backup would not be whole."""
    return UserFacingError(
        "BACKUP_FORBIDDEN",
        text("The database role may not do everything that a backup needs."),
        detail=text("It may not read these tables: {tables}.", tables=_few(tables)),
        hint=text("Sign in with the role that owns the tables, or ask the database's administrator."),
    )


def server_full() -> UserFacingError:
    """Return what is told when the disk of the database server is full."""
    return UserFacingError(
        "DISK_FULL",
        text("The disk of the database server is full; nothing was changed."),
        hint=text("A backup is proved in a second database beside the first, which needs as much room for a while."),
    )


def may_not_create_databases(role: str) -> UserFacingError:
    """Return what is told when a role lacks CREATEDB."""
    return UserFacingError(
        "NO_CREATEDB",
        text("The role {role} may not create databases, which proving and restoring backups needs.", role=role),
        hint=text(
            "Have the server's administrator run: ALTER ROLE {role} CREATEDB. To back up without the"
            " proof, switch off Proof in Settings, Backups, or run: smtpy-desktop settings set backups.verify no",
            role=role,
        ),
    )


def may_not_connect(database: str, reason: str) -> UserFacingError:
    """Return what is told when the server lets nobody into a database that is needed beside ours."""
    return UserFacingError(
        "NO_SECOND_DATABASE",
        text("The server does not let this program into the database {database}.", database=database),
        detail=text("{reason}.", reason=reason.rstrip(".")),
        hint=text(
            "Have the server's administrator allow this role every database in pg_hba.conf (all instead of the one"
            " name)."
        ),
    )


def may_not_switch(owner: str) -> UserFacingError:
    """Return what is told when the database belongs to another role."""
    return UserFacingError(
        "NOT_OWNER",
        text(
            "The database belongs to the role {owner}, and only its owner can put another one in its place.",
            owner=owner,
        ),
        hint=text("Sign in with that role, or ask the database's administrator."),
    )


def others_stay(roles: str) -> UserFacingError:
    """Return what is told when connections cannot be ended that keep a database from being renamed."""
    return UserFacingError(
        "OTHERS_CONNECTED",
        text("Others are connected whom this role may not disconnect: {roles}.", roles=roles),
        hint=text(
            "Nothing was changed. Stop those programs, or have the server's administrator grant pg_signal_backend to"
            " this role; then try again."
        ),
    )


def _reason(output: str) -> str:
    """Return the line that tells most; libpq and the programs end with less telling ones."""
    lines = [line.strip() for line in output.strip().splitlines() if line.strip()]
    telling = [found[1] for found in map(_SERVER_LINE.search, lines) if found is not None]
    return (telling or lines or ["no reason was given"])[0][:500]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
