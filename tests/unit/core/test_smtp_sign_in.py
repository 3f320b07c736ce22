"""Signing in at a smart host: what is written, what is made of the answers, and that the password stays in there."""

from __future__ import annotations

import base64
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.bounce_class import bounce_class_of_reply
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.core.smtp_client_session import Answer, Conversation
from smtpy_desktop.core.smtp_reply import ServerReply
from smtpy_desktop.core.smtp_sign_in import LONGEST_PASSWORD, check_password, mechanisms_offered, sign_in
from smtpy_desktop.errors import FieldError
from smtpy_desktop.sandbox.mail_sink_sign_in import SinkSignIn
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.smart_host import SignInAccount

ACCOUNT = SignInAccount("ada@example.com", "Canary-of-the-password")
PASSWORDS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r\n"), min_size=1, max_size=240
)


def play(conversation: Conversation, *replies: str) -> tuple[Answer, list[bytes]]:
    written, answers = [], iter(replies)
    try:
        step = next(conversation)
        while True:
            written.append(step.data)
            code, _, words = next(answers).partition(" ")
            step = conversation.send(ServerReply(int(code), tuple(words.split("|"))))
    except StopIteration as end:
        assert next(answers, None) is None
        return end.value, written


def meet(conversation: Conversation, server: SinkSignIn) -> tuple[Answer, list[bytes]]:
    """Let a client sign in at the sandbox's server, without a wire."""
    written: list[bytes] = []
    dialogue: Generator[str, bytes, str] | None = None
    step = next(conversation)
    while True:
        written.append(step.data)
        line = step.data.removesuffix(b"\r\n")
        try:
            if dialogue is None:
                dialogue = server.begin(line.removeprefix(b"AUTH "), is_encrypted=True)
                reply = next(dialogue)
            else:
                reply = dialogue.send(line)
        except StopIteration as end:
            dialogue, reply = None, end.value
        code, _, words = reply.partition(" ")
        try:
            step = conversation.send(ServerReply(int(code), (words,)))
        except StopIteration as end:
            return end.value, written


@given(PASSWORDS, st.sampled_from(["PLAIN", "LOGIN"]))
def test_any_password_arrives_as_it_is_and_no_line_is_broken_by_it(password: str, mechanism: str) -> None:
    server = SinkSignIn({ACCOUNT.user: password}, mechanisms=(mechanism,))

    answer, written = meet(sign_in([mechanism], SignInAccount(ACCOUNT.user, check_password(password))), server)

    assert answer.outcome is DeliveryState.SENT
    assert server.tried == [(ACCOUNT.user, password)]
    assert all(line.count(b"\r\n") == 1 and line.endswith(b"\r\n") for line in written)
    assert len(written[0]) <= 512


def test_plain_goes_out_with_the_command_and_is_preferred() -> None:
    answer, written = play(sign_in(["LOGIN", "PLAIN", "XOAUTH2"], ACCOUNT), "235 2.7.0 welcome")

    assert answer.outcome is DeliveryState.SENT
    (line,) = written
    assert base64.b64decode(line.removeprefix(b"AUTH PLAIN ")) == b"\0ada@example.com\0Canary-of-the-password"


def test_login_answers_two_questions_whatever_they_say() -> None:
    _, written = play(sign_in(["LOGIN"], ACCOUNT), "334 Who", "334 And", "235 welcome")

    assert [base64.b64decode(line) for line in written[1:]] == [b"ada@example.com", b"Canary-of-the-password"]


def test_a_mechanism_that_is_not_known_after_all_leads_to_the_other_one() -> None:
    answer, written = play(sign_in(["PLAIN", "LOGIN"], ACCOUNT), "504 what", "334 Who", "334 And", "235 welcome")

    assert (answer.outcome, len(written)) == (DeliveryState.SENT, 4)


def test_a_server_that_goes_on_asking_is_told_that_it_is_over() -> None:
    answer, written = play(sign_in(["PLAIN"], ACCOUNT), "334 more", "501 given up")

    assert (answer.outcome, answer.is_over, written[-1]) == (DeliveryState.DEFERRED, True, b"*\r\n")


@pytest.mark.parametrize(
    ("reply", "bounce", "tries_others"),
    [
        ("535 5.7.8 bad", BounceClass.SIGN_IN_REFUSED, False),
        ("534 5.7.9 Application-specific password required", BounceClass.SIGN_IN_OTHER_WAY, False),
        ("538 5.7.11 Encryption required", BounceClass.SIGN_IN_UNSAFE, False),
        ("454 4.7.0 Temporary authentication failure", BounceClass.SIGN_IN_NOT_NOW, True),
        ("432 4.7.12 A password transition is needed", BounceClass.SIGN_IN_OTHER_WAY, True),
        ("421 4.7.0 Too many wrong passwords", BounceClass.SIGN_IN_NOT_NOW, True),
        ("550 5.7.1 No", BounceClass.SIGN_IN_REFUSED, False),
    ],
)
def test_no_answer_is_about_the_message(reply: str, bounce: BounceClass, tries_others: bool) -> None:
    answer, _ = play(sign_in(["PLAIN"], ACCOUNT), reply)

    assert (answer.outcome, answer.is_over) == (DeliveryState.DEFERRED, True)
    assert bounce_class_of_reply(answer.code, answer.enhanced, answer.words) is bounce
    assert answer.tries_others is tries_others


@given(st.sets(st.sampled_from(["PLAIN", "LOGIN", "NTLM"])), st.lists(st.integers(200, 599), min_size=12, max_size=12))
def test_whatever_a_server_answers_it_ends_and_is_never_about_the_message(offered: set[str], codes: list[int]) -> None:
    conversation, answers = sign_in(sorted(offered), ACCOUNT), iter(codes)

    try:
        next(conversation)
        while True:
            conversation.send(ServerReply(next(answers), ("words",)))
    except StopIteration as end:
        answer: Answer = end.value

    assert answer.outcome in (DeliveryState.SENT, DeliveryState.DEFERRED)


@pytest.mark.parametrize("offered", [[], ["CRAM-MD5", "XOAUTH2"]])
def test_a_server_that_offers_no_known_way_gets_no_password(offered: list[str]) -> None:
    answer, written = play(sign_in(offered, ACCOUNT))

    assert (answer.outcome, written) == (DeliveryState.DEFERRED, [])
    assert all(name in answer.words for name in offered)


@given(st.sampled_from(["PLAIN", "LOGIN"]), st.text(max_size=20))
def test_a_server_that_repeats_the_password_does_not_bring_it_into_the_words(mechanism: str, around: str) -> None:
    server = SinkSignIn(mechanisms=(mechanism,))
    meet(sign_in([mechanism], ACCOUNT), server)
    told = " ".join(line.decode() for line in server.lines) + ACCOUNT.password

    server.reply = f"535 {around}{told}{around}".replace("\r", "").replace("\n", "")
    answer, _ = meet(sign_in([mechanism], ACCOUNT), server)

    coded = base64.b64encode(ACCOUNT.password.encode()).decode()
    assert ACCOUNT.password not in answer.words + repr(ACCOUNT)
    assert coded not in answer.words
    assert base64.b64encode(f"\0{ACCOUNT.user}\0{ACCOUNT.password}".encode()).decode() not in answer.words


@pytest.mark.parametrize("password", ["", "a\nb", "a\rb", "a\0b", "\ud800", "x" * (LONGEST_PASSWORD + 1)])
def test_a_password_that_cannot_be_sent_is_refused(password: str) -> None:
    with pytest.raises(FieldError) as error:
        check_password(password)

    assert error.value.field == "password"


def test_ways_to_sign_in_are_read_in_both_forms() -> None:
    assert mechanisms_offered([("SIZE", "1"), ("AUTH", "plain LOGIN"), ("AUTH=PLAIN", "NTLM")]) == (
        "PLAIN",
        "LOGIN",
        "NTLM",
    )
