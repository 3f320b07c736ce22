"""A process that writes messages at a steady rate, some in each transaction, as a busy server does.

``… -m benchmarks.message_writer URL PER_SECOND SECONDS FROM``
"""

from __future__ import annotations

import sys
import time

import psycopg

ROWS = 20
"""Messages in a transaction."""

_INSERT = """
INSERT INTO messages (domain_id, message_id, sender_email, recipient_email, subject, status, size_bytes, created_at)
SELECT id, gen_random_uuid()::text, %(sender)s, 'office@' || name, 'Burst ' || number, 'delivered', 2048, now()
FROM (SELECT id, name FROM domains ORDER BY id LIMIT 1) AS domain, generate_series(1, %(rows)s) AS number
"""


def write(url: str, per_second: int, seconds: float, sender: str) -> str:
    """Write ``ROWS`` messages per transaction, on time; return how many there were and how long it took."""
    count = round(per_second * seconds / ROWS)
    begun = time.monotonic()
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        for number in range(count):
            ahead = begun + number * ROWS / per_second - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            connection.execute(_INSERT, {"sender": sender, "rows": ROWS})
    return f"{count * ROWS:,} messages in {time.monotonic() - begun:.0f} s"


if __name__ == "__main__":
    print(write(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
