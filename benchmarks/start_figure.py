"""Figure *start*: from the command to a window with data, the embedded server being stopped before."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks.figure import Figure, tell
from benchmarks.measuring import alternate
from benchmarks.sample_domains import write_domains
from benchmarks.start_runner import READY
from benchmarks.trial_profile import TrialProfile, trial_profile
from smtpy_desktop.gateways.postgres_account import postgres_programs, server_account

_DOMAINS = 1000
_ROUNDS = 9


def main() -> None:
    """Measure and tell the figure."""
    with trial_profile() as trial:
        with trial.connect() as connection:
            write_domains(connection, _DOMAINS, organizations=20)
        trial.postgres.stop()
        ours = [sys.executable, "-m", "benchmarks.start_runner", "--profile", str(trial.profile.directory), "gui"]
        reference = _reference_command(trial)
        # The first of each is not counted: it compiles, and fills the disk cache.
        _seconds_until_ready(trial, ours), _seconds_until_ready(trial, reference)
        rounds = alternate(
            lambda: _seconds_until_ready(trial, ours), lambda: _seconds_until_ready(trial, reference), rounds=_ROUNDS
        )
    note = (
        f"from the start of the process to painted rows of {_DOMAINS:,} domains, against pg_ctl -w start of the same "
        f"cluster and then a bare window with a table; median of {_ROUNDS}"
    )
    tell(Figure("start", rounds.median_ours * 1000, rounds.median_reference * 1000, "ms", limit=1.5, note=note))


def _reference_command(trial: TrialProfile) -> list[str]:
    account = server_account()
    numbers = [] if account.uid is None else [str(account.uid), str(account.gid)]
    pg_ctl = postgres_programs(account) / "pg_ctl"
    script = [sys.executable, "-m", "benchmarks.start_reference"]
    return [*script, str(pg_ctl), str(trial.postgres.data), str(trial.postgres.log_file), *numbers]


def _seconds_until_ready(trial: TrialProfile, command: list[str]) -> float:
    # As installed: with the bytecode at hand, whatever the surroundings say about writing it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(trial.profile.directory.parent / "bytecode")
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        elapsed = time.perf_counter() - started
    if line != READY or process.returncode != 0:
        raise RuntimeError(f"{command[2]} ended with status {process.returncode}")
    # The reference leaves the server running; ours has stopped it already. Joining and leaving stops it for certain.
    trial.postgres.start()
    trial.postgres.stop()
    return elapsed


if __name__ == "__main__":
    main()
