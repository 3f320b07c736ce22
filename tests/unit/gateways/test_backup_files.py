"""The files of backups: a new one takes the place of an earlier backup, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.backup_files import BackupDraft


@pytest.mark.parametrize("present", ["config.json", "config"])
def test_a_backup_never_takes_the_place_of_something_else(tmp_path: Path, present: str) -> None:
    (tmp_path / present).write_text('{"somebody": "needs this"}')

    with pytest.raises(UserFacingError) as refused:
        BackupDraft(tmp_path / "config").open()

    assert refused.value.code == "BACKUP_OCCUPIED"
    assert str(tmp_path / present) in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == [present]


@pytest.mark.parametrize("content", [b"PGDMP and so on", b""])
def test_an_earlier_backup_is_written_anew_though_its_description_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.dump").write_bytes(content)
    (tmp_path / "x.dump.json").write_text("{")
    draft = BackupDraft(tmp_path / "x.dump")

    draft.open().close()

    assert draft.part.exists()
    draft.discard()
