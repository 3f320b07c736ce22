"""The keys of rewritten senders: made once, sealed, replaced; and the senders that are kept for them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from smtpy_desktop.controllers import audit_controller
from smtpy_desktop.controllers.srs_controller import SrsRewriter
from smtpy_desktop.controllers.srs_keys_controller import KEPT_FOR, load_srs_keys, rotate_srs_keys
from smtpy_desktop.core.sealing import key_id, unseal
from smtpy_desktop.core.srs import KEY_BYTES, SrsError, SrsFault
from smtpy_desktop.database.models import SrsKey, SrsSender
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.secrets import KeyringState

NOW = datetime.now(UTC)
LONG = "bounces+ada.lovelace=example.org-20261122-aaaaaaaaaaaaaa@lists.example.org"


@pytest.fixture
def rewriter(database, master_keys):
    return SrsRewriter(database, master_keys)


async def rows(database, model):
    async with database.read() as db:
        return (await db.scalars(select(model))).all()


async def age_everything(database, model, column, age):
    async with database.begin() as db:
        await db.execute(update(model).values({column: func.now() - age}))


async def test_the_first_key_is_made_when_it_is_first_asked_for_and_stays(database, master_keys):
    first = await load_srs_keys(database, master_keys)
    again = await load_srs_keys(database, master_keys)

    assert first == again
    assert [len(key) for key in first] == [KEY_BYTES]


async def test_processes_that_start_at_once_make_one_key_together(connect, master_keys):
    loaded = await asyncio.gather(*(load_srs_keys(connect(f"process {n}"), master_keys) for n in range(6)))

    assert len(set(loaded)) == 1
    assert len(loaded[0]) == 1


async def test_a_key_is_stored_sealed_with_the_master_key_alone(database, master_keys):
    (key,) = await load_srs_keys(database, master_keys)

    (stored,) = await rows(database, SrsKey)
    master_key = master_keys.master_key(known_key_id=None)
    assert key not in stored.secret_sealed
    assert stored.master_key_id == key_id(master_key.value)
    assert unseal(master_key.value, stored.secret_sealed, context="srs-key") == key


async def test_keys_of_another_master_key_are_never_replaced_in_silence(database, master_keys, tmp_path):
    await load_srs_keys(database, master_keys)
    stranger = MasterKeyGateway(MemoryKeyring(state=KeyringState.AVAILABLE), tmp_path / "elsewhere", {})

    with pytest.raises(UserFacingError):
        await load_srs_keys(database, stranger)

    assert len(await rows(database, SrsKey)) == 1


async def test_rotation_lets_a_new_key_sign_and_the_earlier_ones_verify(database, master_keys, actor, rewriter):
    before = await rewriter.forward("ada@example.org", "alias.example", now=NOW)

    kept = await rotate_srs_keys(database, master_keys, actor=actor)
    other_process = SrsRewriter(database, master_keys)
    after = await other_process.forward("ada@example.org", "alias.example", now=NOW)

    assert kept == 1
    assert before != after
    assert await other_process.reverse(before.partition("@")[0], now=NOW) == "ada@example.org"
    (entry,) = [entry for entry in await audit_controller.list_entries(database) if entry.action == "srs-key.rotated"]
    assert entry.actor == actor.name


async def test_a_process_learns_of_a_key_that_another_one_made(database, master_keys, actor, rewriter, monkeypatch):
    await rewriter.keys()
    await rotate_srs_keys(database, master_keys, actor=actor)
    theirs = await SrsRewriter(database, master_keys).forward("ada@example.org", "alias.example", now=NOW)
    monkeypatch.setattr("smtpy_desktop.controllers.srs_controller._RETRY_SECONDS", 0.0)

    assert await rewriter.reverse(theirs.partition("@")[0], now=NOW) == "ada@example.org"


async def test_forgers_do_not_make_the_database_be_asked_each_time(database, master_keys, rewriter, monkeypatch):
    await rewriter.keys()
    loads = []
    monkeypatch.setattr(
        "smtpy_desktop.controllers.srs_controller.load_srs_keys", lambda *arguments: loads.append(arguments)
    )

    for _ in range(20):
        with pytest.raises(SrsError) as refusal:
            await rewriter.reverse("SRS0=AAAAAAAAAA=AA=victim.example=boss", now=NOW)

    assert refusal.value.code is SrsFault.FORGED
    assert loads == []


async def test_keys_replaced_long_ago_go_with_the_next_rotation(database, master_keys, actor):
    await load_srs_keys(database, master_keys)
    await rotate_srs_keys(database, master_keys, actor=actor)
    await age_everything(database, SrsKey, "created_at", KEPT_FOR + timedelta(days=1))

    kept = await rotate_srs_keys(database, master_keys, actor=actor)

    assert kept == 1  # the one that signed until now; its predecessor is gone


async def test_a_sender_that_is_too_long_is_kept_and_found_again(database, master_keys, rewriter):
    rewritten = await rewriter.forward(LONG, "alias.example", now=NOW)

    assert len(rewritten.partition("@")[0]) <= 64
    assert await SrsRewriter(database, master_keys).reverse(rewritten.partition("@")[0], now=NOW) == LONG


async def test_the_same_long_sender_is_kept_once_however_often_it_writes(database, connect, master_keys, rewriter):
    rewriters = [rewriter, SrsRewriter(connect("other"), master_keys)]
    await rewriter.keys()

    await asyncio.gather(*(one.forward(LONG, "alias.example", now=NOW) for one in rewriters for _ in range(5)))

    assert [row.sender for row in await rows(database, SrsSender)] == [LONG]


async def test_a_kept_sender_that_is_gone_is_unknown_and_not_an_error(database, master_keys, rewriter):
    rewritten = await rewriter.forward(LONG, "alias.example", now=NOW)
    async with database.begin() as db:
        for row in await db.scalars(select(SrsSender)):
            await db.delete(row)

    with pytest.raises(SrsError) as refusal:
        await rewriter.reverse(rewritten.partition("@")[0], now=NOW)

    assert refusal.value.code is SrsFault.UNKNOWN


async def test_senders_unused_for_long_go_and_those_in_use_stay(database, master_keys, rewriter):
    await rewriter.forward(LONG, "alias.example", now=NOW)
    await age_everything(database, SrsSender, "used_at", KEPT_FOR + timedelta(days=1))
    stays = LONG.replace("ada", "eve")

    await SrsRewriter(database, master_keys).forward(stays, "alias.example", now=NOW)

    assert [row.sender for row in await rows(database, SrsSender)] == [stays]


async def test_writing_again_keeps_a_sender_in_use(database, master_keys, rewriter):
    await rewriter.forward(LONG, "alias.example", now=NOW)
    await age_everything(database, SrsSender, "used_at", timedelta(days=20))

    await rewriter.forward(LONG, "alias.example", now=NOW + timedelta(days=2))

    (row,) = await rows(database, SrsSender)
    assert datetime.now(UTC) - row.used_at < timedelta(hours=1)
