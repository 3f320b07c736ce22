"""Mail intake over a real database: who is let in, what is stored, and what the client is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import forwarding_cache
from smtpy_desktop.controllers.mail_intake_controller import REFUSALS_PER_CLIENT_MINUTE
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature
from smtpy_desktop.schemas.smtp_session import MailClient
from tests.helpers.mail_trial import CLIENT, LMTP_CLIENT, RAW, MailTrial, codes
from tests.helpers.stored_domains import change_domain, insert_domains

PASSED = DkimSignature("b.example", "s", "pass")
SPOOF = AuthenticationVerdict(spf="fail", dmarc="fail", policy="reject", from_domain="bank.example")


@pytest.fixture
async def domain_ids(database, organization):
    return await insert_domains(database, organization.id, ["a.example", "catching.example", "off.example"])


@pytest.fixture
async def trial(database, domain_ids):
    made = MailTrial(database)
    own, catching, off = domain_ids
    await made.add_alias(own, "Info@a.example", "Box@out.example")
    await made.add_alias(own, "sales@a.example", "box@OUT.example", "two@out.example")
    await made.add_alias(own, "off@a.example", "box@out.example", is_active=False)
    await made.add_alias(off, "info@off.example", "box@out.example")
    await change_domain(database, catching, catch_all="all@out.example")
    await change_domain(database, off, is_active=False)
    yield made
    await made.close()


async def messages(trial, columns="recipient_email, status, error_message"):
    return await trial.rows(f"SELECT {columns} FROM messages ORDER BY id")


# --- who is let in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ("info@a.example", "250 2.1.5"),
        ("INFO@A.EXAMPLE", "250 2.1.5"),
        ("info@a.example.", "250 2.1.5"),
        ('"info"@a.example', "250 2.1.5"),
        ("info+tag@a.example", "250 2.1.5"),
        ("Postmaster@a.example", "250 2.1.5"),
        ("postmaster", "250 2.1.5"),
        ("anything@catching.example", "250 2.1.5"),
        ("nobody@a.example", "550 5.1.1"),
        ("off@a.example", "550 5.2.1"),
        ("info@off.example", "550 5.2.1"),
        ("postmaster@off.example", "550 5.2.1"),
        ("srs0=aaaaaaaaaa=aa=b.example=jo@a.example", "550 5.7.1"),
    ],
)
async def test_recipients_of_our_domains_are_taken_or_refused(trial, recipient, code):
    assert codes([await trial.rcpt(recipient)]) == [code]


RELAYS = [
    *("x@gmail.example", "x@gmail.example.", "x@GMAIL.example", "x", "@gmail.example", "", "x@", "x@[127.0.0.1]"),
    *("x%gmail.example@a.example", "x%gmail.example@catching.example", "x%gmail.example%b.example@a.example"),
    *("gmail.example!x@a.example", "gmail.example!x@catching.example", "a.example!gmail.example!x"),
    *(
        '"x@gmail.example"@a.example',
        '"x@gmail.example"@catching.example',
        '"x@gmail.example"',
        "x@gmail.example@a.example",
    ),
    *("@a.example:x@gmail.example", "@gmail.example:info@a.example", "@a.example,@gmail.example:x@b.example"),
    *("x@a.example@gmail.example", "info@a.example@gmail.example", "info@a.example:25@gmail.example"),
    *("x@a.example.gmail.example", "x@sub.a.example", "x@a.example\0.gmail.example", "info@a.example\r\nRCPT TO:<x@y>"),
    *("x@ɑ.example", "x@xn--.example", "x@xn--a.example", "info@а.example", "x@a.example%gmail.example"),
    *(
        "x@münchen.example",
        "info@localhost",
        "info@127.0.0.1",
        "info@[IPv6:::1]",
        "root",
        "x@.a.example",
        "x@a..example",
    ),
]


@pytest.mark.parametrize("sender", ["jo@b.example", "", "info@a.example", "x@gmail.example"])
async def test_there_is_no_open_relay_in_any_spelling(trial, sender):
    replies = {recipient: await trial.rcpt(recipient, sender) for recipient in RELAYS}

    assert {recipient: reply.code for recipient, reply in replies.items() if reply.code != 550} == {}


async def test_relay_attempts_are_counted_and_leave_no_trace_in_the_database(trial):
    for recipient in RELAYS[:8]:
        await trial.rcpt(recipient)

    assert trial.intake.counters["refused"] == 8
    assert await messages(trial) == []


async def test_a_refused_recipient_is_written_down_once_with_the_reason(trial):
    await trial.rcpt("Nobody@a.example", sender="jo@b.example")

    assert await messages(trial, "recipient_email, sender_email, status, bounce_class, error_message, size_bytes") == [
        (
            "Nobody@a.example",
            "jo@b.example",
            "rejected",
            "unknown_user",
            "550 5.1.1 No such user here. Refused: there is no such alias, and the domain has no catch-all.",
            0,
        )
    ]


async def test_a_dictionary_attack_does_not_fill_the_database(trial):
    attempts = REFUSALS_PER_CLIENT_MINUTE + 40

    replies = await asyncio.gather(*(trial.rcpt(f"name{number}@a.example") for number in range(attempts)))
    other = await trial.rcpt("nobody@a.example", client=replace(CLIENT, address="192.0.2.2"))

    assert {reply.code for reply in (*replies, other)} == {550}
    assert len(await messages(trial)) == REFUSALS_PER_CLIENT_MINUTE + 1
    assert trial.intake.counters["refusals_not_recorded"] == 40
    assert trial.intake.counters["refused"] == attempts + 1


async def test_a_client_that_sends_too_much_is_put_off_for_a_minute(trial):
    trial.settings = replace(trial.settings, per_client_minute=3)

    replies = [await trial.intake.sender(CLIENT, "jo@b.example", None) for _ in range(4)]
    greeting = await trial.intake.greet(replace(CLIENT, port=1))
    other = await trial.intake.greet(MailClient("192.0.2.2"))
    neighbour = await trial.intake.greet(MailClient("2001:db8::1"))

    assert codes(replies) == ["250 2.1.0"] * 3 + ["450 4.7.1"]
    assert greeting is not None
    assert greeting.code == 421
    assert other is None
    assert neighbour is None


async def test_mail_that_says_it_is_too_large_is_refused_before_it_is_sent(trial):
    largest = trial.intake.largest_message

    assert (await trial.intake.sender(CLIENT, "jo@b.example", largest)).code == 250
    assert codes([await trial.intake.sender(CLIENT, "jo@b.example", largest + 1)]) == ["552 5.3.4"]


# --- what is known changes ---------------------------------------------------------------------------------------


async def test_a_deleted_alias_refuses_within_a_second_although_nobody_told(trial):
    await trial.rcpt("info@a.example")
    await trial.execute("DELETE FROM aliases")
    clock = asyncio.get_running_loop().time
    deleted = asked = last_taken = clock()

    while (await trial.rcpt("info@a.example")).is_accepted:
        last_taken, asked = asked, clock()
        await asyncio.sleep(0.01)

    assert last_taken - deleted <= 1.0


@pytest.mark.parametrize("topic", [Topic.ALIASES, Topic.DOMAINS, Topic.RULES])
async def test_a_change_that_is_told_holds_at_once(trial, topic):
    await trial.rcpt("info@a.example")
    await trial.execute("DELETE FROM aliases")

    trial.intake.hear(Change(topic))

    assert (await trial.rcpt("info@a.example")).code == 550


async def test_what_is_forgotten_while_the_database_is_asked_refuses_nobody(trial, domain_ids):
    await trial.rcpt("info@a.example")
    await trial.add_alias(domain_ids[0], "later@a.example", "box@out.example")
    read = trial.database.read

    @asynccontextmanager
    async def forgetting():
        trial.intake.hear(Change(Topic.ALIASES))
        async with read() as db:
            trial.intake.hear(Change(Topic.DOMAINS))
            yield db
            trial.intake.hear(Change(Topic.RULES))

    trial.database.read = forgetting
    replies = [await trial.rcpt("later@a.example"), await trial.rcpt("info@a.example")]

    assert codes(replies) == ["250 2.1.5"] * 2


async def test_a_crowd_of_unknown_names_pushes_nobody_out(trial, monkeypatch):
    monkeypatch.setattr(forwarding_cache, "_MOST_KEPT", 5)

    replies = await asyncio.gather(
        *(trial.rcpt(f"{name}{number}@a.example") for number in range(100) for name in ("info+", "nobody"))
    )

    assert [reply.code for reply in replies] == [250, 550] * 100


async def test_a_busy_server_asks_the_database_once_for_many_recipients(trial):
    asked = 0
    read = trial.database.read

    def counted():
        nonlocal asked
        asked += 1
        return read()

    trial.database.read = counted
    await asyncio.gather(*(trial.rcpt(f"info+{number}@a.example") for number in range(200)))

    assert asked <= 10


# --- what is stored ----------------------------------------------------------------------------------------------


async def test_an_accepted_message_is_stored_whole_and_its_delivery_begins(trial):
    replies = await trial.send("Info@a.example")

    assert codes(replies) == ["250 2.0.0"]
    assert await messages(
        trial, "recipient_email, sender_email, forwarded_to, subject, body_preview, status, message_id, thread_id"
    ) == [
        (
            *("Info@a.example", "jo@b.example", "Box@out.example", "Hello", "Hello", "processing"),
            *("<1@b.example>", "<1@b.example>"),
        )
    ]
    assert await trial.rows("SELECT raw FROM message_contents") == [(RAW,)]
    (due,) = trial.due
    assert due.mail.sender.startswith("SRS0=")
    assert due.mail.sender.endswith("=b.example=jo@a.example")
    assert (due.mail.recipient, due.original_sender, due.may_report) == ("Box@out.example", "jo@b.example", True)


async def test_the_lines_on_top_come_in_their_order_and_the_received_bytes_are_untouched(database, domain_ids):
    trial = MailTrial(database, has_seal=True)
    trial.authenticator.verdict = AuthenticationVerdict(spf="pass", dkim=(PASSED,), dmarc="pass")
    await trial.add_alias(domain_ids[0], "info@a.example", "box@out.example")

    await trial.send("Info@a.example")

    (due,) = trial.due
    names = [line.partition(b":")[0] for line in due.mail.prefix.split(b"\r\n") if line[:1] not in (b" ", b"")]
    assert names == [b"ARC-Seal", b"Authentication-Results", b"Received", b"Delivered-To", b"X-Forwarded-For"]
    assert due.mail.raw == RAW
    assert b"box@out.example" not in due.mail.prefix
    assert b"for <Info@a.example>" in due.mail.prefix.replace(b"\r\n", b"")
    await trial.close()


async def test_what_nothing_vouches_for_is_not_sealed(database, domain_ids):
    trial = MailTrial(database, has_seal=True)
    trial.authenticator.verdict = AuthenticationVerdict(spf="softfail", dmarc="fail")
    await trial.add_alias(domain_ids[0], "info@a.example", "box@out.example")

    await trial.send("info@a.example")

    (due,) = trial.due
    assert b"ARC-Seal" not in due.mail.prefix
    await trial.close()


async def test_two_aliases_that_lead_to_one_target_send_to_it_once(trial):
    replies = await trial.send("info@a.example", "sales@a.example", "INFO@a.example")

    assert codes(replies) == ["250 2.0.0"] * 3
    assert [(due.mail.recipient, due.recipient_email) for due in trial.due] == [
        ("Box@out.example", "info@a.example"),
        ("two@out.example", "sales@a.example"),
    ]
    assert await messages(trial, "recipient_email, forwarded_to") == [
        ("info@a.example", "Box@out.example"),
        ("sales@a.example", "two@out.example"),
    ]
    assert all(b" for <" not in due.mail.prefix for due in trial.due)


async def test_a_recipient_whose_targets_all_get_the_mail_already_is_delivered_with_a_word_about_it(trial, domain_ids):
    await trial.add_alias(domain_ids[0], "third@a.example", "box@out.example")

    await trial.send("info@a.example", "third@a.example")

    (_, (recipient, status, error)) = await messages(trial)
    assert (recipient, status) == ("third@a.example", "delivered")
    assert "Not sent again" in error
    assert len(trial.due) == 1
    assert await trial.rows("SELECT count(*) FROM mail_envelopes") == [(2,)]


async def test_senders_of_our_own_domains_and_the_null_sender_stay_as_they_are(trial):
    for sender in ("Staff@off.example", "", "jo@B.example"):
        await trial.send("info@a.example", sender=sender)

    first, second, third = (due.mail.sender for due in trial.due)
    assert (first, second) == ("Staff@off.example", "")
    assert third.lower().endswith("=b.example=jo@a.example")


async def test_mail_goes_on_where_no_rewritten_sender_fits(trial, database, organization):
    name = ".".join(["a" * 50] * 4) + ".example"
    (domain_id,) = await insert_domains(database, organization.id, [name])
    await trial.add_alias(domain_id, f"info@{name}", "box@out.example")

    replies = await trial.send(f"info@{name}", sender="somebody.with.a.long.name@b.example")

    assert codes(replies) == ["250 2.0.0"]
    assert trial.due[0].mail.sender == "somebody.with.a.long.name@b.example"


@pytest.mark.parametrize(
    ("sender", "header", "spf", "may"),
    [
        ("jo@b.example", "X-Any: x", "pass", True),
        ("", "X-Any: x", "pass", False),
        ("jo@b.example", "X-Any: x", "fail", False),
        ("jo@b.example", "List-Id: <x>", "pass", False),
        ("jo@b.example", "Auto-Submitted: auto-generated", "pass", False),
    ],
)
async def test_whether_a_failure_may_be_reported_is_written_with_the_mail(trial, sender, header, spf, may):
    trial.authenticator.verdict = AuthenticationVerdict(spf=spf)

    await trial.send("info@a.example", sender=sender, raw=header.encode() + b"\r\n" + RAW)

    assert await trial.rows("SELECT may_report FROM mail_envelopes") == [(may,)]


async def test_verdicts_headers_and_attachments_are_kept(trial):
    trial.authenticator.verdict = AuthenticationVerdict(spf="pass", dmarc="pass")
    raw = (
        b"Subject: =?utf-8?q?caf=C3=A9?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\n\r\nwords\r\n--x\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n12345\r\n--x--\r\n"
    )

    await trial.send("info@a.example", raw=raw)

    ((subject, attachments, results, headers),) = await messages(trial, "subject, attachments, authentication, headers")
    assert subject == "café"
    assert [(one["name"], one["size_bytes"]) for one in attachments] == [("a.bin", 5)]
    assert results == {"spf": "pass", "dkim": "none", "dmarc": "pass", "arc": "none"}
    assert headers.startswith("Subject: =?utf-8?q?caf=C3=A9?=\r\n")


# --- what is refused at the dot ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "verdict", "code", "bounce"),
    [
        (b"Delivered-To: INFO@a.example\r\n" + RAW, AuthenticationVerdict(), "554 5.4.6", "loop"),
        (b"Received: from x by y\r\n" * 51 + RAW, AuthenticationVerdict(), "554 5.4.6", "loop"),
        (RAW, SPOOF, "550 5.7.1", "policy"),
        (RAW + b"x" * 70_000, AuthenticationVerdict(), "552 5.3.4", "too_large"),
    ],
)
async def test_what_is_refused_at_the_dot_is_written_down_once_and_nothing_of_it_is_sent(
    trial, raw, verdict, code, bounce
):
    trial.settings = replace(trial.settings, largest_message=65_536)
    trial.authenticator.verdict = verdict

    replies = await trial.send("info@a.example", raw=raw)

    assert codes(replies) == [code]
    ((status, found, error, subject),) = await messages(trial, "status, bounce_class, error_message, subject")
    assert (status, found, subject) == ("rejected", bounce, "Hello")
    assert error.startswith(code)
    for table in ("deliveries", "message_contents", "mail_envelopes"):
        assert await trial.rows(f"SELECT count(*) FROM {table}") == [(0,)]


async def test_a_large_mail_to_many_is_written_once_for_each_and_a_huge_one_to_fewer(trial):
    raw = RAW + b"x" * 1_000_000
    many = [f"info+{number}@a.example" for number in range(50)]

    taken = await trial.send("sales@a.example", *(f"x{number}@catching.example" for number in range(20)), raw=raw)
    refused = await trial.send(*many, raw=RAW + b"x" * 24 * 1024 * 1024)

    assert set(codes(taken)) == {"250 2.0.0"}
    assert set(codes(refused)) == {"552 5.3.4"}
    assert await trial.rows("SELECT count(*), min(length(raw)), max(length(raw)) FROM message_contents") == [
        (2, len(raw), len(raw))
    ]


async def test_a_spoof_is_taken_where_dmarc_is_not_heeded(trial):
    trial.settings = replace(trial.settings, heeds_dmarc=False)
    trial.authenticator.verdict = SPOOF

    assert codes(await trial.send("info@a.example")) == ["250 2.0.0"]


async def add_rule(trial, domain_id, action, conditions="[]", targets="[]", alias_id=None, position=1):
    statement = (
        "INSERT INTO rules (domain_id, alias_id, position, action, conditions, targets)"
        " VALUES (:domain_id, :alias_id, :position, :action, CAST(:conditions AS jsonb), CAST(:targets AS jsonb))"
    )
    await trial.execute(
        statement,
        domain_id=domain_id,
        alias_id=alias_id,
        position=position,
        action=action,
        conditions=conditions,
        targets=targets,
    )


SUBJECT = '[{"field": "subject_contains", "value": "hello"}]'
AWAY = '[{"address": "away@out.example", "key": "away@out.example"}]'


@pytest.mark.parametrize(
    ("action", "targets", "code", "status", "sent_to"),
    [
        ("refuse", "[]", "550 5.7.1", "rejected", []),
        ("discard", "[]", "250 2.0.0", "rejected", []),
        ("redirect", AWAY, "250 2.0.0", "processing", ["away@out.example"]),
        ("forward", AWAY, "250 2.0.0", "processing", ["Box@out.example", "away@out.example"]),
    ],
)
async def test_a_rule_decides_and_is_counted(trial, domain_ids, action, targets, code, status, sent_to):
    await add_rule(trial, domain_ids[0], action, SUBJECT, targets)

    replies = await trial.send("info@a.example")

    assert codes(replies) == [code]
    assert [due.mail.recipient for due in trial.due] == sent_to
    assert [row[1] for row in await messages(trial)] == [status]
    assert await trial.rows("SELECT matches FROM rule_matches") == [(1,)]


async def test_mail_that_is_thrown_away_is_in_the_books(trial, domain_ids):
    await add_rule(trial, domain_ids[0], "discard", SUBJECT)

    await trial.send("info@a.example")

    assert await trial.rows("SELECT count(*) FROM mail_envelopes") == [(1,)]
    assert "Thrown away by rule" in (await messages(trial))[0][2]


async def test_an_alias_s_rule_comes_before_its_domain_s(trial, domain_ids):
    alias_id = await trial.add_alias(domain_ids[0], "ruled@a.example", "box@out.example")
    await add_rule(trial, domain_ids[0], "refuse")
    await add_rule(trial, domain_ids[0], "redirect", "[]", AWAY, alias_id=alias_id, position=9)

    assert codes([await trial.rcpt("ruled@a.example"), await trial.rcpt("info@a.example")]) == [
        "250 2.1.5",
        "550 5.7.1",
    ]
    assert codes(await trial.send("ruled@a.example")) == ["250 2.0.0"]
    assert [due.mail.recipient for due in trial.due] == ["away@out.example"]


async def refused_among_others(trial, domain_ids, client, **options):
    alias_id = await trial.add_alias(domain_ids[0], "picky@a.example", "picky@out.example")
    await add_rule(trial, domain_ids[0], "refuse", SUBJECT, alias_id=alias_id)
    return await trial.send("picky@a.example", "info@a.example", client=client, **options)


async def test_smtp_says_yes_when_one_recipient_takes_the_mail_and_reports_about_the_other(trial, domain_ids):
    replies = await refused_among_others(trial, domain_ids, CLIENT)

    assert codes(replies) == ["250 2.0.0"] * 2
    found = await trial.rows(
        "SELECT m.recipient_email, m.status, e.kind FROM messages AS m JOIN mail_envelopes AS e ON e.message_id = m.id"
        " ORDER BY m.id"
    )
    assert found == [
        ("picky@a.example", "rejected", "forward"),
        ("jo@b.example", "processing", "report"),
        ("info@a.example", "processing", "forward"),
    ]
    report = next(due.mail for due in trial.due if due.kind == "report")
    assert (report.sender, report.recipient) == ("", "jo@b.example")
    assert b"picky@a.example" in report.raw
    assert b"picky@out.example" not in report.raw


async def test_a_report_to_an_address_of_ours_goes_to_where_its_alias_leads(trial, domain_ids):
    await trial.add_alias(domain_ids[0], "own@a.example", "own@box.example")

    await refused_among_others(trial, domain_ids, CLIENT, sender="own@a.example")

    report = next(due.mail for due in trial.due if due.kind == "report")
    assert report.recipient == "own@box.example"
    assert b"To: <own@a.example>" in report.raw


async def test_nobody_hears_of_a_refusal_among_others_who_may_not_hear_of_it(trial, domain_ids):
    trial.authenticator.verdict = AuthenticationVerdict(spf="fail")

    await refused_among_others(trial, domain_ids, CLIENT)

    assert [due.kind for due in trial.due] == ["forward"]


async def test_lmtp_hears_a_reply_for_each_recipient(trial, domain_ids):
    replies = await refused_among_others(trial, domain_ids, LMTP_CLIENT)

    assert codes(replies) == ["550 5.7.1", "250 2.0.0"]
    assert [due.kind for due in trial.due] == ["forward"]
    assert await trial.rows("SELECT count(*) FROM mail_envelopes") == [(1,)]
    assert [row[1] for row in await messages(trial)] == ["rejected", "processing"]


# --- the way back ------------------------------------------------------------------------------------------------


async def test_a_report_finds_its_way_back_to_the_original_sender(trial):
    await trial.send("info@a.example")
    rewritten = trial.due[0].mail.sender

    taken = await trial.rcpt(rewritten, sender="")
    folded = await trial.rcpt(rewritten.lower(), sender="")
    replies = await trial.send(rewritten, sender="", raw=b"Subject: bounced\r\n\r\nSorry\r\n")

    assert codes([taken, folded]) == ["250 2.1.5"] * 2
    assert codes(replies) == ["250 2.0.0"]
    due = trial.due[1]
    assert (due.kind, due.mail.sender, due.mail.recipient.lower(), due.may_report) == (
        "return",
        "",
        "jo@b.example",
        False,
    )
    assert b"Delivered-To" not in due.mail.prefix
    assert b"SRS0" not in due.mail.prefix
    assert await trial.rows("SELECT domain_id FROM messages WHERE id = :id", id=due.message_id) == await trial.rows(
        "SELECT id FROM domains WHERE name = 'a.example'"
    )


async def test_a_rewritten_sender_takes_nothing_but_reports_and_no_forgeries(trial):
    await trial.send("info@a.example")
    rewritten = trial.due[0].mail.sender
    forged = rewritten.replace("SRS0=", "SRS0=A", 1)

    assert codes([await trial.rcpt(rewritten, sender="jo@b.example")]) == ["550 5.7.1"]
    assert codes([await trial.rcpt(forged, sender="")]) == ["550 5.1.1"]
    assert codes([await trial.rcpt("srs0=x@catching.example", sender="")]) == ["550 5.1.1"]


# --- what goes wrong here ----------------------------------------------------------------------------------------


class FailingStore:
    """Fails with what a test wants."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def store(self, messages):
        raise self.error


@pytest.mark.expects_log("mail could not be taken")
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserFacingError("DISK_FULL", "full"), "452 4.3.1"),
        (DatabaseUnavailable("DATABASE_UNAVAILABLE", "gone"), "451 4.3.2"),
        (UserFacingError("MAIL_NOT_STORED", "no"), "451 4.3.0"),
        (AttributeError("catch_all_email"), "451 4.3.0"),
        (RecursionError(), "451 4.3.0"),
    ],
)
async def test_nothing_that_goes_wrong_here_is_ever_answered_with_yes_or_never(database, trial, error, code):
    failing = MailTrial(database, store=FailingStore(error))

    assert codes(await failing.send("info@a.example", "sales@a.example")) == [code] * 2
    await failing.close()


@pytest.mark.expects_log("mail could not be taken")
async def test_a_fault_of_the_authentication_is_no_loss(trial):
    trial.authenticator.error = KeyError("x")

    assert codes(await trial.send("info@a.example")) == ["451 4.3.0"]
    assert await messages(trial) == []


@pytest.mark.expects_log("mail could not be taken", "could not be written down")
async def test_without_a_database_recipients_are_put_off(trial, database):
    await trial.execute("SELECT 1")
    trial.cache.clear()

    class Gone:
        def read(self):
            raise DatabaseUnavailable("DATABASE_UNAVAILABLE", "gone")

        begin = read

    trial.cache._sessions = Gone()

    assert codes([await trial.rcpt("info@a.example")]) == ["451 4.3.2"]


@pytest.mark.expects_log("could not be written down")
async def test_a_refusal_that_cannot_be_written_down_is_a_refusal(database, trial):
    failing = MailTrial(database, store=FailingStore(DatabaseUnavailable("DATABASE_UNAVAILABLE", "gone")))

    assert codes([await failing.rcpt("nobody@a.example")]) == ["550 5.1.1"]
    await failing.close()
    assert failing.intake.counters["refusals_not_recorded"] == 1


# --- what the earlier system did wrong ---------------------------------------------------------------------------


async def test_a_catch_all_takes_mail_to_every_other_address(trial):
    assert codes(await trial.send("whoever@catching.example")) == ["250 2.0.0"]
    assert [due.mail.recipient for due in trial.due] == ["all@out.example"]


async def test_the_same_message_may_come_to_two_aliases_and_twice(trial):
    for _ in range(2):
        assert codes(await trial.send("info@a.example", "sales@a.example")) == ["250 2.0.0"] * 2

    assert await trial.rows("SELECT count(*), count(DISTINCT message_id) FROM messages") == [(4, 1)]


async def test_a_message_without_an_id_is_stored_with_a_stable_one(trial):
    for _ in range(2):
        await trial.send("info@a.example", raw=b"Subject: x\r\n\r\n")

    assert await trial.rows("SELECT count(DISTINCT message_id) FROM messages") == [(1,)]


async def test_the_envelope_recipient_is_named_not_the_one_in_to(trial):
    await trial.send("sales@a.example", raw=b"To: somebody@else.example\r\n\r\n")

    assert all(b"Delivered-To: sales@a.example\r\n" in due.mail.prefix for due in trial.due)


async def test_an_author_s_oversigned_headers_are_not_added_to(trial):
    signed = b"DKIM-Signature: v=1; d=b.example; h=From:Delivered-To:X-Forwarded-For:Received; b=x\r\n" + RAW

    await trial.send("info@a.example", raw=signed)

    (due,) = trial.due
    assert b"Delivered-To" not in due.mail.prefix
    assert b"X-Forwarded-For" not in due.mail.prefix
    assert b"Received:" in due.mail.prefix


@pytest.mark.parametrize(
    ("sender", "helo"),
    [
        ('"a\\"b c"@b.example', "mx"),
        ("jo@b.example", "x\r\nBcc: y"),
        ("jö@b.example", "mx) by evil (x"),
        ("jo@b.example", "=?utf-8?q?=0D=0A?="),
        ("x" * 200 + "@b.example", ""),
    ],
)
async def test_what_a_client_says_of_itself_adds_no_line_of_its_own(trial, sender, helo):
    client = replace(CLIENT, helo=helo, name="evil\r\nX-Evil: 1")

    replies = await trial.send("info@a.example", sender=sender, client=client)

    assert codes(replies) == ["250 2.0.0"]
    lines = trial.due[0].mail.prefix.split(b"\r\n")
    names = [line.partition(b":")[0] for line in lines if line[:1] not in (b" ", b"\t", b"")]
    assert names == [b"Authentication-Results", b"Received", b"Delivered-To", b"X-Forwarded-For"]


async def test_mail_in_another_language_is_marked_as_such_only_where_it_is_needed(trial):
    raw = "Subject: grün\r\n\r\ngrün\r\n".encode()

    await trial.send("info@a.example", raw=raw, is_utf8=True)
    await trial.send("info@a.example", is_utf8=True)

    assert [(due.mail.is_utf8, due.mail.is_8bit) for due in trial.due] == [(True, True), (False, False)]


async def test_hundreds_of_mails_at_once_are_all_stored(trial, database):
    replies = await asyncio.gather(*(trial.send(f"info+{number % 30}@a.example") for number in range(300)))

    assert {reply.code for one in replies for reply in one} == {250}
    async with database.read() as db:
        assert await db.scalar(text("SELECT count(*) FROM message_contents")) == 300
