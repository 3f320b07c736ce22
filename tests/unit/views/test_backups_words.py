"""How backups are put into words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smtpy_desktop.schemas.backups import MANUAL, BackupFile, BackupState, Proof, TableProof
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.backups_words import backup_pill, kind_words, proof_words, state_words
from smtpy_desktop.views.theme_tokens import Tone

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(hours=3, minutes=1)


def backup(**values: object) -> BackupFile:
    known = {"verified_at": NOW, "problem": None} | values
    return BackupFile(Path("/b/one.dump"), LONG_AGO, 1000, MANUAL, "0001", 5, **known)  # type: ignore[arg-type]


DAMAGED = backup(problem=text("It was cut off."))


@pytest.mark.parametrize(
    ("state", "files", "heading", "tone"),
    [
        (BackupState(), (), "There is no backup yet.", Tone.WARN),
        (BackupState(), (DAMAGED,), "There is no backup yet.", Tone.WARN),
        (
            BackupState(LONG_AGO, good_at=LONG_AGO),
            (backup(),),
            "The last backup was made 3 h ago and verified.",
            Tone.OK,
        ),
        (
            BackupState(LONG_AGO, good_at=LONG_AGO),
            (backup(verified_at=None),),
            "The last backup was made 3 h ago, and not verified.",
            Tone.WARN,
        ),
        (
            BackupState(LONG_AGO, good_at=LONG_AGO),
            (),
            "The last backup was made 3 h ago, but its file is not in this folder.",
            Tone.WARN,
        ),
        (BackupState(), (backup(),), "The last backup was made 3 h ago and verified.", Tone.OK),
    ],
)
def test_the_state_is_one_sentence(state: BackupState, files: tuple[BackupFile, ...], heading: str, tone: Tone) -> None:
    said, _, shown = state_words(state, files, every="off")

    assert (said, shown) == (heading, tone)


def test_a_failure_says_why_what_to_do_and_when_one_last_went_well() -> None:
    just_now = datetime.now(UTC)
    state = BackupState(just_now, problem=text("The disk is full."), good_at=LONG_AGO, hint=text("Make room."))

    heading, words, tone = state_words(state, (backup(),), every="daily")

    assert heading == "The last backup failed just now."
    assert words == "The disk is full. Make room.\nThe last good one was made 3 h ago."
    assert tone is Tone.BAD


def test_without_a_schedule_it_is_said_and_with_one_the_next_moment() -> None:
    by_hand = state_words(BackupState(), (), every="off")[1]
    scheduled = state_words(BackupState(next_at=NOW + timedelta(hours=9, minutes=1)), (), every="daily")[1]

    assert "choose a schedule" in by_hand
    assert scheduled == "The next one is made in 9 h."


def test_a_file_is_verified_not_verified_or_not_usable() -> None:
    words = [backup_pill(one).text for one in (backup(), backup(verified_at=None), DAMAGED)]

    assert words == ["Verified", "Not verified", "Not usable"]


def test_a_file_without_a_description_comes_from_elsewhere() -> None:
    assert kind_words("") == "from elsewhere"


def test_a_sequence_that_lags_is_no_proof_though_every_table_is_the_same() -> None:
    proof = Proof((TableProof("public.messages", 1, 1, "a", "a"),), lagging=("messages_id_seq",))

    heading, words = proof_words(proof)

    assert heading == "The copy would give out numbers a second time."
    assert "messages_id_seq" in words
