"""Telling whether a process is the server of one cluster, and not another program that was given its number."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def is_postmaster(pid: int, data: Path) -> bool:
    """Tell whether a living process is PostgreSQL, working in this data directory (as far as the system tells)."""
    if sys.platform == "win32":
        import psutil

        return bool(psutil.pid_exists(pid))
    if sys.platform != "linux":
        return _exists(pid)
    return _is_postgres(pid) and _works_in(pid, data)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_postgres(pid: int) -> bool:
    try:
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return name.startswith("postgres") and state != "Z"


def _works_in(pid: int, data: Path) -> bool:
    """Compare working directories; in a container without that right it counts whose the process is."""
    process = Path(f"/proc/{pid}")
    try:
        return data.samefile(process / "cwd")
    except PermissionError:
        return process.stat().st_uid == data.stat().st_uid
    except OSError:
        return False
