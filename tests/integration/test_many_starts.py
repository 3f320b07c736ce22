"""Windows of one profile, started at once or killed: one is there, others raise it, the next start is clean."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

import pytest

from smtpy_desktop.config import Config, save_config
from smtpy_desktop.paths import Profile
from tests.helpers.command_line import PROGRAM

_STARTS = 20
_SECONDS = 90
_NO_KEYRING = "keyring.backends.fail.Keyring"

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def profile(place: Path) -> Profile:
    """Give a profile whose window opens the built-in database at once."""
    made = Profile(place / "many")
    made.create()
    save_config(made, Config(first_run_done=True, language="en"))
    return made


@pytest.fixture
def start(profile: Profile) -> Iterator[Start]:
    """Give a function that starts a window; those that are left are ended."""
    command = [str(PROGRAM), "--profile", str(profile.directory), "gui"]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHON_KEYRING_BACKEND": _NO_KEYRING}
    with ExitStack() as stack:

        def begin() -> subprocess.Popen[str]:
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            stack.callback(_end, process)
            return process

        yield begin


def test_of_twenty_windows_started_at_once_one_is_there_and_the_others_raise_it(start: Start) -> None:
    processes = [start() for _ in range(_STARTS)]

    ended = _first_to_end(processes, _STARTS - 1)

    assert [_words(process) for process in ended if process.returncode != 0] == []
    (running,) = set(processes) - set(ended)
    assert all("brought to the front" in _words(process) for process in ended)
    running.send_signal(signal.SIGTERM)
    assert running.wait(_SECONDS) == 0


def test_after_a_window_was_killed_the_next_one_starts_and_leaves_nothing_behind(
    start: Start, profile: Profile
) -> None:
    killed = _running_one(start)
    killed.kill()
    killed.wait(_SECONDS)

    following = _running_one(start)

    following.send_signal(signal.SIGTERM)
    assert following.wait(_SECONDS) == 0
    assert _living_in(profile.directory) == []


def _running_one(start: Start) -> subprocess.Popen[str]:
    """Start a window twice, so that one finds that the other is there and answers, and return that one."""
    processes = [start(), start()]
    (ended,) = _first_to_end(processes, 1)
    assert ended.returncode == 0, _words(ended)
    processes.remove(ended)
    return processes[0]


def _words(process: subprocess.Popen[str]) -> str:
    """Return what a program that has ended had to say."""
    return process.stderr.read() if process.stderr is not None else ""


def _first_to_end(processes: list[subprocess.Popen[str]], count: int) -> list[subprocess.Popen[str]]:
    """Wait until so many have ended, and return those."""
    pool = ThreadPoolExecutor(len(processes))
    waiting = {pool.submit(process.wait): process for process in processes}
    ended = []
    for future in as_completed(waiting, timeout=_SECONDS):
        ended.append(waiting[future])
        if len(ended) == count:
            break
    pool.shutdown(wait=False)
    return ended


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    process.communicate()


def _living_in(directory: Path) -> list[str]:
    """Return the processes whose working directory lies in a directory, such as a database's."""
    found = []
    for each in Path("/proc").iterdir():
        try:
            if each.name.isdigit() and str((each / "cwd").readlink()).startswith(str(directory)):
                found.append((each / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has ended, or is not ours to look at
    return found
