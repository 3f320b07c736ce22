"""Facts about the program and the machine that it runs on, for a bug report; nothing that names a person."""

from __future__ import annotations

import json
import locale
import os
import platform
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_MOST_FILES = 2_000


def commit() -> str:
    """Return the commit that the program was made from, in short; empty where that is not known.

    A package brings it in ``build.json``; in a clone it is read from there, without running anything.
    """
    packaged = Path(getattr(sys, "_MEIPASS", _PACKAGE.parent)) / "build.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(packaged.read_text(encoding="utf-8"))["commit"])[:12]
    git = _PACKAGE.parent / ".git"
    with suppress(OSError):
        if git.is_file():  # a worktree
            git = (git.parent / git.read_text(encoding="utf-8").partition("gitdir: ")[2].strip()).resolve()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        name = head.removeprefix("ref: ")
        return (head if name == head else _resolved(git, name))[:12]
    return ""


def machine_facts(directory: Path) -> dict[str, object]:
    """Return what matters of the machine; ``directory`` is the profile's."""
    facts: dict[str, object] = {
        "system": platform.platform(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "is_packaged": bool(getattr(sys, "frozen", False)),
        "commit": commit(),
        "locale": locale.setlocale(locale.LC_CTYPE),
        "time_zone": time.strftime("%Z %z"),
        "encoding": sys.getfilesystemencoding(),
        "desktop": os.environ.get("XDG_CURRENT_DESKTOP", ""),
        "session": os.environ.get("XDG_SESSION_TYPE", ""),
        "processors": os.cpu_count(),
        "is_root": hasattr(os, "geteuid") and os.geteuid() == 0,
    }
    with suppress(OSError):
        usage = shutil.disk_usage(directory)
        facts["disk_bytes"], facts["disk_free_bytes"] = usage.total, usage.free
    with suppress(OSError, KeyError):
        facts["distribution"] = platform.freedesktop_os_release()["PRETTY_NAME"]
    return facts


def profile_files(directory: Path) -> Iterator[dict[str, object]]:
    """Yield name, size and rights of the profile's files; of the database's own directory only that it is there."""
    count = 0
    for place, directories, names in os.walk(directory):
        directories.sort()
        here = Path(place)
        if (here / "PG_VERSION").exists():
            directories.clear()
            names = []  # noqa: PLW2901 - what is in a database's directory tells nothing
        for name in (".", *sorted(names)):
            count += 1
            if count > _MOST_FILES:
                return
            with suppress(OSError):
                status = (here / name).lstat()
                yield {
                    "name": str((here / name).relative_to(directory)),
                    "bytes": status.st_size if stat.S_ISREG(status.st_mode) else None,
                    "rights": stat.filemode(status.st_mode),
                }


def _resolved(git: Path, name: str) -> str:
    with suppress(OSError):
        common = git / (git / "commondir").read_text(encoding="utf-8").strip()
        if not (git / name).exists():
            git = common
    with suppress(OSError):
        return (git / name).read_text(encoding="utf-8").strip()
    with suppress(OSError):
        for line in (git / "packed-refs").read_text(encoding="utf-8").splitlines():
            if line.endswith(f" {name}"):
                return line.partition(" ")[0]
    return ""
