"""The server's side of SMTP and LMTP, command by command, without a socket."""

from __future__ import annotations

import pytest

from smtpy_desktop.core.smtp_message_data import MessageRoom
from smtpy_desktop.core.smtp_session_parts import Dialect, GreetingAsked, MessageAsked, RecipientAsked
from smtpy_desktop.schemas.smtp_session import MailClient, SmtpReply
from tests.helpers.smtp_talk import NO, TLS, YES, Talk, say_yes

BODY = b"Subject: hello\r\n\r\ntext\r\n"
LATER = SmtpReply(451, "4.3.0", "Later")


def test_a_mail_is_handed_over_with_its_envelope():
    talk = Talk()

    assert talk.greeting == ["220 mx.example.net ESMTP"]
    talk.begin("b@example.com", "c@example.com")
    assert talk.say(BODY + b".\r\n") == ["250 2.0.0 Yes"]
    assert talk.say("QUIT") == ["221 2.0.0 Goodbye"]

    [(envelope, raw)] = talk.messages
    assert (envelope.sender, envelope.recipients, raw) == ("a@example.org", ("b@example.com", "c@example.com"), BODY)
    assert envelope.client == MailClient("203.0.113.9", 40000, helo="client.example.org", protocol="ESMTP")
    assert talk.session.is_over


def test_ehlo_tells_what_is_offered():
    assert Talk(largest=12345, offers_tls=True).say("ehlo [192.0.2.1]") == [
        "250-mx.example.net",
        "250-PIPELINING",
        "250-SIZE 12345",
        "250-8BITMIME",
        "250-SMTPUTF8",
        "250-ENHANCEDSTATUSCODES",
        "250 STARTTLS",
    ]
    assert Talk().say("HELO client.example.org") == ["250 mx.example.net"]


def test_xclient_and_xforward_are_offered_to_trusted_peers_only():
    assert Talk(is_trusted=True).say("EHLO front.example.net")[-2:] == [
        "250-XCLIENT NAME ADDR PORT PROTO HELO",
        "250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE",
    ]
    assert not any("XCLIENT" in line or "XFORWARD" in line for line in Talk().say("EHLO front.example.net"))
    assert Talk().codes("XCLIENT ADDR=192.0.2.1") == [550]
    assert Talk().codes("XFORWARD ADDR=192.0.2.1") == [550]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("EHLO", 501),
        ("EHLO two words", 501),
        ("EHLO a(b)c", 501),
        ("HELO ünicode.example", 501),
        ("MAIL FROM:<a@example.org>", 503),
        ("RCPT TO:<b@example.com>", 503),
        ("DATA", 503),
        ("DATA now", 501),
        ("RSET now", 501),
        ("QUIT now", 501),
        ("STARTTLS", 502),
        ("AUTH PLAIN AAAA", 502),
        ("BDAT 10", 502),
        ("EXPN list", 502),
        ("VRFY", 501),
        ("VRFY postmaster", 252),
        ("HELP", 214),
        ("help MAIL", 214),
        ("NOOP", 250),
        ("NOOP whatever it is", 250),
        ("RSET", 250),
        ("LHLO client", 500),
        ("NONSENSE", 500),
        ("", 500),
        (" EHLO client", 500),
    ],
)
def test_every_command_has_its_reply(command, code):
    assert Talk().codes(command) == [code]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("MAIL FROM:<a@example.org>", 503),
        ("MAIL <a@example.org>", 503),
        ("RCPT <b@example.com>", 501),
        ("RCPT TO:<b@example.com> NOTIFY=NEVER", 555),
        ("RCPT TO:b@example.com", 501),
        ("RCPT TO:<no@example.com>", 550),
        ("DATA", 554),
        ("STARTTLS", 503),
        ("XCLIENT ADDR=192.0.2.1", 503),
        ("XFORWARD ADDR=192.0.2.1", 503),
    ],
)
def test_within_a_mail_the_order_is_kept(command, code):
    talk = Talk(offers_tls=True, is_trusted=True)
    assert talk.codes("EHLO client") + talk.codes("MAIL FROM:<a@example.org>") == [250, 250]

    assert talk.codes(command) == [code]


@pytest.mark.parametrize("again", ["RSET", "EHLO again.example.org", "HELO again.example.org"])
def test_what_begins_anew_forgets_the_mail(again):
    talk = Talk()
    talk.codes("EHLO client\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>")

    assert talk.codes(again) == [250]
    assert talk.codes("RCPT TO:<b@example.com>") == [503]
    assert talk.codes("DATA") == [503]


def test_mail_may_be_sent_after_mail():
    talk = Talk()

    for number in range(3):
        talk.begin(f"b{number}@example.com")
        assert talk.codes(BODY + b".\r\n") == [250]

    assert [envelope.recipients for envelope, _ in talk.messages] == [
        (f"b{number}@example.com",) for number in range(3)
    ]


def test_pipelined_commands_are_answered_in_order():
    talk = Talk()

    codes = talk.codes(
        "EHLO client\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nRCPT TO:<no@example.com>\r\n"
        "RCPT TO:<c@example.com>\r\nDATA"
    )
    codes += talk.codes(BODY + b".\r\nMAIL FROM:<>\r\nRCPT TO:<d@example.com>\r\nRSET\r\nQUIT\r\n")

    assert codes == [250, 250, 250, 550, 250, 354, 250, 250, 250, 250, 221]
    assert talk.messages[0][0].recipients == ("b@example.com", "c@example.com")


def test_what_depends_on_a_refused_command_is_refused():
    talk = Talk()

    assert talk.codes("EHLO c\r\nMAIL FROM:<no@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA") == [250, 550, 503, 503]
    assert talk.codes("MAIL FROM:<a@example.org>\r\nRCPT TO:<no@example.com>\r\nDATA\r\nRSET") == [250, 550, 554, 250]
    assert not talk.messages


def test_a_message_behind_a_refused_data_is_not_taken_for_commands():
    talk = Talk()

    codes = talk.codes(
        b"EHLO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<no@example.com>\r\nDATA\r\nSubject: x\r\n\r\n"
        b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n.\r\n"
    )

    assert codes == [250, 250, 550, 554, 421]
    assert talk.session.is_over
    assert not talk.messages


def test_bytes_are_obeyed_however_they_are_cut():
    sent = b"EHLO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n..\r\n.\r\nQUIT\r\n"
    talk = Talk()

    codes = [code for byte in sent for code in talk.codes(bytes([byte]))]

    assert codes == [250, 250, 250, 354, 250, 221]
    assert talk.messages[0][1] == b".\r\n"


@pytest.mark.parametrize(
    "line", [b"NOOP\n", b"NO\0OP\r\n", b"NO\rOP\r\n", b"NOOP\r\r\n", b"\n", b"\r\r\n", b"NOOP\nNOOP\r\n"]
)
def test_lines_that_do_not_end_in_crlf_are_refused_and_answered(line):
    talk = Talk()

    codes = talk.codes(line)

    assert codes[0] == 500
    assert len(codes) == line.count(b"\n")


def test_a_line_that_is_too_long_is_answered_once_and_not_kept():
    talk = Talk()

    assert talk.codes(b"NOOP " + b"x" * 3000 + b"\r\n") == [500]
    for _ in range(100):
        assert talk.codes(b"x" * 1000) == []
        assert talk.session.pending <= 4000
    assert talk.codes(b"x\r\nNOOP\r\n") == [500, 250]


@pytest.mark.parametrize("verb", ["GET / HTTP/1.1", "POST /x HTTP/1.1", "CONNECT example.org:25 HTTP/1.1"])
def test_a_web_client_is_sent_away_at_once(verb):
    talk = Talk()

    assert talk.codes(f"{verb}\r\nHost: mx.example.net\r\n\r\nEHLO c") == [421]
    assert talk.session.is_over


def test_a_client_that_makes_mistakes_only_is_sent_away():
    talk = Talk(mistakes=5)

    assert talk.codes("NONSENSE\r\n" * 50) == [500] * 6 + [421]


def test_a_client_that_gets_nowhere_is_sent_away_but_a_trusted_one_is_not():
    talk, trusted = Talk(idle_commands=5), Talk(idle_commands=5, is_trusted=True)

    assert talk.codes("NOOP\r\n" * 50) == [250] * 6 + [421]
    assert trusted.codes(b"NOOP\r\n" * 50) == [250] * 50


def test_refused_recipients_bring_no_mail_nearer():
    talk = Talk(idle_commands=5)
    talk.codes("EHLO c\r\nMAIL FROM:<a@example.org>")

    codes = talk.codes("RCPT TO:<no@example.com>\r\n" * 50)

    assert codes[-1] == 421
    assert len(codes) < 8


def test_an_accepted_mail_restores_patience():
    talk = Talk(idle_commands=4)

    for _ in range(10):
        talk.begin()
        assert talk.codes(BODY + b".\r\n") == [250]


def test_a_hundred_recipients_are_taken_and_more_are_for_later():
    talk = Talk()
    talk.codes("EHLO c\r\nMAIL FROM:<a@example.org>")

    codes = talk.codes("".join(f"RCPT TO:<b{number}@example.com>\r\n" for number in range(103)) + "DATA")

    assert codes == [250] * 100 + [452] * 3 + [354]
    assert talk.codes(BODY + b".\r\n") == [250]
    assert len(talk.messages[0][0].recipients) == 100


def test_a_message_that_is_too_big_is_refused_when_it_is_announced_and_when_it_comes():
    talk = Talk(largest=1000)
    assert talk.say("EHLO c\r\nMAIL FROM:<a@example.org> SIZE=1001")[-1].startswith("552 5.3.4")

    talk.begin()
    lines = talk.say((b"x" * 98 + b"\r\n") * 11 + b".\r\n")

    assert lines == ["552 5.3.4 The message is bigger than what is taken here"]
    assert talk.room.taken == 0
    assert talk.codes("NOOP") == [250]


def test_a_message_that_is_too_big_and_does_not_end_is_cut_off():
    talk = Talk(largest=10_000)
    talk.begin()

    lines = [line for _ in range(100) for line in talk.say((b"x" * 98 + b"\r\n") * 10)]

    assert [line[:3] for line in lines] == ["552"]
    assert talk.session.is_over


@pytest.mark.parametrize(("bad", "code"), [(b"bare\nlf", 554), (b"bare\rcr", 554), (b"nul\0", 554), (b"x" * 999, 554)])
def test_a_message_of_a_wrong_form_is_refused_and_the_session_goes_on(bad, code):
    talk = Talk()
    talk.begin()

    assert talk.codes(b"one\r\n" + bad + b"\r\n.\r\nNOOP\r\n") == [code, 250]
    assert (talk.messages, talk.room.taken) == ([], 0)


def test_when_too_much_comes_in_at_once_a_message_is_for_later():
    talk = Talk(room=MessageRoom(100))
    talk.begin()

    assert talk.codes((b"x" * 98 + b"\r\n") * 2 + b".\r\n") == [452]


def test_room_is_kept_until_the_program_has_answered():
    taken = []

    def decide(question):
        if isinstance(question, MessageAsked):
            taken.append(talk.room.taken)
        return say_yes(question)

    talk = Talk(decide=decide)
    talk.begin()
    talk.say(BODY + b".\r\n")

    assert (taken, talk.room.taken) == ([len(BODY)], 0)


def test_the_envelope_tells_8bit_and_utf8():
    talk = Talk()
    talk.codes("EHLO c\r\nMAIL FROM:<ü@example.org> SIZE=20 BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<ö@example.com>\r\nDATA")

    assert talk.codes("ä\r\n.".encode() + b"\r\n") == [250]

    [(envelope, raw)] = talk.messages
    assert (envelope.is_8bit, envelope.is_utf8, raw) == (True, True, "ä\r\n".encode())
    assert (envelope.sender, envelope.recipients) == ("ü@example.org", ("ö@example.com",))
    assert envelope.client.protocol == "UTF8SMTP"


def test_smtputf8_holds_for_one_mail():
    talk = Talk()
    talk.codes("EHLO c\r\nMAIL FROM:<a@example.org> SMTPUTF8\r\nRSET\r\nMAIL FROM:<a@example.org>")

    assert talk.say("RCPT TO:<ö@example.com>")[0].startswith("553 5.6.7")


@pytest.mark.parametrize(
    ("dialect", "hello", "tls", "parameters", "protocol"),
    [
        (Dialect.SMTP, "HELO", False, "", "SMTP"),
        (Dialect.SMTP, "EHLO", False, "", "ESMTP"),
        (Dialect.SMTP, "EHLO", True, "", "ESMTPS"),
        (Dialect.SMTP, "EHLO", True, " SMTPUTF8", "UTF8SMTPS"),
        (Dialect.LMTP, "LHLO", False, "", "LMTP"),
        (Dialect.LMTP, "LHLO", True, "", "LMTPS"),
        (Dialect.LMTP, "LHLO", False, " SMTPUTF8", "UTF8LMTP"),
    ],
)
def test_the_protocol_is_named_for_the_header(dialect, hello, tls, parameters, protocol):
    talk = Talk(dialect=dialect, offers_tls=True, is_trusted=dialect is Dialect.LMTP)
    if tls:
        talk.codes(f"{hello} c\r\nSTARTTLS")

    talk.codes(f"{hello} c\r\nMAIL FROM:<a@example.org>{parameters}\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.")

    assert talk.messages[0][0].client.protocol == protocol
    assert talk.messages[0][0].client.tls == (TLS if tls else None)


def test_starttls_forgets_what_was_said_and_what_was_sent_behind_it():
    talk = Talk(offers_tls=True)
    talk.codes("EHLO before.example.org")

    codes = talk.codes(
        "STARTTLS\r\nEHLO injected.example.org\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<b@example.com>"
    )

    assert codes == [220]
    assert talk.codes("MAIL FROM:<a@example.org>") == [503]
    assert not any("STARTTLS" in line for line in talk.say("EHLO after.example.org"))
    assert talk.codes("STARTTLS") == [503]
    assert talk.codes("RCPT TO:<b@example.com>") == [503]


def test_starttls_forgets_what_xclient_told():
    talk = Talk(offers_tls=True, is_trusted=True)
    talk.codes("EHLO front\r\nXCLIENT ADDR=192.0.2.7 HELO=original.example.org\r\nEHLO front\r\nSTARTTLS")

    talk.begin()
    talk.say(BODY + b".\r\n")

    assert talk.messages[0][0].client.address == "203.0.113.9"


def test_xclient_tells_the_original_client_and_begins_anew():
    talk = Talk(is_trusted=True)
    talk.codes("EHLO front.example.net")

    lines = talk.say(
        "XCLIENT NAME=original.example.org ADDR=IPV6:2001:DB8:0::7 PORT=1234 PROTO=SMTP HELO=hello.example"
    )
    assert lines == ["220 mx.example.net ESMTP"]
    assert talk.codes("MAIL FROM:<a@example.org>") == [503]
    talk.begin(hello="EHLO front.example.net")
    talk.say(BODY + b".\r\n")

    expected = MailClient("2001:db8::7", 1234, "original.example.org", "hello.example", "SMTP", peer="203.0.113.9")
    assert talk.messages[0][0].client == expected
    greeting = next(question for question in talk.questions if isinstance(question, GreetingAsked))
    assert (greeting.client.address, greeting.client.peer) == ("2001:db8::7", "203.0.113.9")


def test_the_name_after_xclient_is_the_original_clients():
    talk = Talk(is_trusted=True)
    talk.codes("EHLO front\r\nXCLIENT ADDR=192.0.2.7 NAME=[UNAVAILABLE]")

    talk.begin(hello="EHLO original.example.org")
    talk.say(BODY + b".\r\n")

    client = talk.messages[0][0].client
    assert (client.address, client.name, client.helo) == ("192.0.2.7", "", "original.example.org")


def test_an_original_client_may_be_refused():
    talk = Talk(is_trusted=True, decide=lambda question: [SmtpReply(450, "4.7.1", "Too much of your mail")])
    talk.codes("EHLO front")

    assert talk.say("XCLIENT ADDR=192.0.2.7") == ["450 4.7.1 Too much of your mail"]
    assert talk.session.is_over


def test_xforward_tells_the_original_client_of_one_mail():
    talk = Talk(is_trusted=True)
    talk.codes("EHLO front.example.net")

    told = (
        "XFORWARD NAME=original.example.org ADDR=192.0.2.7 PORT=99\r\nXFORWARD PROTO=ESMTP HELO=hello.example IDENT=x"
    )
    assert talk.codes(f"{told} SOURCE=REMOTE") == [250, 250]
    mail = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.\r\n"
    talk.codes(mail + mail)

    first, second = (envelope.client for envelope, _ in talk.messages)
    assert first == MailClient("192.0.2.7", 99, "original.example.org", "hello.example", "ESMTP", peer="203.0.113.9")
    assert second == MailClient("203.0.113.9", 40000, helo="front.example.net", protocol="ESMTP")


def test_mail_that_began_at_the_trusted_peer_is_its_own():
    talk = Talk(is_trusted=True)
    talk.codes("EHLO front.example.net\r\nXFORWARD NAME=localhost ADDR=[UNAVAILABLE] SOURCE=LOCAL")

    talk.codes(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.\r\n")

    assert talk.messages[0][0].client == MailClient("203.0.113.9", 40000, helo="front.example.net", protocol="ESMTP")


@pytest.mark.parametrize(
    "attributes",
    ["", "ADDR", "ADDR=nonsense", "ADDR=192.0.2.1.1", "LOGIN=x", "PORT=70000", "PORT=x", "NAME=a=b", "NAME=+zz", "=x"],
)
def test_attributes_that_are_wrong_are_refused(attributes):
    talk = Talk(is_trusted=True)

    assert talk.codes(f"XCLIENT {attributes}") == [501]


def test_attributes_cannot_bring_lines_into_a_header():
    talk = Talk(is_trusted=True)
    talk.codes("EHLO f\r\nXCLIENT ADDR=192.0.2.7 NAME=evil+0D+0AX-Header:+20x HELO=a+20b\r\nEHLO front")

    talk.codes(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.\r\n")

    assert (talk.messages[0][0].client.name, talk.messages[0][0].client.helo) == ("", "front")


def test_lmtp_answers_for_each_recipient():
    def decide(question):
        return [YES, NO, LATER] if isinstance(question, MessageAsked) else say_yes(question)

    talk = Talk(dialect=Dialect.LMTP, is_trusted=True, decide=decide)
    assert talk.codes("EHLO front") == [500]
    talk.begin("b@example.com", "c@example.com", "d@example.com", hello="LHLO front")

    assert talk.codes(BODY + b".\r\n") == [250, 550, 451]


def test_lmtp_answers_a_refused_form_for_each_recipient():
    talk = Talk(dialect=Dialect.LMTP, is_trusted=True)
    talk.begin("b@example.com", "c@example.com", hello="LHLO front")

    assert talk.codes(b"bare\nlf\r\n.\r\n") == [554, 554]


def test_lmtp_stays_lmtp_whatever_the_original_client_spoke():
    talk = Talk(dialect=Dialect.LMTP, is_trusted=True)
    talk.codes("LHLO front\r\nXFORWARD ADDR=192.0.2.7 PROTO=ESMTP HELO=original.example.org")

    talk.codes(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.\r\n")

    client = talk.messages[0][0].client
    assert (client.address, client.helo, client.protocol) == ("192.0.2.7", "original.example.org", "LMTP")


@pytest.mark.parametrize("words", ["one\r\n250 two", "one\ntwo", "one\rtwo", "x" * 2000, "\u2028\u00e9"])
def test_a_reply_is_one_line_whatever_the_program_says(words):
    talk = Talk(decide=lambda question: [SmtpReply(550, "5.7.1", words)])

    [line] = talk.greeting
    assert line.startswith("550 5.7.1 ")
    assert len(line) <= 510


def test_lmtp_is_spoken_with_trusted_peers_only():
    talk = Talk(dialect=Dialect.LMTP)

    assert [line[:3] for line in talk.greeting] == ["554"]
    assert talk.session.is_over


@pytest.mark.parametrize("replies", [[YES, NO], [NO, YES], [YES, LATER, YES]])
def test_smtp_never_says_yes_for_a_part(replies):
    talk = Talk(decide=lambda question: replies if isinstance(question, MessageAsked) else say_yes(question))
    talk.begin("b@example.com", "c@example.com")

    assert talk.codes(BODY + b".\r\n")[0] >= 400


def test_no_reply_at_all_is_no_yes():
    for dialect, trusted in ((Dialect.SMTP, False), (Dialect.LMTP, True)):
        talk = Talk(
            dialect=dialect,
            is_trusted=trusted,
            decide=lambda question: [] if isinstance(question, MessageAsked) else say_yes(question),
        )
        talk.begin(hello="LHLO c" if trusted else "EHLO c")

        assert talk.codes(BODY + b".\r\n") == [451]


def test_a_refused_client_gets_its_reply_and_no_session():
    talk = Talk(decide=lambda question: [SmtpReply(554, "5.7.1", "Go away")])

    assert talk.greeting == ["554 5.7.1 Go away"]
    assert talk.session.is_over


def test_421_from_the_program_ends_the_session():
    talk = Talk(
        decide=lambda question: (
            [SmtpReply(421, "4.7.0", "Slow down")] if isinstance(question, RecipientAsked) else say_yes(question)
        )
    )

    assert talk.codes("EHLO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA") == [250, 250, 421]


@pytest.mark.parametrize("step", ["greeting", "sender", "recipient", "message"])
def test_a_fault_of_the_program_is_for_later_and_the_session_goes_on(step):
    talk = Talk()
    session = Talk(decide=say_yes).session if step == "greeting" else talk.session
    if step == "greeting":
        session.asked = GreetingAsked(MailClient("203.0.113.9"))
        session.answer_fault()
        assert session.take_output().endswith(b"421 4.3.0 Something went wrong here, try again later\r\n")
        return
    script = [
        b"EHLO c\r\n",
        b"MAIL FROM:<a@example.org>\r\n",
        b"RCPT TO:<b@example.com>\r\n",
        b"DATA\r\n",
        b"x\r\n.\r\n",
    ]
    for sent in script[: {"sender": 1, "recipient": 2, "message": 4}[step]]:
        talk.say(sent)

    session.receive(script[{"sender": 1, "recipient": 2, "message": 4}[step]])
    session.answer_fault()

    assert session.take_output().startswith(b"451 4.3.0")
    assert talk.codes("RSET") == [250]


def test_nothing_more_is_obeyed_while_the_program_is_asked():
    talk = Talk()
    talk.codes("EHLO c")

    talk.session.receive(b"MAIL FROM:<a@example.org>\r\nRSET\r\nNOOP\r\n")

    assert talk.session.take_output() == b""
    talk.session.answer([YES])
    assert talk.session.take_output().count(b"\r\n") == 3


def test_when_the_service_stops_idle_sessions_end_and_mails_are_finished():
    idle, busy = Talk(), Talk()
    busy.begin()

    idle.session.shut_down()
    busy.session.shut_down()

    assert idle.session.take_output().startswith(b"421 4.3.2")
    assert (idle.session.is_over, busy.session.is_over) == (True, False)
    assert busy.codes(BODY + b".\r\n") == [250, 421]
    assert len(busy.messages) == 1


def test_who_takes_too_long_is_told_so_and_why_its_message_is_refused():
    plain, refused = Talk(), Talk()
    refused.begin()
    refused.say(b"bare\nlf\r\n\n.\n")

    plain.session.time_out()
    refused.session.time_out()

    assert plain.session.take_output().startswith(b"421 4.4.2")
    assert [line[:3] for line in refused.session.take_output().split(b"\r\n")] == [b"554", b"421", b""]


def test_room_of_a_lost_connection_is_given_back():
    talk = Talk()
    talk.begin()
    talk.say(b"x" * 98 + b"\r\n" + b"y")

    talk.session.abandon()

    assert talk.room.taken == 0


def test_what_happened_is_counted():
    talk = Talk(largest=500)
    talk.codes(
        "NONSENSE\r\nEHLO c\r\nMAIL FROM:<no@example.org>\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<no@example.com>"
    )
    talk.codes("RCPT TO:<b@example.com>\r\nDATA")
    talk.codes(BODY + b".\r\n")
    for bad in (b"bare\n\r\n", b"x" * 999 + b"\r\n", (b"x" * 90 + b"\r\n") * 6):
        talk.begin()
        talk.say(bad + b".\r\n")

    counted = {name: count for name, count in talk.counters.items() if count}
    assert counted == {
        "commands": 19,
        "mistakes": 1,
        "senders_refused": 1,
        "recipients_refused": 1,
        "recipients_accepted": 4,
        "messages_accepted": 1,
        "bytes_accepted": len(BODY),
        "refused_bare": 1,
        "refused_long_line": 1,
        "refused_too_big": 1,
    }
