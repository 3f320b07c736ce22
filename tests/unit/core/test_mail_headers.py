"""What is read of received mail: the right things, from anything, within time and memory."""

from __future__ import annotations

import time
import tracemalloc
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.mail_headers import LONGEST_SUBJECT, MOST_FIELDS, scan_mail
from smtpy_desktop.core.mail_parts import LONGEST_NAME, LONGEST_PREVIEW, MOST_PARTS
from smtpy_desktop.schemas.messages import Attachment

MEBIBYTE = 1024 * 1024
MOST_SECONDS = 0.2
MOST_MEMORY = 50 * MEBIBYTE
IN_PARTS = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"


def mail(*headers: str, body: bytes = b"Hello\r\n") -> bytes:
    return "".join(f"{header}\r\n" for header in headers).encode("utf-8", "surrogateescape") + b"\r\n" + body


def part(*headers: bytes, body: bytes = b"") -> bytes:
    return b"--x\r\n" + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body + b"\r\n"


def nested(depth: int) -> bytes:
    begin = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (level, level + 1) for level in range(depth)
    )
    return b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + begin


BOMBS = {
    "multiparts in multiparts": lambda: nested(1000),
    "very many of them": lambda: nested(100_000),
    "many headers": lambda: b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\nbody",
    "many headers of one name": lambda: b"Received: by x\r\n" * 100_000 + b"\r\nbody",
    "comments in comments": lambda: b"From: " + b"(" * 100_000 + b"a@b.example\r\n\r\n",
    "a line of 100 MiB in the body": lambda: b"Subject: x\r\n\r\n" + b"a" * (100 * MEBIBYTE),
    "a header of 100 MiB": lambda: b"Subject: " + b"a" * (100 * MEBIBYTE),
    "a part of 100 MiB": lambda: IN_PARTS + part() + b"a" * (100 * MEBIBYTE),
    "almost delimiters": lambda: IN_PARTS + part() + b"\r\n-" * (33 * MEBIBYTE),
    "other delimiters": lambda: IN_PARTS + part() + b"\r\n--y" * (20 * MEBIBYTE),
    "blank lines after a delivery status": lambda: (
        IN_PARTS + part(b"Content-Type: message/delivery-status") + b"\r\n" * MEBIBYTE
    ),
    "encoded words": lambda: b"Subject: " + b"=?utf-8?q?=41?= " * 100_000 + b"\r\n\r\n",
    "an endless encoded word": lambda: b"Subject: =?utf-8?b?" + b"A" * MEBIBYTE + b"?=\r\n\r\n",
    "beginnings of encoded words": lambda: b"Subject: " + b"=?" * 500_000 + b"\r\n\r\n",
    "quotes that do not end": lambda: IN_PARTS + part(b"Content-Type: a/b" + b';x="' * 2000) * 300,
    "parameters without values": lambda: IN_PARTS + part(b"Content-Type: a/b" + (b";" + b"a" * 60) * 100) * 300,
    "names in pieces": lambda: (
        IN_PARTS + part(b"Content-Type: a/b" + b"".join(b";name*%d=a" % number for number in range(400))) * 300
    ),
    "style sheets that do not end": lambda: b"Content-Type: text/html\r\n\r\n" + b"<style" * 100_000,
    "a huge number in HTML": lambda: b"Content-Type: text/html\r\n\r\n&#" + b"9" * 9000 + b";",
    "an address that is none": lambda: b"From: " + b"a" * 100_000 + b"\r\n\r\n",
    "continuation lines": lambda: b"Subject: x\r\n" + b" x\r\n" * 100_000 + b"\r\n",
    "ids that do not end": lambda: b"References: " + b"<" * 100_000 + b"\r\n\r\n",
    "a signature of everything": lambda: b"DKIM-Signature: v=1; h=" + b":a" * 100_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_parse_bomb_costs_little_time_and_memory(make) -> None:
    bomb = make()

    seconds = min(_seconds(bomb) for _ in range(2))
    tracemalloc.start()
    scan_mail(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert seconds <= MOST_SECONDS
    assert peak <= MOST_MEMORY


def _seconds(raw: bytes) -> float:
    start = time.process_time()
    scan_mail(raw)
    return time.process_time() - start


_PIECES = st.lists(
    st.sampled_from(
        [
            *(b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b";", b'"', b"<", b">", b"(", b")", b"\\"),
            *(
                b"--",
                b"--x",
                b"--x--",
                b"boundary=x",
                b'boundary="x"',
                b"Content-Type: multipart/mixed; boundary=x\r\n",
            ),
            *(b"From: ", b"Subject: ", b"Received: ", b"DKIM-Signature: h=", b"Message-ID: ", b"References: "),
            *(b"Content-Type: text/html; charset=utf-16\r\n", b"Content-Transfer-Encoding: base64\r\n"),
            *(
                b"Content-Disposition: attachment; filename*0*=utf-8''%00%ff;filename*1=b\r\n",
                b"name=",
                b"\xff\xfe",
                b"\x80",
            ),
            *(
                b"=?utf-8?q?=0D=0A?=",
                b"=?utf-8?b?////?=",
                b"=?x?b??=",
                b"&#xd800;",
                b"<style>",
                b"a@b.example",
                b"by x",
            ),
        ]
    )
    | st.binary(max_size=12),
    max_size=40,
)


@given(_PIECES)
def test_the_scan_never_raises_and_everything_it_returns_can_be_shown_and_stored(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)

    facts = scan_mail(raw)

    texts = [facts.subject, facts.from_address, facts.message_id, facts.thread_id or "", facts.preview]
    texts += [text for one in facts.attachments for text in (one.name, one.type)]
    for text in [*texts, facts.headers, *facts.delivered_to, *facts.oversigned]:
        assert "\0" not in text
        text.encode()
    assert all("\r" not in text and "\n" not in text for text in texts)
    assert facts.size_bytes == len(raw)
    assert len(facts.subject) <= LONGEST_SUBJECT
    assert len(facts.preview) <= LONGEST_PREVIEW
    assert len(facts.attachments) <= MOST_PARTS
    assert all(len(one.name) <= LONGEST_NAME and one.size_bytes >= 0 for one in facts.attachments)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=60),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0", categories=("L", "N")), min_size=1, max_size=30),
    st.binary(max_size=500),
)
def test_what_an_honest_mail_program_writes_is_read_back(subject: str, name: str, content: bytes) -> None:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = "Jo <jo@example.com>"
    message.set_content("The text of it\n")
    message.add_attachment(content, maintype="application", subtype="pdf", filename=f"{name}.pdf")

    facts = scan_mail(message.as_bytes())

    assert facts.subject == " ".join(subject.split())
    assert facts.from_address == "jo@example.com"
    assert facts.preview == "The text of it"
    assert facts.attachments == (Attachment(f"{name}.pdf", "application/pdf", len(content)),)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("jo@example.com", "jo@example.com"),
        ("Jo <jo@example.com>", "jo@example.com"),
        ('"Doe, Jo (x@y.example)" <jo@example.com>', "jo@example.com"),
        ("Jo (the <one@two.example>) <jo@example.com>, other@example.com", "jo@example.com"),
        ('"<fake@x.example>" <jo@example.com>', "jo@example.com"),
        ("=?utf-8?q?Jo?= <jo@münchen.example>", "jo@münchen.example"),
        ("undisclosed-recipients:;", ""),
        ("((((", ""),
        ("", ""),
    ],
)
def test_the_first_address_of_from_is_found(written: str, address: str) -> None:
    assert scan_mail(mail(f"From: {written}")).from_address == address


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Hello", "Hello"),
        ("=?utf-8?q?caf=C3=A9?= =?UTF-8?b?w6k=?= x", "caféé x"),
        ("=?utf-8?b?ww?= =?utf-8?b?qSE?=", "é!"),
        ("=?iso-8859-1?Q?a=E9?= b", "aé b"),
        ("=?utf-8?b?DQpCY2M6IHg=?=", "Bcc: x"),
        ("=?zlib_codec?q?x?= =?x-unknown?q?y?=", "xy"),
        ("grün", "grün"),
        ("\udce9t\udce9", "été"),
        ("a\r\n\tb", "a b"),
    ],
)
def test_a_subject_is_one_line_of_text(written: str, shown: str) -> None:
    assert scan_mail(mail(f"Subject: {written}")).subject == shown


def test_the_thread_is_the_first_of_the_references_and_a_message_alone_begins_one() -> None:
    first = scan_mail(mail("Message-ID: <1@a.example>"))
    answer = scan_mail(mail("Message-ID: <3@a.example>", "References: <1@a.example>\r\n <2@b.example>"))
    short = scan_mail(mail("Message-ID: <4@a.example>", "In-Reply-To: <1@a.example>"))

    assert (first.message_id, first.thread_id) == ("<1@a.example>", "<1@a.example>")
    assert (answer.message_id, answer.thread_id) == ("<3@a.example>", "<1@a.example>")
    assert short.thread_id == "<1@a.example>"


def test_a_message_without_an_id_has_the_same_one_each_time_and_no_other_message_has_it() -> None:
    raw, other = mail("Subject: a"), mail("Subject: b")

    assert scan_mail(raw).message_id == scan_mail(raw).message_id
    assert scan_mail(raw).message_id != scan_mail(other).message_id
    assert scan_mail(raw).thread_id is None


def test_hops_are_counted_and_delivered_to_is_collected() -> None:
    raw = mail(
        "Delivered-To: info@a.example",
        "Received: from x (helo by fake.example) by MX1.example.net\r\n\twith SMTP; Mon, 1 Jan 2024",
        "received: from y by mx.example.org; Mon, 1 Jan 2024",
        "Delivered-To: <Sales@A.example>",
    )

    facts = scan_mail(raw)

    assert facts.received_count == 2
    assert facts.received_by[1] == "mx.example.org"
    assert facts.delivered_to == ("info@a.example", "Sales@A.example")


def test_hops_beyond_the_fields_that_are_looked_at_change_nothing_for_a_loop() -> None:
    facts = scan_mail(b"Received: by x\r\n" * (MOST_FIELDS * 2) + b"\r\n")

    assert facts.received_count == MOST_FIELDS


@pytest.mark.parametrize(
    ("header", "is_automatic"),
    [
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: auto-replied (vacation)", True),
        ("Auto-Submitted: ???", True),
        ("Precedence: bulk", True),
        ("Precedence: LIST", True),
        ("Precedence: first-class", False),
        ("List-Id: <a.example>", True),
        ("List-Unsubscribe: <mailto:x@a.example>", True),
        ("Listing: no", False),
    ],
)
def test_automatic_mail_is_known(header: str, is_automatic: bool) -> None:
    assert scan_mail(mail(header)).is_automatic is is_automatic


def test_names_that_a_signature_covers_once_more_than_they_are_there_are_told() -> None:
    raw = mail(
        "DKIM-Signature: v=1; d=a.example; h=From:From:Subject:\r\n Delivered-To:to; b=xyz",
        "From: a@a.example",
        "To: b@b.example",
    )

    assert scan_mail(raw).oversigned == {"from", "subject", "delivered-to"}


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ([b'Content-Disposition: attachment; filename="a.txt"'], "a.txt"),
        ([b'Content-Type: text/plain; name="b;\\"c.txt"'], 'b;"c.txt'),
        ([b"Content-Disposition: attachment; filename*=utf-8''r%C3%A9sum%C3%A9.pdf"], "résumé.pdf"),
        ([b"Content-Disposition: attachment;\r\n filename*0*=utf-8''a%20;\r\n filename*1=b.txt"], "a b.txt"),
        ([b'Content-Disposition: attachment; filename="=?utf-8?q?caf=C3=A9.txt?="'], "café.txt"),
        ([b"Content-Disposition: attachment; filename=../../etc/passwd"], "../../etc/passwd"),
        ([b"Content-Disposition: attachment"], ""),
        ([b"Content-Type: image/png"], ""),
    ],
)
def test_attachments_are_found_by_their_headers(headers: list[bytes], name: str) -> None:
    raw = IN_PARTS + part(body=b"text") + part(*headers, body=b"content") + b"--x--\r\n"

    (found,) = scan_mail(raw).attachments

    assert (found.name, found.size_bytes) == (name, len(b"content"))


def test_the_size_of_a_base64_attachment_is_that_of_its_content() -> None:
    message = EmailMessage(policy=SMTP)
    message.set_content("x")
    message.add_attachment(b"y" * 100_001, maintype="image", subtype="png", filename="y.png")

    assert scan_mail(message.as_bytes()).attachments == (Attachment("y.png", "image/png", 100_001),)


def test_text_in_two_forms_and_pictures_in_html_are_no_attachments_and_plain_text_is_previewed() -> None:
    message = EmailMessage(policy=SMTP)
    message.set_content("plain words\n")
    message.add_alternative("<style>p {}</style><p>html words</p>", subtype="html")

    facts = scan_mail(message.as_bytes())

    assert facts.attachments == ()
    assert facts.preview == "plain words"


def test_html_alone_is_previewed_as_its_words() -> None:
    html = b"<html><head><title>t</title></head><body><style>p{}</style><!-- no --><p>One &amp; <b>two</b></p></body>"
    raw = b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html

    assert scan_mail(raw).preview == "One & two"


def test_parts_end_with_an_outer_delimiter_where_the_inner_end_is_missing() -> None:
    inner = b"--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\n\r\ninner\r\n"
    raw = IN_PARTS + inner + part(b"Content-Disposition: attachment; filename=a", body=b"1234") + b"--x--\r\n"

    facts = scan_mail(raw)

    assert facts.preview == "inner"
    assert facts.attachments == (Attachment("a", "text/plain", 4),)
