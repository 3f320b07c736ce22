"""The client's side of an SMTP session: what it writes, and what it makes of the answers."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.smtp_client_session import Answer, Conversation, SmtpClientSession, SmtpVerb
from smtpy_desktop.core.smtp_reply import ServerReply
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import OutgoingMail

MAIL = OutgoingMail("a@sender.example", "b@target.example", b"Received: x\r\n", b"Subject: Hi\r\n\r\n.dot\r\n")
ALL = "PIPELINING, SIZE 1000, 8BITMIME, SMTPUTF8"


def play(conversation: Conversation, *replies: str) -> tuple[Answer, list[bytes]]:
    """Answer a conversation; return what it came to and everything that it wrote, one entry for each writing."""
    written = []
    answers = iter(replies)
    step = next(conversation)
    while True:
        if step.data:
            written.append(step.data)
        code, _, text = next(answers).partition(" ")
        try:
            step = conversation.send(ServerReply(int(code), tuple(text.split("|"))))
        except StopIteration as end:
            assert next(answers, None) is None
            return end.value, written


def session(extensions: str = ALL) -> SmtpClientSession:
    made = SmtpClientSession("mx.example")
    lines = "|".join(["server.example", *filter(None, extensions.split(", "))])
    play(made.greet(), "220 hello", f"250 {lines}")
    return made


def test_a_server_that_knows_no_ehlo_is_greeted_with_helo() -> None:
    answer, written = play(SmtpClientSession("mx.example").greet(), "220 hello", "502 what", "250 hello")

    assert answer.outcome is DeliveryState.SENT
    assert written == [b"EHLO mx.example\r\n", b"HELO mx.example\r\n"]


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        (("421 busy",), DeliveryState.DEFERRED),
        (("554 no",), DeliveryState.FAILED),
        (("250 what",), DeliveryState.DEFERRED),
        (("220 hello", "421 busy"), DeliveryState.DEFERRED),
        (("220 hello", "450 later"), DeliveryState.DEFERRED),
        (("220 hello", "550 no", "550 no"), DeliveryState.FAILED),
        (("220 hello", "500 what", "450 later"), DeliveryState.DEFERRED),
    ],
)
def test_a_server_that_does_not_want_to_talk_is_left(replies: tuple[str, ...], outcome: DeliveryState) -> None:
    answer, _ = play(SmtpClientSession("mx.example").greet(), *replies)

    assert (answer.outcome, answer.is_over, answer.tries_others) == (outcome, True, True)


def test_with_pipelining_the_commands_go_out_together() -> None:
    answer, written = play(session().hand_over(MAIL), "250 ok", "250 ok", "354 go", "250 2.0.0 kept")

    assert written == [
        b"MAIL FROM:<a@sender.example> SIZE=34\r\nRCPT TO:<b@target.example>\r\nDATA\r\n",
        b"Received: x\r\nSubject: Hi\r\n\r\n..dot\r\n.\r\n",
    ]
    assert (answer.outcome, answer.code, answer.enhanced, answer.words) == (DeliveryState.SENT, 250, "2.0.0", "kept")


def test_without_pipelining_each_command_waits_for_its_answer() -> None:
    _, written = play(session("").hand_over(MAIL), "250 ok", "250 ok", "354 go", "250 kept")

    assert [line.split(b"\r\n")[0] for line in written[:3]] == [
        b"MAIL FROM:<a@sender.example>",
        b"RCPT TO:<b@target.example>",
        b"DATA",
    ]


@pytest.mark.parametrize("extensions", ["", ALL])
def test_the_refusal_of_the_recipient_decides_and_the_next_mail_begins_anew(extensions: str) -> None:
    made = session(extensions)
    refused = ("250 ok", "550 5.1.1 nobody", "503 no recipient")

    answer, _ = play(made.hand_over(MAIL), *(refused if extensions else refused[:2]))
    _, written = play(made.hand_over(MAIL), "250 reset", "250 ok", "250 ok", "354 go", "250 kept")

    assert (answer.outcome, answer.code, answer.enhanced) == (DeliveryState.FAILED, 550, "5.1.1")
    assert not answer.is_over
    assert written[0].startswith(b"RSET\r\n")


def test_a_server_that_wants_the_text_without_a_recipient_gets_a_lone_dot() -> None:
    answer, written = play(session().hand_over(MAIL), "250 ok", "450 later", "354 go", "554 nobody")

    assert written[-1] == b".\r\n"
    assert (answer.outcome, answer.code, answer.is_over) == (DeliveryState.DEFERRED, 450, True)


@pytest.mark.parametrize("at", range(4))
def test_421_puts_off_and_ends_the_connection_wherever_it_comes(at: int) -> None:
    replies = ["250 ok", "250 ok", "354 go"][:at]

    answer, _ = play(session().hand_over(MAIL), *replies, "421 going")

    assert (answer.outcome, answer.is_over) == (DeliveryState.DEFERRED, True)


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        (("354 what",), DeliveryState.DEFERRED),
        (("250 ok", "250 ok", "250 what"), DeliveryState.DEFERRED),
        (("250 ok", "250 ok", "354 go", "354 again"), DeliveryState.DEFERRED),
    ],
)
def test_an_answer_that_makes_no_sense_counts_as_none(replies: tuple[str, ...], outcome: DeliveryState) -> None:
    answer, _ = play(session().hand_over(MAIL), *replies)

    assert (answer.outcome, answer.is_over) == (outcome, True)


@pytest.mark.parametrize(
    ("mail", "extensions", "enhanced"),
    [
        (OutgoingMail("a@x.example", "b@y.example", b"", b"x" * 1001), ALL, "5.3.4"),
        (OutgoingMail("a@x.example", "b@y.example", b"", b"x", is_utf8=True), "PIPELINING", "5.6.7"),
        (OutgoingMail("a@x.example", "ü@y.example", b"", b"x"), "PIPELINING", "5.6.7"),
        (OutgoingMail("a@x.example", "b@y.example>\r\nRCPT TO:<c@z.example", b"", b"x"), ALL, "5.1.3"),
        (OutgoingMail("a@x.example> SIZE=1", "b@y.example", b"", b"x"), ALL, "5.1.3"),
        (OutgoingMail("", "b", b"", b"x"), ALL, "5.1.3"),
        (OutgoingMail("\ud800@x.example", "b@y.example", b"", b"x"), ALL, "5.1.3"),
        (OutgoingMail("a\0@x.example", "b@y.example", b"", b"x"), ALL, "5.1.3"),
    ],
)
def test_what_the_server_cannot_take_is_not_begun(mail: OutgoingMail, extensions: str, enhanced: str) -> None:
    conversation = session(extensions).hand_over(mail)

    with pytest.raises(StopIteration) as ended:
        next(conversation)

    answer = ended.value.value
    assert (answer.outcome, answer.code, answer.enhanced, answer.is_over) == (
        DeliveryState.FAILED,
        None,
        enhanced,
        False,
    )


@pytest.mark.parametrize(
    ("mail", "parameters"),
    [
        (OutgoingMail("", "b@y.example", b"", b"x"), b"<> SIZE=1"),
        (OutgoingMail('"a b"@x.example', "b@y.example", b"", b"x"), b'<"a b"@x.example> SIZE=1'),
        (OutgoingMail("", "b@y.example", b"", b"\xff"), b"<> SIZE=1 BODY=8BITMIME"),
        (OutgoingMail("", "ü@y.example", b"", b"x"), b"<> SIZE=1 SMTPUTF8"),
    ],
)
def test_mail_says_what_the_server_has_to_know(mail: OutgoingMail, parameters: bytes) -> None:
    step = next(session().hand_over(mail))

    assert step.verb is SmtpVerb.MAIL
    assert step.data.split(b"\r\n")[0] == b"MAIL FROM:" + parameters


def test_an_international_domain_goes_out_in_a_labels_and_needs_nothing_else() -> None:
    mail = OutgoingMail("a@sender.example", "bob@Bücher.example", b"", b"x")

    step = next(session("PIPELINING").hand_over(mail))

    assert b"RCPT TO:<bob@xn--bcher-kva.example>\r\n" in step.data


def test_what_was_offered_before_tls_is_forgotten() -> None:
    made = session("STARTTLS, SMTPUTF8")

    play(made.ask_for_tls(), "220 go")
    play(made.greet(is_first=False), "250 server|PIPELINING")

    assert made.offers("PIPELINING")
    assert not made.offers("SMTPUTF8")
    assert not made.offers("STARTTLS")
