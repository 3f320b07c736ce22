"""The private PostgreSQL that the program starts by itself, shares among its processes, and keeps alive.

Every process of ours that uses the cluster holds a shared lock on one file; the last one to leave gets it exclusively
and stops the server. The system drops the lock of a killed process, so nothing has to be tidied by hand.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.gateways.postgres_access import ServerAccess, server_access
from smtpy_desktop.gateways.postgres_account import cluster_home, postgres_programs, server_account
from smtpy_desktop.gateways.postgres_cluster import create_cluster, run_program, write_settings
from smtpy_desktop.gateways.postgres_failures import start_error, translated_os_errors
from smtpy_desktop.gateways.postgres_process import is_postmaster
from smtpy_desktop.schemas.text import Text, text

_log = logging.getLogger(__name__)

_POLL_SECONDS = 0.005
_START_SECONDS = 60.0
_RECOVERY_SECONDS = 600.0
_LARGEST_LOG = 5_000_000
_IN_USE = ("is still in use", "already exists", "could not create any Unix-domain sockets", "is another postmaster")

Notify = Callable[[Text], object]


class EmbeddedPostgres:
    """Supervises one cluster below ``directory`` (``<profile>/postgres``); blocking: call it from a worker thread."""

    def __init__(self, directory: Path, notify: Notify = lambda note: None) -> None:
        self.notify = notify
        self._directory = directory
        self._home = directory
        self._starting = threading.Lock()
        self._access: ServerAccess | None = None
        self._in_use: FileLock | None = None

    @property
    def home(self) -> Path:
        """Where the cluster, its log and its locks lie (differs from ``directory`` for root in a closed place)."""
        return self._home

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self._home / "data"

    @property
    def log_file(self) -> Path:
        """What the server writes."""
        return self._home / "server.log"

    def url(self) -> str:
        """The SQLAlchemy address of our database; only after ``start``."""
        if self._access is None:
            raise RuntimeError("the embedded PostgreSQL has not been started")
        return self._access.url()

    def start(self) -> str:
        """Make the cluster if there is none, start the server if nobody has, and return the database's address.

        Called again (from any thread) it waits for the first call and changes nothing. Raises UserFacingError.
        """
        with self._starting, translated_os_errors(self._directory):
            if self._in_use is None:
                self._start()
        return self.url()

    def _start(self) -> None:
        self._prepare()
        with self._start_lock():
            # Not before: another of our first starts may just be making the socket's directory.
            self._access = server_access(self._home, self._account)
            if not self.data.exists():
                self.notify(text("Setting up the built-in database …"))
                create_cluster(self._programs, self.data, self._required_access(), self._account)
            self._start_server()
            in_use = FileLock(self._home / "users.lock")
            in_use.acquire(shared=True)
        self._in_use = in_use

    def stop(self) -> None:
        """Leave the server; the last of our processes stops it."""
        with self._starting, translated_os_errors(self._directory):
            if self._in_use is not None:
                self._leave(self._in_use)
                self._in_use = None

    def _leave(self, in_use: FileLock) -> None:
        with self._start_lock():
            in_use.release()
            last = FileLock(self._home / "users.lock")
            if last.acquire(wait=False):
                self._control("stop", "-m", "fast", "-w", "-t", "60")
            last.release()

    def remove(self) -> None:
        """Delete the whole cluster, wherever it lies; only after ``stop``, and only what nobody uses."""
        in_use = FileLock(self._home / "users.lock")
        if in_use.acquire(wait=False):
            shutil.rmtree(self._home, ignore_errors=True)
        in_use.release()

    def ensure_running(self) -> bool:
        """Start the server again if it has died; return whether that was necessary."""
        if self._is_alive():
            return False
        with translated_os_errors(self._directory), self._start_lock():
            if self._in_use is None or self._is_alive():  # stopped, or started again by another process of ours
                return False
            _log.info("the embedded PostgreSQL is gone; starting it again")
            self._start_server()
        return True

    async def keep_running(self, every_seconds: float = 0.5) -> None:
        """Watch over the server until cancelled, and start it again whenever it dies."""
        while True:
            await asyncio.sleep(every_seconds)
            try:
                await asyncio.to_thread(self.ensure_running)
            except UserFacingError as error:
                _log.info("the embedded PostgreSQL does not start: %s", error)
                await asyncio.sleep(5)

    def run_tool(self, program: str, *arguments: str) -> tuple[int, str]:
        """Run one of PostgreSQL's client programs (pg_dump, psql …) under the server's account."""
        return run_program([str(self._programs / program), *arguments], self._account)

    def _prepare(self) -> None:
        self._account = server_account()
        self._home = cluster_home(self._directory, self._account)
        self._programs = postgres_programs(self._account)

    def _required_access(self) -> ServerAccess:
        if self._access is None:
            raise RuntimeError("the embedded PostgreSQL has not been started")
        return self._access

    def _start_lock(self) -> FileLock:
        return FileLock(self._home / "start.lock")

    def _start_server(self) -> None:
        """Bring the server up; retry while the remains of a killed one hold on (seen: 1 to 5 seconds).

        One that runs already may still be starting, or stopping because of a process of ours that was killed then.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not (self._is_alive() and self._wait_until_ready()):
            write_settings(self.data, self._required_access(), self._account)
            self._rotate_log()
            self._remove_stale_lock_files()
            offset = self.log_file.stat().st_size
            # Relative to the home: pg_ctl hands both to a shell, where a quote or a dollar in the path would count.
            output = self._control("start", "-W", "-l", self.log_file.name)
            if self._wait_until_ready():
                break
            reason = self._log_since(offset) or output
            if time.monotonic() > deadline or not any(sign in reason for sign in _IN_USE):
                raise start_error(reason, self.log_file)
            time.sleep(0.1)
        self._access = self._required_access().running_at(self._pid_file_lines())

    def _wait_until_ready(self) -> bool:
        """Wait until the server says it is ready; False when its process has ended instead."""
        began = time.monotonic()
        told = False
        while time.monotonic() - began < _RECOVERY_SECONDS:
            status = self._pid_file_lines()
            if len(status) >= 8 and status[7].strip() == "ready" and self._is_alive():
                return True
            elapsed = time.monotonic() - began
            if elapsed > 1.0 and not self._is_alive():
                return False
            if elapsed > 3.0 and not told:
                told = True
                self.notify(text("The database is recovering from an unclean stop …"))
            time.sleep(_POLL_SECONDS)
        return False

    def _control(self, action: str, *options: str) -> str:
        command = [str(self._programs / "pg_ctl"), f"--pgdata={self.data.name}", action, *options]
        status, output = run_program(command, self._account, directory=self._home)
        if status != 0:
            _log.info("pg_ctl %s: %s", action, output.strip())
        return output

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def _server_pid(self) -> int | None:
        lines = self._pid_file_lines()
        return int(lines[0]) if lines and lines[0].strip().lstrip("-").isdigit() else None

    def _is_alive(self) -> bool:
        pid = self._server_pid()
        return pid is not None and is_postmaster(abs(pid), self.data)

    def _remove_stale_lock_files(self) -> None:
        """Drop what names the process of a server that is gone.

        After a restart of the machine another program may have that number, and PostgreSQL would refuse to start.
        """
        if self._is_alive():
            return
        for path in (self.data / "postmaster.pid", *self._required_access().lock_files()):
            path.unlink(missing_ok=True)

    def _rotate_log(self) -> None:
        if self.log_file.exists() and self.log_file.stat().st_size > _LARGEST_LOG:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        self.log_file.touch(mode=0o600)
        self._account.own(self.log_file)

    def _log_since(self, offset: int) -> str:
        with self.log_file.open("rb") as stream:
            stream.seek(offset)
            return stream.read().decode(errors="replace")
