"""How our processes, and nobody else, sign in to the embedded PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import stat
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.postgres_account import ServerAccount
from smtpy_desktop.schemas.text import text

ROLE = "smtpy"
DATABASE = "smtpy"
PORT = 5432
_LONGEST_SOCKET_PATH = 107  # sun_path on Linux, without the closing NUL
_IDENT_MAP = "smtpy"


@dataclass(frozen=True, slots=True)
class PeerAccess:
    """A Unix socket in a directory of our own; the system says who connects, so there is no password."""

    account: ServerAccount
    socket_directory: Path

    def initdb_arguments(self, home: Path) -> list[str]:
        """Arguments of initdb that set the authentication of a new cluster."""
        return ["--auth-local=peer", "--auth-host=reject"]

    def settings(self) -> dict[str, str]:
        """Server settings that keep everybody else out."""
        return {
            "listen_addresses": "",
            "unix_socket_directories": '"{}"'.format(str(self.socket_directory).replace('"', '""')),
            "unix_socket_permissions": "0700",
        }

    def host_rules(self) -> str:
        """The content of pg_hba.conf."""
        return f"local all all peer map={_IDENT_MAP}\n"

    def ident_rules(self) -> str:
        """The content of pg_ident.conf: which system accounts may be our one role."""
        names = {self.account.name} | ({"root"} if self.account.uid is not None else set())
        return "".join(f'{_IDENT_MAP} "{name}" {ROLE}\n' for name in sorted(names))

    def url(self, database: str = DATABASE) -> str:
        """The SQLAlchemy address of a database in the cluster."""
        return f"postgresql+psycopg://{ROLE}@/{database}?host={quote(str(self.socket_directory), safe='')}&port={PORT}"

    def answers(self) -> bool:
        """Whether somebody listens on the socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            try:
                client.connect(str(self.socket_directory / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    def lock_files(self) -> tuple[Path, ...]:
        """The files beside the data directory that name the server's process."""
        return (self.socket_directory / f".s.PGSQL.{PORT}.lock",)

    def running_at(self, pid_file_lines: list[str]) -> PeerAccess:
        """The way into a running server, which another process of ours may have started with another socket.

        The fifth line of ``postmaster.pid`` is the directory of the socket.
        """
        used = pid_file_lines[4].strip() if len(pid_file_lines) > 4 else ""
        return replace(self, socket_directory=Path(used)) if used else self


@dataclass(frozen=True, slots=True)
class PasswordAccess:
    """Loopback TCP with SCRAM and a generated password, where there are no peer sockets (Windows; not verified)."""

    port: int
    password_file: Path

    def initdb_arguments(self, home: Path) -> list[str]:
        """Arguments of initdb that set the authentication of a new cluster."""
        return ["--auth=scram-sha-256", f"--pwfile={self.password_file}"]

    def settings(self) -> dict[str, str]:
        """Server settings that keep everybody else out."""
        return {"listen_addresses": "127.0.0.1", "port": str(self.port), "password_encryption": "scram-sha-256"}

    def host_rules(self) -> str:
        """The content of pg_hba.conf."""
        return "host all all 127.0.0.1/32 scram-sha-256\n"

    def ident_rules(self) -> str:
        """The content of pg_ident.conf (not used)."""
        return ""

    def url(self, database: str = DATABASE) -> str:
        """The SQLAlchemy address of a database in the cluster."""
        password = quote(self.password_file.read_text(encoding="ascii").strip(), safe="")
        return f"postgresql+psycopg://{ROLE}:{password}@127.0.0.1:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether somebody listens on the port."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def lock_files(self) -> tuple[Path, ...]:
        """The files beside the data directory that name the server's process (none)."""
        return ()

    def running_at(self, pid_file_lines: list[str]) -> PasswordAccess:
        """The way into a running server, which is the same for all our processes."""
        return self


ServerAccess = PeerAccess | PasswordAccess


def server_access(home: Path, account: ServerAccount) -> ServerAccess:
    """Return the way into the cluster whose files lie in ``home``."""
    if sys.platform == "win32":
        return PasswordAccess(_remembered_port(home / "port"), _remembered_password(home / "password"))
    return PeerAccess(account, _socket_directory(home, account))


def _socket_directory(home: Path, account: ServerAccount) -> Path:
    directory = home / "run"
    if not _is_usable(directory):
        base = os.environ.get("XDG_RUNTIME_DIR", "") if account.uid is None else ""
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        directory = Path(base if base and len(base) < 60 else tempfile.gettempdir()) / f"smtpy-{digest}"
    try:
        directory.mkdir(mode=0o700)
        account.own(directory)
    except FileExistsError:
        _require_own(directory, account)
    return directory


def _is_usable(directory: Path) -> bool:
    """Whether libpq can take it: it wants UTF-8 here, and a comma parts several hosts."""
    name = os.fsencode(directory)
    is_short = len(name) + len(f"/.s.PGSQL.{PORT}.lock") <= _LONGEST_SOCKET_PATH
    return is_short and b"," not in name and b"\n" not in name and name.decode(errors="replace").isprintable()


def _require_own(directory: Path, account: ServerAccount) -> None:
    """Refuse a socket directory that somebody else has laid there (in a shared place such as /tmp)."""
    status = directory.lstat()
    owner = account.uid if account.uid is not None else os.geteuid()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
        raise UserFacingError(
            "SOCKET_DIRECTORY_FOREIGN",
            text("The directory {path} for the database's socket is not ours alone.", path=directory),
            hint=text("Remove it, or choose a profile with a shorter path (--profile)."),
        )


def _remembered_port(file: Path) -> int:
    if not file.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            file.write_text(str(probe.getsockname()[1]), encoding="ascii")
    return int(file.read_text(encoding="ascii"))


def _remembered_password(file: Path) -> Path:
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(32))
    return file
