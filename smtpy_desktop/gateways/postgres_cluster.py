"""Making one PostgreSQL cluster on disk: all of it or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from smtpy_desktop.gateways.postgres_access import DATABASE, ROLE, ServerAccess
from smtpy_desktop.gateways.postgres_account import ServerAccount
from smtpy_desktop.gateways.postgres_failures import creation_error

_OWN_SETTINGS = "smtpy.conf"

_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "jit": "off",  # costs more than it gives in short queries
}


def run_program(
    command: list[str], account: ServerAccount, *, standard_input: str = "", directory: Path | None = None
) -> tuple[int, str]:
    """Run one of PostgreSQL's programs under the server's account; return its exit status and what it wrote.

    The environment is made anew: no secret of ours reaches a child process.
    """
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "SystemRoot", "TMPDIR", "TEMP")}
    environment |= {"LC_ALL": "C", "TZ": "UTC"}
    whose: dict[str, object] = {"cwd": directory}
    if account.uid is not None:
        whose = {"cwd": directory or "/", "user": account.uid, "group": account.gid, "extra_groups": [], "umask": 0o077}
    with tempfile.TemporaryFile() as output:
        # A file, not a pipe: a server that goes on running would keep a pipe open for ever.
        result = subprocess.run(  # type: ignore[call-overload]
            command,
            input=standard_input.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            check=False,
            **whose,
        )
        output.seek(0)
        return result.returncode, output.read().decode(errors="replace")


def create_cluster(programs: Path, data: Path, access: ServerAccess, account: ServerAccount) -> None:
    """Make a new cluster in ``data``; a failure or a kill on the way leaves no half-made one behind.

    Everything is made beside it and renamed at the end. Raises UserFacingError (DISK_FULL, POSTGRES_INIT).
    """
    unfinished = data.with_name("data.unfinished")
    _remove(unfinished)
    command = [
        str(programs / "initdb"),
        f"--pgdata={unfinished}",
        f"--username={ROLE}",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
        *access.initdb_arguments(data.parent),
    ]
    try:
        status, output = run_program(command, account)
        if status == 0:
            status, output = _create_database(programs, unfinished, account)
    except OSError as error:
        status, output = 1, str(error)
    if status != 0:
        _remove(unfinished)
        raise creation_error(output, data)
    unfinished.rename(data)


def _create_database(programs: Path, data: Path, account: ServerAccount) -> tuple[int, str]:
    """Make our database in single-user mode, so that a finished cluster always has it."""
    command = [str(programs / "postgres"), "--single", "-j", "-D", str(data), "postgres"]
    status, output = run_program(command, account, standard_input=f"CREATE DATABASE {DATABASE};\n\n")
    return (1, output) if "ERROR" in output or "FATAL" in output else (status, output)


def write_settings(data: Path, access: ServerAccess, account: ServerAccount) -> None:
    """Write the settings, host rules and ident map of the cluster (the socket's place may change between starts)."""
    lines = [f"{name} = '{_quoted(value)}'\n" for name, value in (_SETTINGS | access.settings()).items()]
    _write(data / _OWN_SETTINGS, "".join(lines), account)
    _write(data / "pg_hba.conf", access.host_rules(), account)
    _write(data / "pg_ident.conf", access.ident_rules(), account)
    main = data / "postgresql.conf"
    include = f"include '{_OWN_SETTINGS}'\n"
    if include not in (current := main.read_text(encoding="utf-8")):
        _write(main, current + include, account)


def _write(path: Path, content: str, account: ServerAccount) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return
    unfinished = path.with_name(f"{path.name}.new")
    # Never through a link: as root this is a directory of another account.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(unfinished, flags, 0o600), "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(content)
    account.own(unfinished)
    unfinished.replace(path)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _remove(directory: Path) -> None:
    if directory.exists():
        shutil.rmtree(directory)
