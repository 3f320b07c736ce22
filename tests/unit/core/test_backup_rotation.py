"""Rotation takes away what the clock has made here, never the last good one, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.backup_rotation import expired
from smtpy_desktop.schemas.backups import BEFORE_RESTORE, MANUAL, SCHEDULED, BackupManifest, FoundFile
from smtpy_desktop.schemas.text import text

START = datetime(2026, 1, 1, tzinfo=UTC)
OURS = {"installation": "here", "database": "smtpy"}


def backup(
    day: int,
    *,
    kind: str = SCHEDULED,
    installation: str = "here",
    database: str = "smtpy",
    is_damaged: bool = False,
    is_described: bool = True,
) -> FoundFile:
    made_at = START + timedelta(days=day)
    manifest = BackupManifest(made_at, kind, installation, database, "host", "0001", 10, "", (), {})
    path = Path(f"/backups/{day}-{kind}-{installation}-{database}-{is_damaged}-{is_described}.dump")
    return FoundFile(
        path, 10, made_at, manifest if is_described else None, text("It is damaged.") if is_damaged else None
    )


BACKUPS = st.lists(
    st.builds(
        backup,
        st.integers(0, 400),
        kind=st.sampled_from([MANUAL, SCHEDULED, SCHEDULED, SCHEDULED, BEFORE_RESTORE]),
        installation=st.sampled_from(["here", "here", "there"]),
        database=st.sampled_from(["smtpy", "smtpy", "other"]),
        is_damaged=st.booleans(),
        is_described=st.booleans(),
    ),
    unique_by=lambda found: found.path,
)


def is_ours(found: FoundFile) -> bool:
    manifest = found.manifest
    return manifest is not None and (manifest.kind, manifest.installation, manifest.database) == (
        SCHEDULED,
        "here",
        "smtpy",
    )


def test_the_newest_are_kept() -> None:
    files = [backup(day) for day in range(5)]

    assert set(expired(files, 2, **OURS)) == {file.path for file in files[:3]}


@given(BACKUPS, st.integers(0, 10))
def test_nothing_goes_that_was_not_made_by_the_clock_here(files: list[FoundFile], keep: int) -> None:
    ours = {found.path for found in files if is_ours(found)}

    assert set(expired(files, keep, **OURS)) <= ours


@given(BACKUPS, st.integers(0, 10))
def test_as_many_good_ones_stay_as_are_wanted_and_one_at_least(files: list[FoundFile], keep: int) -> None:
    good = [found for found in files if is_ours(found) and found.problem is None]

    gone = set(expired(files, keep, **OURS))

    assert len([found for found in good if found.path not in gone]) == min(len(good), max(keep, 1))


@given(BACKUPS, st.integers(0, 10))
def test_what_goes_is_older_than_every_good_one_that_stays(files: list[FoundFile], keep: int) -> None:
    gone = set(expired(files, keep, **OURS))
    stays = [found.changed_at for found in files if is_ours(found) and not found.problem and found.path not in gone]

    assert all(found.changed_at < min(stays) for found in files if found.path in gone)
