"""Exports: exactly the search, every format readable again, no formula, and a whole file or none."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import psycopg
import pytest
from sqlalchemy import insert, make_url

from smtpy_desktop.controllers import messages_controller
from smtpy_desktop.controllers.message_export_controller import export_messages
from smtpy_desktop.core.spreadsheet_safety import defuse
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.models import Message
from smtpy_desktop.errors import DatabaseUnavailable, FieldError, UserFacingError
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.schemas.message_export import ExportColumn, ExportFormat, ExportOptions
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageSort
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.progress import Progress
from tests.helpers.stored_domains import insert_domains

NOON = datetime(2026, 7, 1, 12, 0, 30, 987654, tzinfo=UTC)
HOSTILE = [
    '=HYPERLINK("http://x.example","click")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r\n=1",
    " =1",
    "\u200b=1",
    "＝1",
    '<img src="x">',
    'a "quoted", comma',
    "two\nlines",
    "\u202eevil",
    "Réunion 会议 🙂",
    "_x0041_ \x01\x0b\ufffe",
    "back\\slash \\N \\.",
    "\\.",
    "%s %(x)s :name",
    "",
    "x" * 10_000,
]


@pytest.fixture
async def stored(database: Database, organization: OrganizationRow) -> list[dict[str, Any]]:
    """Store a message for each hostile subject, an hour apart, oldest first."""
    (domain,) = await insert_domains(database, organization.id, ["example.com"])
    rows = [
        {
            "domain_id": domain,
            "message_id": f"<{number}@x>",
            "sender_email": "=cmd@example.org" if number == 0 else f"sender{number}@example.org",
            "recipient_email": "info@example.com",
            "subject": subject,
            "status": "failed" if number % 5 == 0 else "delivered",
            "has_attachments": number == 1,
            "size_bytes": number,
            "created_at": NOON + timedelta(hours=number),
        }
        for number, subject in enumerate(HOSTILE)
    ]
    async with database.begin() as db:
        await db.execute(insert(Message), rows)
    return rows


@pytest.fixture
async def many(database: Database, organization: OrganizationRow) -> int:
    """Store more messages than go into a few blocks."""
    (domain,) = await insert_domains(database, organization.id, ["example.com"])
    async with database.begin() as db:
        connection = await db.connection()
        await connection.exec_driver_sql(
            "INSERT INTO messages (message_id, domain_id, sender_email, recipient_email, subject, body_preview)"
            f" SELECT g::text, {domain}, 's@x', 'r@x', 'subject ' || g, repeat('preview ', 40)"
            " FROM generate_series(1, 20000) g"
        )
    return 20_000


async def export(database: Database, path: Path, form: str, query: str = "", **options: Any) -> Any:
    search = messages_controller.read_search(query, UTC)
    wanted = ExportOptions(ExportFormat(form), **options)
    return await export_messages(database, MessageQuery(search, descending=False), path, wanted, files=DiskFiles())


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def read_sheet(path: Path, number: int = 1) -> list[list[tuple[str, str]]]:
    """Return the cells of a sheet as (type, text), and see to it that none holds a formula."""
    space = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as book:
        sheet = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    assert sheet.findall(".//s:f", space) == []
    return [
        [(cell.get("t", "n"), "".join(_texts(cell))) for cell in row.findall("s:c", space)]
        for row in sheet.findall(".//s:row", space)
    ]


def _texts(cell: ET.Element) -> list[str]:
    return [part.text or "" for part in cell.iter() if part.tag.endswith(("}t", "}v"))]


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def begun(progress: Progress) -> None:
    while not progress.done:  # noqa: ASYNC110 - progress is looked at, it never calls
        await asyncio.sleep(0)


async def test_csv_holds_every_message_with_formulas_defused(database, stored, tmp_path):
    path = tmp_path / "all.csv"

    result = await export(database, path, "csv")

    rows = read_csv(path)
    assert [row["subject"] for row in rows] == [defuse(subject) for subject in HOSTILE]
    assert rows[0]["sender_email"] == "'=cmd@example.org"
    assert [row["has_attachments"] for row in rows[:3]] == ["false", "true", "false"]
    assert rows[0]["created_at"] == "2026-07-01T12:00:30+00:00"
    assert rows[0]["error_message"] == ""
    assert (result.messages, result.size_bytes) == (len(HOSTILE), path.stat().st_size)
    assert path.read_bytes().split(b"\r\n")[0].startswith(b"id,created_at,status,")
    assert names_in(tmp_path) == ["all.csv"]


async def test_csv_leaves_texts_as_they_are_when_asked_to(database, stored, tmp_path):
    await export(database, tmp_path / "a.csv", "csv", defuse=False, columns=(ExportColumn.SUBJECT, ExportColumn.ID))

    assert [row["subject"] for row in read_csv(tmp_path / "a.csv")] == HOSTILE


async def test_a_workbook_holds_every_text_as_text(database, stored, tmp_path):
    path = tmp_path / "all.xlsx"
    columns = (ExportColumn.SUBJECT, ExportColumn.SIZE_BYTES, ExportColumn.CREATED_AT, ExportColumn.HAS_ATTACHMENTS)

    await export(database, path, "xlsx", "", columns=columns, zone="Europe/Paris")

    heading, *rows = read_sheet(path)
    assert [cell[1] for cell in heading] == [column.value for column in columns]
    assert len(rows) == len(HOSTILE)
    for row, subject in zip(rows, HOSTILE, strict=True):
        plain = row[0][1].replace("_x005F", "").replace("_x0001_", "\x01").replace("_x000B_", "\x0b")
        assert row[0][0] == "inlineStr" or subject == ""
        if subject:
            assert plain.replace("_xFFFE_", "\ufffe").replace("_x000D_", "\r") == subject
    number = float(rows[0][2][1])
    assert datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=number) == pytest.approx(
        datetime(2026, 7, 1, 14, 0, 30, tzinfo=UTC), abs=timedelta(milliseconds=1)
    )
    assert rows[1][-1] == ("b", "1")
    about = {row[0][1]: row[1][1] for row in read_sheet(path, 2)}
    assert about["Time zone"] == "Europe/Paris"
    assert about["Messages"] == str(len(HOSTILE))


async def test_json_lines_begin_with_what_they_are(database, stored, tmp_path):
    path = tmp_path / "all.jsonl"

    await export(database, path, "jsonl", "status:failed", zone="America/New_York")

    about, *rows = [json.loads(line) for line in path.read_text().split("\n")[:-1]]
    assert about["export"] | {"made_at": ""} == {
        "query": "status:failed", "organization": None, "limit": None, "time_zone": "America/New_York", "messages": 4,
        "made_at": "",
    }  # fmt: skip
    assert [row["subject"] for row in rows] == HOSTILE[::5]
    assert rows[0]["created_at"] == "2026-07-01T08:00:30-04:00"
    assert rows[0]["has_attachments"] is False
    assert rows[0]["error_message"] is None


async def test_exactly_the_search_in_its_order(database, stored, tmp_path):
    search = messages_controller.read_search('subject:"quoted" OR larger:17b -status:failed', UTC)
    query = MessageQuery(search, sort=MessageSort.SIZE, descending=True)
    listed = await messages_controller.numbered_page(database, query, 1, 100)

    await export_messages(database, query, tmp_path / "s.csv", ExportOptions(), files=DiskFiles())

    assert [int(row["id"]) for row in read_csv(tmp_path / "s.csv")] == [row.id for row in listed.items]
    assert listed.total > 1


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_nothing_found_makes_a_file_without_messages(database, stored, tmp_path, form):
    result = await export(database, tmp_path / "none", form, 'from:"nobody@nowhere.example"')

    assert result.messages == 0
    assert (tmp_path / "none").exists()


async def test_only_the_first_of_the_order_when_asked_to(database, stored, tmp_path):
    options = ExportOptions(ExportFormat.JSONL, (ExportColumn.SUBJECT,), limit=3)

    result = await export_messages(database, MessageQuery(), tmp_path / "new.jsonl", options, files=DiskFiles())

    about, *rows = [json.loads(line) for line in (tmp_path / "new.jsonl").read_text().split("\n")[:-1]]
    assert [row["subject"] for row in rows] == HOSTILE[:-4:-1]
    assert (result.messages, about["export"]["messages"], about["export"]["limit"]) == (3, 3, 3)


async def test_a_file_tells_whose_messages_it_holds(database, stored, organization, tmp_path):
    (other,) = await insert_domains(database, organization.id, ["example.org"])
    query = MessageQuery(organization_id=organization.id, domain_id=other)

    await export_messages(database, query, tmp_path / "a.csv", ExportOptions(describe=True), files=DiskFiles())

    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[:2] == ["# Query: domain:example.org", "# Organization: Example"]
    assert lines[3] == "# Messages: 0"


async def test_an_export_of_no_message_at_all_is_refused(database, stored, tmp_path):
    with pytest.raises(FieldError):
        await export(database, tmp_path / "x.csv", "csv", limit=0)


async def test_csv_tells_about_itself_only_when_asked_to(database, stored, tmp_path):
    await export(database, tmp_path / "a.csv", "csv", "status:failed", describe=True)

    lines = (tmp_path / "a.csv").read_bytes().split(b"\r\n")
    assert lines[:3] == [b"# Query: status:failed", b"# Time zone: UTC", b"# Messages: 4"]
    assert lines[4].startswith(b"id,created_at")


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_a_cancelled_export_leaves_nothing_and_the_old_file_as_it_was(database, many, tmp_path, form):
    path = tmp_path / "old"
    path.write_text("old")
    progress = Progress()
    options = ExportOptions(form, tuple(ExportColumn))
    work = asyncio.create_task(
        export_messages(database, MessageQuery(), path, options, files=DiskFiles(), progress=progress)
    )
    await begun(progress)

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert 0 < progress.done < many
    assert (names_in(tmp_path), path.read_text()) == (["old"], "old")
    assert (await messages_controller.numbered_page(database, MessageQuery(), 1, 1)).total == many


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_a_database_that_goes_away_is_told_and_leaves_nothing(database, many, tmp_path, form):
    progress = Progress()
    options = ExportOptions(form, tuple(ExportColumn))
    work = asyncio.create_task(
        export_messages(database, MessageQuery(), tmp_path / "new", options, files=DiskFiles(), progress=progress)
    )
    await begun(progress)

    url = make_url(database.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'")
    with pytest.raises(DatabaseUnavailable):
        await work

    assert names_in(tmp_path) == []
    assert (await messages_controller.numbered_page(database, MessageQuery(), 1, 1)).total == many


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("form", list(ExportFormat))
async def test_a_full_disk_says_so_and_leaves_nothing(database, many, small_disk, form):
    with pytest.raises(UserFacingError) as caught:
        await export(database, small_disk / "new", form, columns=tuple(ExportColumn))

    assert caught.value.code == "DISK_FULL"
    assert names_in(small_disk) == []


async def test_places_where_nothing_can_be_written_are_told(database, stored, tmp_path):
    codes = []
    for path in (tmp_path, tmp_path / "none" / "x.csv", tmp_path / ("x" * 300), Path("/dev/null")):
        with pytest.raises(UserFacingError) as caught:
            await export(database, path, "csv")
        codes.append(caught.value.code)

    assert codes == ["EXPORT_NO_FILE", "EXPORT_NO_PLACE", "EXPORT_NO_PLACE", "EXPORT_NO_FILE"]
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("zone", ["Nowhere/Land", "", "../etc", "x\0y"])
async def test_a_time_zone_that_does_not_exist_is_refused(database, stored, tmp_path, zone):
    with pytest.raises(FieldError, match="time zone"):
        await export(database, tmp_path / "x.csv", "csv", zone=zone)


async def test_a_replaced_file_keeps_its_rights_and_its_link(database, stored, tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)

    await export(database, link, "csv")

    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(read_csv(real)) == len(HOSTILE)
