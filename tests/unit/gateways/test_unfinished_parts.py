"""Directories of unfinished files: what a killed program left goes with the next one, what is being made stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smtpy_desktop.gateways.unfinished_parts import UnfinishedPart


@pytest.fixture
def abandoned(tmp_path: Path) -> Path:
    """Return a directory that a program left long ago."""
    directory = tmp_path / ".export-00aa.part"
    directory.mkdir()
    os.utime(directory, (0, 0))
    return directory


def test_what_a_killed_program_left_goes_with_the_next_one(tmp_path: Path, abandoned: Path) -> None:
    part = UnfinishedPart(tmp_path, "export")

    part.make()

    assert list(tmp_path.iterdir()) == [part.directory]
    part.remove()
    assert not list(tmp_path.iterdir())


def test_what_was_left_by_another_kind_stays(tmp_path: Path, abandoned: Path) -> None:
    part = UnfinishedPart(tmp_path, "smtpy-backup")

    part.make()

    assert abandoned.exists()
    part.remove()


def test_what_is_still_being_made_stays_however_long_it_takes(tmp_path: Path) -> None:
    slow, quick = UnfinishedPart(tmp_path, "export"), UnfinishedPart(tmp_path, "export")
    slow.make()
    os.utime(slow.directory, (0, 0))

    quick.make()

    assert slow.directory.exists()
    for part in (slow, quick):
        part.remove()


def test_another_ones_directory_is_not_removed(tmp_path: Path) -> None:
    part = UnfinishedPart(tmp_path, "export")
    part.directory.mkdir()

    with pytest.raises(FileExistsError):
        part.make()
    part.remove()

    assert part.directory.exists()
