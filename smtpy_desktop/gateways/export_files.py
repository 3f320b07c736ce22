"""Files of exported messages: complete under their name, or not there at all."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from smtpy_desktop.errors import FULL_DISK, UserFacingError
from smtpy_desktop.gateways.export_facts import facts_about, object_about
from smtpy_desktop.gateways.unfinished_parts import UnfinishedPart
from smtpy_desktop.schemas.message_export import ExportDescription, ExportFormat, ExportOptions
from smtpy_desktop.schemas.text import text
from smtpy_desktop.whole_file import sync_directory

Result = TypeVar("Result")
_SEND_BYTES = 16 * 1024 * 1024
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_PLACE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP)


class ExportFile(Protocol):
    """A file that is being written."""

    async def begin(self, description: ExportDescription) -> None:
        """Write what stands before the rows."""
        ...

    async def write(self, rows: Sequence[bytes]) -> None:
        """Append rows, each a line of CSV (JSON for JSON Lines) with a line feed at its end."""
        ...

    async def finish(self) -> int:
        """Complete the file, bring it to the disk and give it its name; return its size in bytes."""
        ...


class ExportFiles(Protocol):
    """Where exports are written to, and lists read from."""

    def create(self, path: Path, options: ExportOptions) -> AbstractAsyncContextManager[ExportFile]:
        """Open a file for the block; unless it was finished, nothing of it is left behind the block."""
        ...

    async def save(self, path: Path, content: bytes) -> int:
        """Write a file whose content is there already, whole or not at all; return its size in bytes."""
        ...

    async def read(self, path: Path, most: int) -> bytes:
        """Return what is in a file, and where it is larger one byte more than ``most``."""
        ...


class _Content(Protocol):
    """What a format makes of the rows."""

    def begin(self, description: ExportDescription) -> None: ...
    def write(self, rows: Sequence[bytes]) -> None: ...
    def finish(self) -> None: ...
    def discard(self) -> None: ...


_MakeContent = Callable[[Path, Path], _Content]
"""Given the file to write and a directory for what is needed meanwhile."""


class DiskFiles:
    """Writes beside the target and renames at the end; all work on a file is done on one thread of its own."""

    def create(self, path: Path, options: ExportOptions) -> AbstractAsyncContextManager[ExportFile]:
        """Open a file for the block; raise UserFacingError, for instance DISK_FULL."""
        return self._created(path, partial(_content, options))

    async def save(self, path: Path, content: bytes) -> int:
        """Write a file at once; raise UserFacingError, for instance DISK_FULL."""
        async with self._created(path, _as_it_is) as file:
            await file.write([content])
            return await file.finish()

    async def read(self, path: Path, most: int) -> bytes:
        """Return what is in a file, and where it is larger one byte more than ``most``; raise UserFacingError."""
        return await asyncio.to_thread(_read, path, most)

    @asynccontextmanager
    async def _created(self, path: Path, make: _MakeContent) -> AsyncIterator[ExportFile]:
        executor = ThreadPoolExecutor(1, "export")
        file = _DiskFile(path, make, executor)
        try:
            await file.open()
            yield file
        finally:
            # Done behind whatever is still being written, and also when the waiting for it is cancelled.
            discarded = asyncio.get_running_loop().run_in_executor(executor, file.discard)
            executor.shutdown(wait=False)
            await asyncio.shield(discarded)


class _DiskFile:
    """One file: its content goes to ``part`` in a directory beside the target that goes with it."""

    def __init__(self, path: Path, make: _MakeContent, executor: ThreadPoolExecutor) -> None:
        self._path, self._make, self._executor = path, make, executor
        self._target = path
        self._unfinished: UnfinishedPart | None = None
        self._content: _Content | None = None
        self._is_wanted = True

    async def open(self) -> None:
        """Make the place for it."""
        await self._run(self._open)

    async def begin(self, description: ExportDescription) -> None:
        """Write what stands before the rows."""
        await self._run(lambda: self._opened.begin(description))

    async def write(self, rows: Sequence[bytes]) -> None:
        """Append rows."""
        await self._run(lambda: self._opened.write(rows))

    async def finish(self) -> int:
        """Complete the file and give it its name."""
        try:
            return await self._run(self._finish)
        except asyncio.CancelledError:
            self._is_wanted = False  # what is being put together now is not given its name
            raise

    def discard(self) -> None:
        """Remove what was written and not finished; blocking."""
        if self._content is not None:
            with suppress(OSError):
                self._content.discard()
        if self._unfinished is not None:
            self._unfinished.remove()

    @property
    def _opened(self) -> _Content:
        if self._content is None:
            raise RuntimeError("the file is not open")
        return self._content

    async def _run(self, work: Callable[[], Result]) -> Result:
        def translated() -> Result:
            with _translated_errors(self._path):
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._executor, translated)

    def _open(self) -> None:
        self._target = self._path.expanduser().resolve()
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(self._target.stat().st_mode):
                raise _not_a_file(self._path)
        self._unfinished = unfinished = UnfinishedPart(self._target.parent, "export")
        unfinished.make()
        # Made by plain open: it gets the rights that any new file of this user gets.
        os.close(os.open(unfinished.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        self._content = self._make(unfinished.file, unfinished.directory)

    def _finish(self) -> int:
        self._opened.finish()
        if self._unfinished is None:
            raise RuntimeError("the file is not open")
        part = self._unfinished.file
        with suppress(FileNotFoundError):
            shutil.copymode(self._target, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
        if not self._is_wanted:
            return 0
        part.replace(self._target)
        sync_directory(self._target.parent)
        return size


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise UserFacingError(
            "FILE_UNREADABLE",
            text("{path} could not be read.", path=str(path)),
            detail=text("{reason}", reason=error.strerror or type(error).__name__),
            hint=text("Choose another file."),
        ) from error


def _content(options: ExportOptions, part: Path, directory: Path) -> _Content:
    if options.format is ExportFormat.XLSX:
        from smtpy_desktop.gateways.export_workbook import Workbook  # its library is loaded when it is needed

        return Workbook(part, directory, options)
    return _Lines(part, options)


def _as_it_is(part: Path, directory: Path) -> _Content:
    return _Lines(part, ExportOptions(ExportFormat.JSONL, describe=False))


class _Lines:
    """CSV with the line ends of RFC 4180, or JSON Lines."""

    def __init__(self, path: Path, options: ExportOptions) -> None:
        self._options = options
        self._is_csv = options.format is ExportFormat.CSV
        self._file = path.open("wb", buffering=0)
        self._unsent = 0

    def begin(self, description: ExportDescription) -> None:
        """Write the description, if wanted, and for CSV the headings."""
        lines: list[str] = []
        if self._options.is_described:
            lines = (
                [f"# {name}: {value}" for name, value in facts_about(description)]
                if self._is_csv
                else [object_about(description)]
            )
        if self._is_csv:
            lines.append(",".join(_csv_cell(heading) for heading in self._options.headings))
        self._file_all("".join(line + ("\r\n" if self._is_csv else "\n") for line in lines).encode())

    def write(self, rows: Sequence[bytes]) -> None:
        """Append rows."""
        data = b"".join(rows)
        if self._is_csv and data.count(b"\n") == len(rows):
            data = data.replace(b"\n", b"\r\n")
        elif self._is_csv:  # a value of several lines keeps its own line ends
            data = b"\r\n".join([*(row[:-1] for row in rows), b""])
        self._file_all(data)

    def finish(self) -> None:
        """Close the file."""
        self._file.close()

    def discard(self) -> None:
        """Close the file."""
        self._file.close()

    def _file_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._unsent += len(data)
        if self._unsent >= _SEND_BYTES:
            self._unsent = 0
            _send_to_disk(self._file.fileno())


@contextmanager
def _translated_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _translated(error, path) from error


def _translated(error: OSError, path: Path) -> UserFacingError:
    values = {"path": str(path)}
    if error.errno in FULL_DISK:
        return UserFacingError(
            "DISK_FULL",
            text("The disk is full; {path} was not written.", **values),
            hint=text("Make room or choose another place, and export again."),
        )
    if error.errno == errno.EFBIG:
        return UserFacingError(
            "EXPORT_TOO_LARGE",
            text("{path} would be larger than a file may be there; it was not written.", **values),
            hint=text("Choose another disk, or export fewer messages or columns at a time."),
        )
    if error.errno in _FORBIDDEN:
        return UserFacingError(
            "EXPORT_FORBIDDEN",
            text("{path} may not be written.", **values),
            hint=text("Choose a place where you may write, or close the program that has the file open."),
        )
    if error.errno in _NO_PLACE:
        return UserFacingError(
            "EXPORT_NO_PLACE",
            text("{path} cannot be made.", **values),
            detail=text("{reason}", reason=os.strerror(error.errno)),
            hint=text("Choose a directory that exists and a shorter or simpler name."),
        )
    return UserFacingError(
        "EXPORT_FAILED",
        text("{path} could not be written.", **values),
        detail=text("{reason}", reason=error.strerror or type(error).__name__),
        hint=text("Choose another place and export again."),
    )


def _not_a_file(path: Path) -> UserFacingError:
    return UserFacingError(
        "EXPORT_NO_FILE",
        text("{path} is no file.", path=str(path)),
        hint=text("Give the name of a file; it is replaced when it exists."),
    )


def _csv_cell(value: str) -> str:
    quoted = value.replace('"', '""')
    return f'"{quoted}"' if any(character in value for character in '",\r\n') else value


def _send_to_disk(descriptor: int) -> None:
    """Let the system begin to write out what it holds of a file, so that little is left to wait for at the end."""
    if sys.platform == "linux":
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
