"""``python -m benchmarks.packaged_start``: the time until the packaged program's window is there, against the source.

Both are watched from outside, on a virtual display: a start is over when the picture is as good as the one that stays.
"""

from __future__ import annotations

import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.measuring import alternate
from benchmarks.sample_domains import write_domains
from benchmarks.table import as_table
from benchmarks.trial_profile import TrialProfile, trial_profile

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGED = _ROOT / "build" / "package" / "tree" / "smtpy-desktop" / "smtpy-desktop"
_WIDTH, _HEIGHT, _BYTES = 1440, 900, 4
_EVERY_LINE = 8
_LOOK_SECONDS = 0.004
_CALM_SECONDS = 2.0
_MOST_SECONDS = 60.0
_SAME_LINES = 0.9
_DOMAINS = 1000
_ROUNDS = 9

Picture = tuple[int, ...]


class Screen:
    """The memory of a virtual display, looked at line by line."""

    def __init__(self, name: str, memory: mmap.mmap) -> None:
        self.name = name
        self._memory = memory
        self._offset = len(memory) - _WIDTH * _HEIGHT * _BYTES

    def look(self) -> Picture:
        """Return a number for each line that is looked at; the same line gives the same number."""
        length = _WIDTH * _BYTES
        places = range(self._offset, len(self._memory), length * _EVERY_LINE)
        return tuple(zlib.crc32(self._memory[place : place + length]) for place in places)


def main() -> int:
    """Measure and print; the exit status is 1 when the package starts too slowly."""
    if not _PACKAGED.exists():
        print("There is no package: run make package first.", file=sys.stderr)
        return 1
    source, packaged = [sys.executable, "-m", "smtpy_desktop"], [str(_PACKAGED)]
    with trial_profile() as trial, _screen() as screen:
        with trial.connect() as connection:
            write_domains(connection, _DOMAINS, organizations=20)
        trial.postgres.stop()
        # The first of each is not counted: it fills the disk cache, and the source compiles.
        _seconds(screen, trial, packaged), _seconds(screen, trial, source)
        rounds = alternate(
            lambda: _seconds(screen, trial, packaged), lambda: _seconds(screen, trial, source), rounds=_ROUNDS
        )
    note = f"the packaged program's window with {_DOMAINS:,} domains against the source's; median of {_ROUNDS}"
    figure = Figure(
        "packaged_start", rounds.median_ours * 1000, rounds.median_reference * 1000, "ms", limit=1.3, note=note
    )
    print(as_table([figure.to_json()]))
    return 0 if figure.met else 1


def _seconds(screen: Screen, trial: TrialProfile, program: list[str]) -> float:
    empty = screen.look()
    environment = os.environ | {"DISPLAY": screen.name, "QT_QPA_PLATFORM": "xcb"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    process = subprocess.Popen([*program, "--profile", trial.profile.directory], env=environment, cwd=_ROOT)
    try:
        seconds = _seconds_until_calm(screen, started, empty)
    finally:
        process.terminate()
        process.wait(30)
    trial.postgres.start()  # joining and leaving stops the server for certain
    trial.postgres.stop()
    return seconds


def _seconds_until_calm(screen: Screen, started: float, empty: Picture) -> float:
    """Watch until nothing changes any more; return when the lines became those that stay."""
    seen: list[tuple[float, Picture]] = []
    last = empty
    while True:
        picture = screen.look()
        now = time.perf_counter() - started
        if picture != last:
            seen.append((now, picture))
            last = picture
        if seen and now - seen[-1][0] > _CALM_SECONDS:
            break
        if now > _MOST_SECONDS:
            raise TimeoutError("the picture does not come to rest")
        time.sleep(_LOOK_SECONDS)
    return next(when for when, picture in seen if _is_alike(picture, last))


def _is_alike(picture: Picture, last: Picture) -> bool:
    """Tell whether a picture shows what stays; a light that still changes its colour does not count."""
    same = sum(one == other for one, other in zip(picture, last, strict=True))
    return same >= _SAME_LINES * len(last)


@contextmanager
def _screen() -> Iterator[Screen]:
    """Start a virtual display whose memory is a file; end it afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="smtpy-screen-"))
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{_WIDTH}x{_HEIGHT}x24", "-nolisten", "tcp"]
    server = subprocess.Popen([*command, "-fbdir", directory], pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        name = f":{int(os.read(reading, 16))}"
        with (directory / "Xvfb_screen0").open("rb") as file:
            yield Screen(name, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    finally:
        os.close(reading)
        server.terminate()
        server.wait(15)
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
