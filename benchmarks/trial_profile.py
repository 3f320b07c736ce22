"""A profile of the benchmarks' own, with a running database in it; gone afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from smtpy_desktop.config import Config, save_config
from smtpy_desktop.controllers.opening_controller import open_own
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.gateways.postgres_account import SHARED_HOME
from smtpy_desktop.paths import Profile


@dataclass(frozen=True, slots=True)
class TrialProfile:
    """A profile whose embedded database is set up and running."""

    profile: Profile
    postgres: EmbeddedPostgres

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.postgres.url()

    def connect(self) -> psycopg.Connection:
        """Return a bare connection that commits by itself."""
        return psycopg.connect(self.url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)


@contextmanager
def trial_profile() -> Iterator[TrialProfile]:
    """Make a profile with an empty migrated database in a new temporary directory; at the end remove all of it."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    directory = Path(tempfile.mkdtemp(prefix="smtpy-bench-", dir="/var/tmp" if is_root else None))  # noqa: S108
    if is_root:
        directory.chmod(0o711)  # as root the server runs under an account that has to get there
    profile = Profile(directory / "profile")
    profile.create()
    save_config(profile, Config(first_run_done=True, theme="light", language="en"))
    postgres = EmbeddedPostgres(profile.postgres)
    try:
        asyncio.run(set_up(postgres))
        yield TrialProfile(profile, postgres)
    finally:
        postgres.stop()
        if postgres.home.is_relative_to(SHARED_HOME):
            shutil.rmtree(postgres.home, ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)


async def set_up(postgres: EmbeddedPostgres) -> None:
    """Start the server of a profile and bring its database up to date."""
    opened = await open_own(postgres, lambda url: Database(url, origin="benchmark"))
    await opened.database.close()
