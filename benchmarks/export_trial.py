"""Exports of the generated messages, ours and the same by the programs that are the reference."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.trial_profile import TrialProfile
from smtpy_desktop.controllers.message_export_controller import export_messages
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.postgres_account import postgres_programs, server_account
from smtpy_desktop.runtime.async_thread import new_selector_loop
from smtpy_desktop.schemas.message_export import ExportFormat, ExportOptions
from smtpy_desktop.schemas.message_search import MessageQuery

ZONE = "Europe/Paris"
SAME_COLUMNS = """
SELECT messages.id, messages.created_at, messages.status, sender_email, recipient_email, forwarded_to, subject,
size_bytes, has_attachments, domains.name, error_message, message_id, thread_id
FROM messages JOIN domains ON domains.id = messages.domain_id ORDER BY messages.created_at DESC, messages.id DESC
""".replace("\n", " ")
"""What an export holds when nobody chooses, in its order."""


def seconds_of_ours(trial: TrialProfile, path: Path, form: ExportFormat, limit: int | None = None) -> float:
    """Export as the program does, and return how long it took, from the open database to the finished file."""
    options = ExportOptions(form, zone=ZONE, limit=limit)

    async def work() -> float:
        database = Database(trial.url, origin="benchmark")
        try:
            async with database.read():
                began = time.perf_counter()
            await export_messages(database, MessageQuery(), path, options, files=DiskFiles())
            return time.perf_counter() - began
        finally:
            await database.close()

    with asyncio.Runner(loop_factory=new_selector_loop) as runner:
        return runner.run(work())


def seconds_of_psql(trial: TrialProfile, path: Path) -> float:
    r"""Copy the same columns in the same order by psql's ``\copy``, and return how long that took."""
    psql = postgres_programs(server_account()) / "psql"
    address = trial.url.replace("postgresql+psycopg://", "postgresql://")
    copying = f"\\copy ({SAME_COLUMNS}) TO '{path}' (FORMAT csv, HEADER)"
    began = time.perf_counter()
    subprocess.run(
        [str(psql), "--no-psqlrc", "--quiet", "--dbname", address, "--command", copying],
        check=True,
        env=os.environ | {"PGTZ": ZONE},
    )
    return time.perf_counter() - began


def peak_memory() -> float:
    """Return the largest resident size of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
