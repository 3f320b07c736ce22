"""The description beside a backup: read back as written, and taken for none when it is damaged."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.backup_manifest import file_name, manifest_text, parse_manifest
from smtpy_desktop.schemas.backups import BackupManifest, TableContent

MADE_AT = datetime(2026, 11, 22, 3, 0, 5, tzinfo=UTC)
MANIFEST = BackupManifest(
    MADE_AT,
    "scheduled",
    "0011",
    "smtpy",
    "host",
    "0020_x",
    1234,
    "ab" * 32,
    (TableContent("public.messages", 3, "cd" * 32), TableContent('public.odd "name"', 0, "")),
    {"public.messages_id_seq": 7},
    ("a1b2",),
    MADE_AT,
)


def test_a_description_is_read_back_as_it_was_written() -> None:
    assert parse_manifest(manifest_text(MANIFEST)) == MANIFEST


@pytest.mark.parametrize("written", ["", "{", "null", "[]", '"x"', "{}", '{"format": 2}'])
def test_a_damaged_description_counts_as_none(written: str) -> None:
    assert parse_manifest(written) is None


@given(st.sampled_from(sorted(json.loads(manifest_text(MANIFEST)))), st.sampled_from([None, [], "x", {"a": 1}, -1.5]))
def test_a_description_with_one_wrong_value_never_breaks_anything(key: str, value: object) -> None:
    data = json.loads(manifest_text(MANIFEST)) | {key: value}

    found = parse_manifest(json.dumps(data))

    assert found is None or isinstance(found, BackupManifest)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("made_at", "0001-01-01T00:00:00+23:59"),
        ("made_at", "9999-12-31T23:59:59-23:00"),
        ("verified_at", "9999-12-31T23:59:59-23:00"),
        ("master_key_ids", ["\x1b]0;title\x07"]),
        ("master_key_ids", [""]),
    ],
)
def test_a_description_with_what_could_not_be_shown_counts_as_none(key: str, value: object) -> None:
    data = json.loads(manifest_text(MANIFEST)) | {key: value}

    assert parse_manifest(json.dumps(data)) is None


@given(st.text(max_size=80))
def test_a_name_is_a_plain_file_name_whatever_the_database_is_called(database: str) -> None:
    name = file_name(database, MADE_AT, "manual", 2)

    assert "/" not in name
    assert name.isascii()
    assert name.isprintable()
    assert name.endswith("-20261122-030005-manual-2.dump")
