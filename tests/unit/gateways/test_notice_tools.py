"""What is remembered of notices survives the run, and damage to its file."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.gateways.notice_json import state_from_json, state_to_json
from smtpy_desktop.gateways.notice_tools import OwnNoticeTools
from smtpy_desktop.schemas.notice_kinds import NoticeKind, Severity
from smtpy_desktop.schemas.notices import Condition, NoticeState, Observation, Told
from smtpy_desktop.schemas.text import text

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
BROKEN = Observation(
    NoticeKind.DOMAIN_BROKEN,
    "5",
    {"domain": "a.example", "records": text("{records}, ownership", records="MX")},
    argument=5,
)
FAILED = Observation(
    NoticeKind.FORWARDER_FAILED, values={"reason": text("No name.")}, severity=Severity.BAD, hint=text("Set it.")
)
STATE = NoticeState(
    {
        (NoticeKind.DOMAIN_BROKEN, "5"): Condition(BROKEN, NOW, NOW, NOW, snoozed_until=NOW + timedelta(hours=1)),
        (NoticeKind.FORWARDER_FAILED, ""): Condition(FAILED, NOW, NOW, NOW, fine_since=NOW),
    },
    {(NoticeKind.DOMAIN_BROKEN, "5"): Told(NOW, Severity.BAD)},
)


def tools(profile: Path) -> OwnNoticeTools:
    return OwnNoticeTools(profile / "notices.json", (profile, profile / "missing"))


async def test_a_state_is_remembered_for_its_database(tmp_path: Path) -> None:
    await tools(tmp_path).remember("one", STATE)

    assert await tools(tmp_path).remembered("one") == STATE
    assert await tools(tmp_path).remembered("another") == NoticeState()


async def test_databases_are_remembered_apart_and_the_oldest_is_forgotten(tmp_path: Path) -> None:
    for number in range(17):
        await tools(tmp_path).remember(f"d{number}", STATE)

    assert await tools(tmp_path).remembered("d0") == NoticeState()
    assert await tools(tmp_path).remembered("d1") == STATE


def test_what_was_not_raised_yet_begins_anew() -> None:
    state = NoticeState({(NoticeKind.DOMAIN_BROKEN, "5"): Condition(BROKEN, NOW, NOW)})

    assert state_from_json(state_to_json(state)) == NoticeState()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[1]", b'{"databases": 5}'])
async def test_a_damaged_file_is_no_memory_is_logged_once_and_put_aside(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "notices.json").write_bytes(content)

    found = [await tools(tmp_path).remembered("one") for _ in range(2)]

    assert found == [NoticeState(), NoticeState()]
    assert len(caplog.records) == 1
    assert (tmp_path / "notices.damaged.json").read_bytes() == content
    await tools(tmp_path).remember("one", STATE)
    assert await tools(tmp_path).remembered("one") == STATE


async def test_what_is_damaged_of_one_database_is_no_memory(tmp_path: Path) -> None:
    (tmp_path / "notices.json").write_bytes(b'{"databases": {"one": []}}')

    assert await tools(tmp_path).remembered("one") == NoticeState()

    await tools(tmp_path).remember("one", STATE)
    assert await tools(tmp_path).remembered("one") == STATE


async def test_a_file_that_cannot_be_read_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "notices.json").mkdir()
    same = tools(tmp_path)

    for _ in range(3):
        await same.remembered("one")

    assert len(caplog.records) == 1


@given(cut=st.floats(0, 1))
def test_a_truncated_file_is_no_memory_and_no_failure(cut: float) -> None:
    content = json.dumps(state_to_json(STATE))
    try:
        data = json.loads(content[: int(len(content) * cut)])
    except ValueError:
        return

    assert set(state_from_json(data).conditions) <= set(STATE.conditions)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["kind", "key", "values", "at"]), inner),
        max_leaves=12,
    )
)
def test_garbage_is_left_out(garbage: object) -> None:
    good = state_to_json(STATE)
    data = {"conditions": [garbage, *good["conditions"]], "told": [*good["told"], garbage]}

    assert state_from_json(data) == STATE


def test_words_that_lack_a_value_are_left_out() -> None:
    data = state_to_json(STATE)
    data["conditions"][0]["values"].pop("domain")

    assert (NoticeKind.DOMAIN_BROKEN, "5") not in state_from_json(data).conditions


async def test_a_directory_that_cannot_be_written_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    gone = OwnNoticeTools(tmp_path / "file" / "notices.json", ())

    await gone.remember("one", STATE)

    assert await gone.remembered("one") == NoticeState()


async def test_a_disk_is_looked_at_once(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()

    found = await OwnNoticeTools(tmp_path / "n", (tmp_path, tmp_path / "inside", tmp_path / "missing")).disks()

    assert [disk.directory for disk in found] == [str(tmp_path)]
    assert 0 <= found[0].free <= found[0].total
