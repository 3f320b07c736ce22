"""A profile full of generated messages, made once and kept in ``build/`` for every figure that needs many."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.generate import Wanted, generate
from benchmarks.trial_profile import TrialProfile, set_up
from smtpy_desktop.config import Config, save_config
from smtpy_desktop.controllers.maintenance_controller import maintain
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.migrate import known_revisions
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.paths import Profile

MESSAGES_VARIABLE = "SMTPY_BENCH_MESSAGES"
_BUILD = Path(__file__).resolve().parents[1] / "build"
_NOTE = "revisions.json"


def wanted_messages() -> int:
    """Return how many messages the figures are measured with: 1,000,000, or what the environment says."""
    return int(os.environ.get(MESSAGES_VARIABLE, "1_000_000"))


@contextmanager
def message_world(messages: int | None = None) -> Iterator[TrialProfile]:
    """Give a profile whose running database holds so many messages (None: as many as the figures are measured with).

    It is made when it is first asked for, which takes minutes, and made anew when a migration that it was made with is
    gone; migrations that were added since are run on it. Several processes may use it at the same time. It stays as it
    is left: who writes messages into it deletes them again.
    """
    number = wanted_messages() if messages is None else messages
    directory = _BUILD / f"bench-messages-{number}"
    directory.mkdir(parents=True, exist_ok=True)
    profile = Profile(directory / "profile")
    postgres = EmbeddedPostgres(profile.postgres)
    with FileLock(directory / "making.lock"):
        if not _is_usable(directory / _NOTE):
            _make(directory, profile, number)
        asyncio.run(_set_up(postgres))
    try:
        yield TrialProfile(profile, postgres)
    finally:
        postgres.stop()


async def _set_up(postgres: EmbeddedPostgres) -> None:
    """Start the server, run missing migrations, and maintain what they wrote anew, as the program does."""
    await set_up(postgres)
    database = Database(postgres.url(), origin="benchmark")
    try:
        await maintain(database)
    finally:
        await database.close()


def _make(directory: Path, profile: Profile, number: int) -> None:
    """Generate the messages; the note of their schema comes last, so that a broken attempt is seen."""
    print(f"generating {number:,} messages in {directory} …", file=sys.stderr, flush=True)
    began = time.monotonic()
    (directory / _NOTE).unlink(missing_ok=True)
    _remove(profile)
    profile.create()
    save_config(profile, Config(first_run_done=True, theme="light", language="en"))
    postgres = EmbeddedPostgres(profile.postgres)
    try:
        asyncio.run(set_up(postgres))
        with TrialProfile(profile, postgres).connect() as connection:
            generate(connection, Wanted(number))
            connection.execute("CHECKPOINT")
    finally:
        postgres.stop()
    (directory / _NOTE).write_text(json.dumps(known_revisions(), indent=2) + "\n", encoding="utf-8")
    print(f"generated in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _remove(profile: Profile) -> None:
    """Remove what an earlier attempt has left, and before that the server that may still run on it."""
    if (profile.postgres / "location").exists() or (profile.postgres / "data").exists():
        postgres = EmbeddedPostgres(profile.postgres)
        postgres.start()  # also finds out where its files lie
        postgres.stop()
        postgres.remove()
    if profile.directory.exists():
        shutil.rmtree(profile.directory)


def _is_usable(note: Path) -> bool:
    """Return whether the messages are complete, and their schema is one that the migrations lead on from."""
    return note.exists() and set(json.loads(note.read_text(encoding="utf-8"))) <= set(known_revisions())
