"""Other processes that use an embedded PostgreSQL, and a look into its database."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

_SCRIPT = """
import sys
from pathlib import Path
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres

server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""


class OtherProcess:
    """A process that starts the server of a directory, and leaves it when told to (or is killed)."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-c", _SCRIPT, str(directory)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def wait_until_started(self) -> str:
        """Return the address that it prints when it is ready."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        """Let it end in good order."""
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.communicate(timeout=60)


def ask(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement in a connection of its own and return its rows."""
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def wait_for_listener(url: str, seconds: float = 10.0) -> None:
    """Wait until somebody listens to the changes in a database; fail when nobody does."""
    deadline = time.monotonic() + seconds
    statement = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE query = 'SELECT pg_current_snapshot()::text' AND datname = current_database()"
    )
    while ask(url, statement) == [(0,)]:
        assert time.monotonic() < deadline, "nobody listens"
        time.sleep(0.01)
