"""What PostgreSQL's programs write is told in words that say what to do."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.backup_errors import program_failure


@pytest.mark.parametrize(
    ("program", "output", "code"),
    [
        ("pg_dump", "pg_dump: error: query failed: ERROR:  permission denied for table messages", "BACKUP_FORBIDDEN"),
        ("pg_dump", "pg_dump: error: aborting because of server version mismatch", "SERVER_TOO_NEW"),
        ("pg_dump", 'pg_dump: error: connection to server at "x" failed: Connection refused', "DATABASE_UNAVAILABLE"),
        ("pg_restore", "ERROR:  could not extend file: No space left on device", "DISK_FULL"),
        ("pg_restore", "pg_restore: error: could not read from input file: end of file", "BACKUP_DAMAGED"),
        ("pg_restore", "pg_restore: error: could not uncompress data: incorrect data check", "BACKUP_DAMAGED"),
        ("pg_restore", 'pg_restore: error: ERROR:  invalid byte sequence for encoding "UTF8": 0xff', "BACKUP_DAMAGED"),
        ("psql", "psql:<stdin>:12: ERROR:  syntax error", "BACKUP_FAILED"),
        ("pg_dump", "", "BACKUP_FAILED"),
    ],
)
def test_each_cause_has_its_code_and_says_what_to_do(program: str, output: str, code: str) -> None:
    error = program_failure(program, output, "/srv/x.dump")

    assert error.code == code
    assert error.hint is not None


def test_the_line_of_the_server_is_told_and_not_the_last_one() -> None:
    output = "pg_dump: error: query failed: ERROR:  permission denied for table messages\npg_dump: detail: Query was: …"

    assert str(program_failure("pg_dump", output, "x").detail) == "permission denied for table messages"
