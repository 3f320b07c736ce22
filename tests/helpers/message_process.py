"""A second process that changes messages, so that only the database can tell of it."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import make_url

_SCRIPT = """
import sys, psycopg

with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    for statement in sys.stdin:
        connection.execute(statement.strip().encode())
        print("done", flush=True)
"""


class MessageProcess:
    """Runs statements in a connection of its own process."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, plain], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, statement: str) -> None:
        """Run one statement on one line; return when it is committed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(statement + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def write(self, subject: str) -> None:
        """Write a message of the domain example.com, received now."""
        self.run(
            "INSERT INTO messages (domain_id, message_id, sender_email, recipient_email, subject, status, size_bytes) "
            f"SELECT id, gen_random_uuid()::text, 'anna@sender.example', 'office@example.com', '{subject}', "
            "'delivered', 2048 FROM domains WHERE name = 'example.com'"
        )

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=30)
