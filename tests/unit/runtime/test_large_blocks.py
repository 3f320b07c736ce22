"""Memory of large things goes back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

_GROW_AND_FREE = """
from pathlib import Path
from smtpy_desktop.runtime.large_blocks import return_large_blocks

def held():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))

assert return_large_blocks()
first = held()
for _ in range(3):
    large, small = [], []
    for _ in range(20):
        large.append(b"x" * 5_000_000)
        small.append([bytes(400_000 + number) for number in range(3)])
    del large
    kept = small[-1]
    del small
print(held() - first)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc alone")
def test_what_was_large_is_given_back_when_it_is_freed() -> None:
    held = subprocess.run([sys.executable, "-c", _GROW_AND_FREE], check=True, capture_output=True, text=True).stdout

    assert int(held) < 4_000
