"""Clusters of the embedded PostgreSQL that a test has made: found and removed again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from smtpy_desktop.gateways.postgres_account import SHARED_HOME


def homes_below(directory: Path) -> list[Path]:
    """Return where the clusters of all profiles below a directory lie (as root that may be elsewhere)."""
    pointed = [
        pointer.parent / pointer.read_text(encoding="utf-8").strip() for pointer in directory.rglob("postgres/location")
    ]
    return [*pointed, *(data.parent for data in directory.rglob("postgres/data"))]


def remove_clusters_of(directory: Path) -> None:
    """Stop the servers of all profiles below a directory, and remove what they have outside it."""
    for home in homes_below(directory):
        kill_server(home)
        if home.is_relative_to(SHARED_HOME):
            shutil.rmtree(home, ignore_errors=True)


def kill_server(home: Path, how: signal.Signals = signal.SIGKILL) -> None:
    """Kill the postmaster of a cluster, if it runs, and wait until it is gone."""
    pid = server_pid(home)
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)
    wait_until_gone(pid)


def server_pid(home: Path) -> int | None:
    """Return the process id of the running postmaster of a cluster."""
    try:
        pid = int((home / "data" / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if is_running(pid) else None


def is_running(pid: int) -> bool:
    """Tell whether a process lives (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pid: int, seconds: float = 10.0) -> None:
    """Wait until a process has ended; fail when it does not."""
    deadline = time.monotonic() + seconds
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.01)
