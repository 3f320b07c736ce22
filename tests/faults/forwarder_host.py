"""``python -m tests.faults.forwarder_host``: starts real forwarder processes fast, by forking what is loaded already.

Each line on standard input is JSON: ``{"arguments": […], "output": FILE, "environment": {…}}``. The answer is the
process id of a child that runs the program's command line with these arguments and can be killed at any moment.
Leases, deadlines and pauses are minutes in the program; two variables of the environment make them short.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from smtpy_desktop.controllers import delivery_controller, spool_controller
from smtpy_desktop.core import delivery_lanes
from smtpy_desktop.gateways import smtp_connection

LEASE_VARIABLE, SEND_VARIABLE = "SMTPY_TEST_LEASE_SECONDS", "SMTPY_TEST_SEND_SECONDS"
LOADED = (
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.ext.asyncio",
    "alembic.command",
    "smtpy_desktop.app",
    "smtpy_desktop.installation",
    "smtpy_desktop.commands.forwarder_command",
    "smtpy_desktop.forwarding",
    "smtpy_desktop.gateways.embedded_postgres",
    "dkim",
    "stripe",
)


def main() -> None:
    """Start a child for each line."""
    for name in LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    _say("ready")
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_forwarder(told)
        _say(str(child))


def _be_forwarder(told: dict[str, Any]) -> None:
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        output = os.open(Path(told["output"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number, handle in enumerate((nothing, output, output)):
            os.dup2(handle, number)
        os.environ.update(told["environment"])
        _shorten()
        sys.argv = ["smtpy-desktop", *told["arguments"]]
        status = importlib.import_module("smtpy_desktop.app").main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _shorten() -> None:
    """Let minutes be seconds."""
    lease, send = float(os.environ[LEASE_VARIABLE]), float(os.environ[SEND_VARIABLE])
    spool_controller.LEASE_SECONDS = lease
    defaults = delivery_controller.DeliveryWorkers.__init__.__kwdefaults__
    assert "lease_seconds" in defaults
    defaults["lease_seconds"] = lease
    deadlines = smtp_connection.SmtpDeadlines.__init__
    deadlines.__defaults__ = (send,) * len(deadlines.__defaults__ or ())
    delivery_lanes.FIRST_PAUSE = 0.2
    delivery_lanes.LONGEST_PAUSE = 1.0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
