"""What arrives is our lines on top and then the bytes as they came: the corpus sent through a whole forwarder."""

from __future__ import annotations

import pytest

from tests.helpers.forwarding_world import forwarding_world
from tests.helpers.mail_client import MailConversation
from tests.helpers.mail_corpus import corpus, corpus_keys
from tests.helpers.signatures import judge, judge_chain
from tests.helpers.signing import dkimpy_accepts, dkimpy_on_chain
from tests.helpers.stored_domains import change_domain

MAILS = {mail.name: mail for mail in corpus()}
TOO_LONG_LINES = {"lines-longer-than-998"}
NOT_READ_BY_DKIMPY = {"blank-before-the-colon", "lines-that-are-no-header"}


@pytest.fixture
async def world(database, sandbox_dns, master_keys, organization):
    zones = sandbox_dns.zones
    for name, record in corpus_keys().items():
        zones.add_zone(name.partition("._domainkey.")[2])
        zones.set_records(name, "TXT", [record])
    async with forwarding_world(database, sandbox_dns, master_keys, organization.id) as world:
        await world.start()
        yield world


async def key_of(world):
    """Return what example.com has to publish, and note that it was seen there."""
    selector = await world.value("SELECT dkim_selector FROM domains")
    public = await world.value("SELECT dkim_public_key FROM domains")
    await change_domain(world.database, await world.value("SELECT id FROM domains"), dkim_record_verified=True)
    return {f"{selector}._domainkey.example.com": f"v=DKIM1; k=rsa; p={public}"}


async def test_every_message_of_the_corpus_arrives_as_it_was_sent_and_sealed(world):
    keys = {**corpus_keys(), **await key_of(world)}
    taken = {}
    async with MailConversation(world.port) as client:
        await client.say("EHLO client.example")
        for name, mail in MAILS.items():
            reply = await client.hand_over(mail.raw, sender=f"{name}@author.example", recipients=("info@example.com",))
            if reply.startswith("250"):
                taken[f"={name}@example.com"] = mail
            else:
                assert name in TOO_LONG_LINES, (name, reply)

    arrived = await world.sink.wait_for(len(taken))

    assert len(arrived) == len(taken)
    sealed = set()
    for found in arrived:
        (mail,) = [mail for ending, mail in taken.items() if found.sender.endswith(ending)]
        assert found.raw.endswith(mail.raw), mail.name
        prefix = b"\r\n" + found.raw.removesuffix(mail.raw)
        assert prefix.count(b"\r\nReceived: ") == 1
        assert prefix.count(b"\r\nAuthentication-Results: mx1.example.net;") == 1
        assert all(dkimpy_accepts(found.raw, keys, n) == dkimpy_accepts(mail.raw, keys, n) for n in range(2)), mail.name
        assert judge(found.raw, keys) == judge(mail.raw, keys), mail.name
        before, after = judge_chain(mail.raw, keys), judge_chain(found.raw, keys)
        if before.result == "fail":
            assert after.result == "fail"
        elif b"\r\nARC-Seal: " not in prefix:  # nothing vouches for it
            assert (before.result, after.result) == ("none", "none"), mail.name
        else:
            sealed.add(mail.name)
            assert (after.result, after.highest) == ("pass", before.highest + 1), mail.name
            assert mail.name in NOT_READ_BY_DKIMPY or dkimpy_on_chain(found.raw, keys) == "pass", mail.name
    assert sealed
