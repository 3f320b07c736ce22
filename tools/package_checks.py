"""What must hold for the tree of the packaged program before it is packed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from tools.package_contents import postgres_files
from tools.package_libraries import elf_files, foreign_search_paths

MOST_BYTES = 250_000_000
_GPL_ONLY = re.compile(
    # Qt's add-ons that are under the GPL (or a contract) alone.
    r"Qt6?(Charts|DataVisualization|Graphs|VirtualKeyboard|QuickTimeline|Quick3D|NetworkAuth|HttpServer|Lottie|Mqtt"
    r"|WaylandCompositor|ShaderTools|QuickEffectMaker)|qtvirtualkeyboard"
)


class PackageFault(Exception):
    """The tree is not fit to be packed; the text says why."""


def check_tree(tree: Path) -> None:
    """Raise PackageFault when the tree is too big, holds what it must not, or would look outside for libraries."""
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    size = tree_size(tree)
    if size > MOST_BYTES:
        raise PackageFault(f"{size:,} bytes unpacked; the most is {MOST_BYTES:,}")
    faults = [
        *(f"{path}: under the GPL alone" for path in files if _GPL_ONLY.search(path.name)),
        *(f"{path}: a link to nothing" for path in tree.rglob("*") if path.is_symlink() and not path.exists()),
        *_changed_postgres(tree / "_internal"),
        *(
            f"{library}: would search {', '.join(foreign_search_paths(library))} for libraries"
            for library in elf_files(tree)
            if foreign_search_paths(library)
        ),
    ]
    if faults:
        raise PackageFault("\n".join(faults))


def tree_size(tree: Path) -> int:
    """Return the bytes of all files below a directory; links count nothing."""
    return sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink())


def _changed_postgres(inner: Path) -> Iterator[str]:
    for source, target in postgres_files():
        there = inner / target
        if not there.is_file():
            yield f"{target}: missing"
        elif _digest(there) != _digest(Path(source)):
            yield f"{target}: not as PostgreSQL's package has it"
        elif os.access(source, os.X_OK) != os.access(there, os.X_OK):
            yield f"{target}: may be run by nobody"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
