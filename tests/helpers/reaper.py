"""Tidies up after a test run, however it ends: ``python -m tests.helpers.reaper DIRECTORY`` waits for its input to end.

The system closes that when the run is over, even when it was killed; then the servers below the directory are killed
and the directory is removed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.clusters import remove_clusters_of

_TRIES = 20


@contextmanager
def reaped(directory: Path) -> Iterator[Path]:
    """Have a directory and the servers in it gone at the end of the block, or of this process."""
    command = [sys.executable, "-m", "tests.helpers.reaper", str(directory)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, cwd=Path(__file__).parents[2], start_new_session=True
    ) as reaper:
        yield directory
        reaper.communicate(timeout=60)


def main() -> None:
    """Wait for the end of the input and tidy up."""
    directory = Path(sys.argv[1])
    sys.stdin.read()
    for _ in range(_TRIES):  # the last processes of a killed server may still write
        remove_clusters_of(directory)
        shutil.rmtree(directory, ignore_errors=True)
        if not directory.exists():
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main()
