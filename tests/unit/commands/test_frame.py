"""The frame of the command line: what ends a command is told in words that say what to do."""

from __future__ import annotations

import errno
import json

import pytest

from smtpy_desktop.commands.frame import EXIT_REFUSED, guarded


@pytest.mark.parametrize(
    ("error", "code"),
    [(OSError(errno.ENOSPC, "No space left on device"), "DISK_FULL"), (ValueError("odd"), "INTERNAL")],
)
def test_a_full_disk_is_no_fault_of_the_program(
    capsys: pytest.CaptureFixture[str], error: Exception, code: str
) -> None:
    def write() -> int:
        raise error

    status = guarded(write, as_json=lambda: True)

    assert status == EXIT_REFUSED
    assert json.loads(capsys.readouterr().err)["code"] == code
