"""Figure *rollup*: what counting costs eight connections that insert one message per transaction."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

from benchmarks.figure import Figure, tell
from benchmarks.generate import Wanted, generate
from benchmarks.measuring import alternate
from benchmarks.trial_profile import TrialProfile, trial_profile

_WRITERS = 8
_SECONDS = 5
_ROUNDS = 3
_MESSAGES = 100_000
_INSERT = r"""
\set domain random(1, 500)
\set sender random(1, 20000)
INSERT INTO messages (
    message_id, domain_id, sender_email, recipient_email, subject, body_preview, status, size_bytes, delivered_at
)
SELECT '<' || :sender || '@bench.example>', id, 'sender' || :sender || '@bench.example', 'info@bench.example',
    'Invoice ' || :sender, 'Hello, please find attached the document you asked for.', 'delivered', 12345,
    now() + interval '3 seconds'
FROM domains WHERE id = :domain;
"""
_LATENCY = re.compile(r"latency average = ([0-9.]+) ms")


def main() -> None:
    """Measure and tell the figure."""
    with trial_profile() as profile, profile.connect() as bare, profile.connect() as listener:
        generate(bare, Wanted(_MESSAGES))
        listener.execute("LISTEN smtpy_changes")
        script = profile.postgres.home / "insert.sql"
        script.write_text(_INSERT, encoding="utf-8")
        script.chmod(0o644)
        rounds = alternate(
            lambda: _insert(profile, bare, script, is_counted=True),
            lambda: _insert(profile, bare, script, is_counted=False),
            _ROUNDS,
        )
    tell(
        Figure(
            "roll-up cost, 8 writers",
            rounds.median_ours,
            rounds.median_reference,
            "ms",
            1.3,
            note=f"one message per transaction into {_MESSAGES:,}, {_WRITERS} connections of pgbench, {_SECONDS} s, "
            f"median of {_ROUNDS}; reference: the same without the counting triggers",
        )
    )


def _insert(profile: TrialProfile, bare: psycopg.Connection, script: Path, *, is_counted: bool) -> float:
    """Insert for a few seconds and return the mean time of one message in milliseconds."""
    for event in ("insert", "update", "delete"):
        bare.execute(f"ALTER TABLE messages {'ENABLE' if is_counted else 'DISABLE'} TRIGGER count_{event}")
    info = bare.info
    options = ["-n", "-M", "prepared", "-c", str(_WRITERS), "-j", "2", "-T", str(_SECONDS), "-f", str(script)]
    status, output = profile.postgres.run_tool(
        "pgbench", *options, "-h", info.host, "-p", str(info.port), "-U", info.user, info.dbname
    )
    found = _LATENCY.search(output)
    if status != 0 or found is None:
        raise RuntimeError(output)
    return float(found[1])


if __name__ == "__main__":
    main()
