"""Running the program's command line, in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RunProgram = Callable[..., "Outcome"]
"""Runs the program in this process with these arguments (fixture ``run_program``)."""

PROGRAM = Path(sys.executable).with_name("smtpy-desktop")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to."""

    status: int
    output: str
    errors: str

    @property
    def data(self) -> Any:
        """The answer on standard output as JSON; fails with everything that was said when the command failed."""
        assert self.output, self.errors
        return json.loads(self.output)

    @property
    def lines(self) -> list[Any]:
        """The answer on standard output, one JSON object a line."""
        return [json.loads(line) for line in self.output.splitlines()]

    @property
    def failure(self) -> Any:
        """The failure on standard error as JSON."""
        return json.loads(self.errors)


def run_process(arguments: Sequence[str | bytes], environment: Mapping[str, str] | None = None) -> Outcome:
    """Run the installed program in a process of its own."""
    result = subprocess.run(
        [PROGRAM, *arguments],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Outcome(result.returncode, result.stdout, result.stderr)
