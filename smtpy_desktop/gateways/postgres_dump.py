"""Running pg_dump, pg_restore and psql, with every byte of a dump passing through here; blocking, and to be stopped."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self, TypeVar

from smtpy_desktop.core.dump_contents import count_rows
from smtpy_desktop.gateways.postgres_client import Client, bare_environment, client_programs

Result = TypeVar("Result")
Tell = Callable[[int], object]
"""Is told how many bytes of a dump have passed so far."""

_BLOCK = 256 * 1024
_HEAD = 64 * 1024
_LONGEST_OUTPUT = 20_000
_LOCK_WAIT_MILLISECONDS = 60_000
# pg_restore 18 sends it to every server; those before 17 do not know it and would refuse everything after it.
_UNKNOWN_TO_OLD_SERVERS = b"SET transaction_timeout = 0;\n"
_NOT_RESTORED = ("--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions", "--no-security-labels")


class ProgramFailed(Exception):
    """A program ended with an error; ``output`` is what it wrote about it."""

    def __init__(self, program: str, output: str) -> None:
        self.program = program
        self.output = output
        super().__init__(f"{program}: {output[-500:]}")


class Stop:
    """Ends the programs of one piece of work at once when it is not wanted any more; safe on any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: list[subprocess.Popen[bytes]] = []
        self.is_set = False

    def set(self) -> None:
        """End what runs, and let nothing more begin."""
        with self._lock:
            self.is_set = True
            for process in self._processes:
                process.kill()

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """Let the program be ended with the others."""
        with self._lock:
            self._processes.append(process)
            if self.is_set:
                process.kill()


@dataclass(frozen=True, slots=True)
class WrittenDump:
    """How large a dump is, and its SHA-256 (hexadecimal)."""

    size_bytes: int
    sha256: str


async def stoppable(work: Callable[[Stop], Result]) -> Result:
    """Do blocking work on another thread; when cancelled, stop it, wait for its end, and only then go on."""
    stop = Stop()
    running = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # it is known why it failed
        raise


def write_dump(client: Client, snapshot: str, part: IO[bytes], stop: Stop, tell: Tell) -> WrittenDump:
    """Dump the client's database, as a snapshot sees it, into an open file, and bring that to the disk.

    It comes through a pipe, so that pg_dump ends when we do. Raises ProgramFailed, OSError.
    """
    options = ("--format=custom", f"--snapshot={snapshot}", f"--lock-wait-timeout={_LOCK_WAIT_MILLISECONDS}")
    sha256, size = hashlib.sha256(), 0
    with _Program("pg_dump", [*options, "--compress=gzip:4"], client, stop, reads=False) as dump:
        while data := dump.output.read(_BLOCK):
            part.write(data)
            sha256.update(data)
            size += len(data)
            tell(size)
    part.flush()
    os.fsync(part.fileno())
    return WrittenDump(size, sha256.hexdigest())


def read_dump(client: Client, file: Path, role: str | None, server_version: int, stop: Stop, tell: Tell) -> None:
    """Restore a dump into the client's empty database, all or nothing.

    ``role`` owns what is made. Raises ProgramFailed, OSError.
    """
    chosen = [*_NOT_RESTORED, *([f"--role={role}"] if role else [])]
    with file.open("rb") as source:
        if server_version < 170000:
            _read_for_old_server(client, source, chosen, stop, tell)
            return
        direct = [*chosen, "--exit-on-error", "--single-transaction", f"--dbname={_connection_string(client)}"]
        with _Program("pg_restore", direct, client, stop, writes=False) as restoring:
            _feed(source, restoring.input, tell)


def _read_for_old_server(client: Client, source: IO[bytes], chosen: Sequence[str], stop: Stop, tell: Tell) -> None:
    """Let psql do what pg_restore would, without what such a server does not know."""
    script = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}"]
    has_psql_ended = False
    with _Program("psql", script, client, stop, writes=False) as psql:
        try:
            with _Program("pg_restore", [*chosen, "--file=-"], Client(bare_environment()), stop) as restoring:
                feeding = threading.Thread(target=_feed, args=(source, restoring.input, tell), name="restore")
                feeding.start()
                try:
                    head = restoring.output.read(_HEAD).replace(_UNKNOWN_TO_OLD_SERVERS, b"", 1)
                    while head:
                        psql.input.write(head)
                        head = restoring.output.read(_BLOCK)
                except BrokenPipeError:
                    has_psql_ended = True
                    restoring.end()
                finally:
                    feeding.join()
        except ProgramFailed:
            if not has_psql_ended:  # otherwise psql tells why, at the end of its block
                raise


def checksum_of(file: Path, stop: Stop) -> str:
    """Return the SHA-256 of a file, or of its beginning when stopped; raise OSError when it cannot be read."""
    sha256 = hashlib.sha256()
    with file.open("rb") as source:
        while not stop.is_set and (data := source.read(_BLOCK)):
            sha256.update(data)
    return sha256.hexdigest()


def list_dump(file: Path, stop: Stop) -> str:
    """Return the table of contents of a dump; raise ProgramFailed when it is none, OSError when it cannot be read."""
    return _printed(file, ["--list"], stop)


def rows_of_dump(file: Path, table: str, stop: Stop) -> str:
    """Return the rows of one (small) table of a dump as text; raise ProgramFailed, OSError."""
    return _printed(file, ["--data-only", f"--table={table}", "--file=-"], stop)


def count_dump(file: Path, stop: Stop) -> dict[str, int]:
    """Count the rows of every table of a dump; raise ProgramFailed, OSError."""
    arguments = ["--data-only", "--file=-", str(file.absolute())]
    with _Program("pg_restore", arguments, Client(bare_environment()), stop, reads=False) as program:
        return count_rows(program.output)


def _printed(file: Path, options: Sequence[str], stop: Stop) -> str:
    with file.open("rb"):
        pass  # what the system says about it is told better by Python
    arguments = [*options, str(file.absolute())]
    with _Program("pg_restore", arguments, Client(bare_environment()), stop, reads=False) as program:
        return program.output.read().decode("utf-8", "replace")


def _feed(source: IO[bytes], sink: IO[bytes], tell: Tell) -> None:
    """Give all of a file to a program; one that ends before it has taken it tells why by its status."""
    size = 0
    with contextlib.suppress(BrokenPipeError):
        while data := source.read(_BLOCK):
            sink.write(data)
            size += len(data)
            tell(size)
    with contextlib.suppress(BrokenPipeError):
        sink.close()


class _Program:
    """One running program; leaving the block waits for its end and raises ProgramFailed when that was no good one."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        client: Client,
        stop: Stop,
        *,
        reads: bool = True,
        writes: bool = True,
    ) -> None:
        self._name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the block's end
        self._process = subprocess.Popen(
            [str(client_programs() / name), *(["--no-password"] if "PGHOST" in client.environment else []), *arguments],
            stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
            stdout=subprocess.PIPE if writes else subprocess.DEVNULL,
            stderr=self._errors,
            env=client.environment,
            pass_fds=client.descriptors,
            start_new_session=True,  # an interrupt at the terminal is for us, who end it
        )
        stop.watch(self._process)

    @property
    def input(self) -> IO[bytes]:
        """What it reads."""
        return _existing(self._process.stdin)

    @property
    def output(self) -> IO[bytes]:
        """What it writes."""
        return _existing(self._process.stdout)

    def end(self) -> None:
        """End it now."""
        self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if error is not None:
                self._process.kill()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
            status = self._process.wait()
            if status != 0 and error is None:
                raise ProgramFailed(self._name, self._written())
        finally:
            self._errors.close()

    def _written(self) -> str:
        self._errors.seek(0)
        return self._errors.read(_LONGEST_OUTPUT).decode("utf-8", "replace")


def _connection_string(client: Client) -> str:
    """Return the database's name such that nothing in it is taken for more than a name."""
    name = client.environment["PGDATABASE"].replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{name}'"


def _existing(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("there is no such stream")
    return stream
