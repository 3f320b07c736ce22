"""Random mail sessions: whatever comes, nothing is raised, every line is answered, and no mail is made up.

``SMTP_SESSIONS`` says how many are tried; ``SMTP_SEED`` where the dice begin.
"""

from __future__ import annotations

import os
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from smtpy_desktop.core.smtp_message_data import MessageRoom
from smtpy_desktop.core.smtp_session_parts import COUNTED, Dialect, GreetingAsked, MessageAsked
from smtpy_desktop.schemas.smtp_session import SmtpReply
from tests.helpers.smtp_noise import course_of, some_bytes
from tests.helpers.smtp_talk import NO, YES, Talk

SESSIONS = int(os.environ.get("SMTP_SESSIONS", "100000"))
PARTS = 4
SEED = int(os.environ.get("SMTP_SEED", "1"))
REPLY = re.compile(r"[2-5][0-9]{2}(?:[ -][ -~]*)?")


def play(dice: random.Random) -> Talk:
    """Play one random session to the end of its bytes."""

    def decide(question):
        if isinstance(question, GreetingAsked):
            return [] if dice.random() < 0.98 else [SmtpReply(421, "4.7.0", "No")]
        count = len(question.envelope.recipients) if isinstance(question, MessageAsked) else 1
        return [dice.choice([YES, YES, YES, YES, NO])] * count

    talk = Talk(
        decide=decide,
        dialect=dice.choice([Dialect.SMTP, Dialect.SMTP, Dialect.LMTP]),
        is_trusted=dice.random() < 0.5,
        offers_tls=dice.random() < 0.5,
        largest=2000,
        room=MessageRoom(dice.choice([1000, 100_000])),
        mistakes=10,
    )
    course = course_of(dice)
    for _ in range(dice.randrange(1, 14)):
        before = talk.session.steps
        answers = talk.say(b"".join(some_bytes(dice, course) for _ in range(dice.randrange(1, 3))))
        assert talk.session.is_over or answers or talk.session.steps == before or talk.session.data_received is not None
        assert all(map(REPLY.fullmatch, answers))
    return talk


@pytest.mark.parametrize("part", range(PARTS))
def test_random_sessions_are_answered_and_never_raise(part):
    dice = random.Random(SEED * PARTS + part)
    handed_over = 0

    for _ in range(SESSIONS // PARTS):
        talk = play(dice)
        talk.session.time_out()
        talk.session.abandon()
        assert talk.room.taken == 0
        assert set(talk.counters) == set(COUNTED)
        for envelope, raw in talk.messages:
            assert envelope.recipients
            assert not re.search(rb"\0|\r(?!\n)|(?<!\r)\n|[^\r\n]{999}", raw)
            assert raw == b"" or raw.endswith(b"\r\n")
        handed_over += len(talk.messages)

    assert handed_over > SESSIONS // PARTS // 25  # the dice do get through to the end


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_noise_is_answered_and_never_raises(pieces):
    talk = Talk()

    for piece in pieces:
        talk.say(piece)

    assert not talk.messages


class HonestClient(RuleBasedStateMachine):
    """A client that keeps to the rules, and what it expects; bytes are cut anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk(idle_commands=10_000)
        self.has_greeted = False
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.sent: list[tuple[str, tuple[str, ...], bytes]] = []

    def send(self, data: bytes, cut: int) -> list[int]:
        place = cut % (len(data) + 1)
        return self.talk.codes(data[:place]) + self.talk.codes(data[place:])

    @rule(cut=st.integers(0, 1000))
    def greet(self, cut: int) -> None:
        assert self.send(b"EHLO client.example.org\r\n", cut) == [250]
        self.has_greeted, self.sender, self.recipients = True, None, []

    @precondition(lambda self: self.has_greeted and self.sender is None)
    @rule(
        sender=st.sampled_from(["", "a@example.org", '"x y"@example.org', "no@example.org"]), cut=st.integers(0, 1000)
    )
    def mail(self, sender: str, cut: int) -> None:
        codes = self.send(f"MAIL FROM:<{sender}>\r\n".encode(), cut)
        assert codes == [550 if sender.startswith("no@") else 250]
        self.sender = sender if codes == [250] else None

    @precondition(lambda self: self.sender is not None)
    @rule(recipient=st.sampled_from(["b@example.com", "c@example.com", "no@example.com"]), cut=st.integers(0, 1000))
    def rcpt(self, recipient: str, cut: int) -> None:
        codes = self.send(f"RCPT TO:<{recipient}>\r\n".encode(), cut)
        assert codes == [550 if recipient.startswith("no@") else 250]
        if codes == [250]:
            self.recipients.append(recipient)

    @precondition(lambda self: self.recipients)
    @rule(lines=st.lists(st.sampled_from([b".", b"..", b"", b"x", b".y", b"\xff"])), cut=st.integers(0, 1000))
    def data(self, lines: list[bytes], cut: int) -> None:
        content = b"".join(line + b"\r\n" for line in lines)
        stuffed = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
        assert self.send(b"DATA\r\n", cut) == [354]
        assert self.send(stuffed + b".\r\n", cut) == [250]
        self.sent.append((self.sender or "", tuple(self.recipients), content))
        self.sender, self.recipients = None, []

    @rule(cut=st.integers(0, 1000))
    def reset(self, cut: int) -> None:
        assert self.send(b"RSET\r\n", cut) == [250]
        self.sender, self.recipients = None, []

    @invariant()
    def what_was_sent_was_handed_over(self) -> None:
        got = [(envelope.sender, envelope.recipients, raw) for envelope, raw in self.talk.messages]
        assert got == self.sent


def test_an_honest_client_gets_every_mail_through_exactly():
    run_state_machine_as_test(HonestClient, settings=settings(stateful_step_count=40, max_examples=100))
