"""Make the awkward messages of tests/data/mail anew: `python -m tests.helpers.mail_corpus_maker`.

They are kept as files, so that nothing has to sign anything to read them. The private keys are thrown away; what their
public halves look like in the DNS stands in keys.json. Needs authres beside dkimpy, whose ARC sealing wants it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterator

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.helpers.mail_corpus import PLACE
from tests.helpers.signing import SIGNED, SigningKey

AUTHOR = SigningKey("author.example", "s1")
LIST = SigningKey("list.example", "l1")
HOP = SigningKey("hop.example", "h1")
HOP_2 = SigningKey("hop2.example", "h2")


def lines(*parts: str | bytes) -> bytes:
    return b"".join((part if isinstance(part, bytes) else part.encode()) + b"\r\n" for part in parts)


HEAD = (
    "From: Ada <ada@author.example>",
    "To: shop@alias.example",
    "Subject: An order",
    "Date: Sun, 22 Nov 2026 10:00:00 +0000",
    "Message-ID: <1@author.example>",
    "MIME-Version: 1.0",
)
PLAIN = lines(*HEAD, "Content-Type: text/plain; charset=us-ascii", "", "Hello,", "", "ten of them, please.", "", "Ada")


def plain_messages() -> Iterator[tuple[str, bytes]]:
    yield "plain", PLAIN
    yield "no-body", lines(*HEAD, "")
    yield "no-empty-line", lines(*HEAD)
    yield "empty-lines-only", lines(*HEAD, "", "", "", "", "")
    yield "blanks-at-line-ends", lines(*HEAD, "", "one  \t", "two\t\tthree ", " ", "\t", "four", "", " ", "", "")
    yield "dots", lines(*HEAD, "", ".", "..", ".dot", "", ".")
    yield (
        "body-like-a-header",
        lines(*HEAD, "", "From: nobody@elsewhere.example", "DKIM-Signature: v=1; a=x", "", "end"),
    )
    yield "from-line-in-body", lines(*HEAD, "", "From here on it is a poem", ">From there, too")
    yield (
        "8bit-utf-8",
        lines(
            *HEAD, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "Grüße, 你好, 🙂"
        ),
    )
    yield (
        "8bit-latin-1",
        lines(
            *HEAD, "Content-Transfer-Encoding: 8bit", "", "Grüße aus Köln".encode("latin-1"), bytes(range(0x80, 0x100))
        ),
    )
    yield "lines-of-998", lines(*HEAD, "", "x" * 998, "y" * 998, "é" * 499)
    yield "lines-longer-than-998", lines(*HEAD, "", "x" * 5000, "z" * 80000)


def odd_headers() -> Iterator[tuple[str, bytes]]:
    yield (
        "header-in-utf-8",
        lines("From: Ädä <ada@author.example>", "Subject: Grüße 你好", "To: größe@bücher.example", "", "SMTPUTF8"),
    )
    yield "header-in-latin-1", lines(*HEAD, "X-Town: Köln".encode("latin-1"), b"X-Bytes: \x80\x81\xfe\xff", "", "body")
    yield "header-in-shift-jis", lines(*HEAD[:2], b"Subject: \x93\xfa\x96{\x8c\xea", *HEAD[3:], "", "body")
    yield (
        "folded-oddly",
        lines(
            "From:",
            " Ada",
            "\t<ada@author.example>",
            "Subject: a",
            "  b",
            " \t c",
            "To:shop@alias.example",
            "X-Blank-Fold: a",
            " ",
            "\t",
            " b",
            "X-Empty:",
            "X-Only-Blanks:   ",
            "",
            "body",
        ),
    )
    yield "blank-before-the-colon", lines(*HEAD[:3], "Date : Sun, 22 Nov 2026 10:00:00 +0000", "X-Tab\t: x", "", "body")
    yield (
        "long-header-line",
        lines(
            *HEAD,
            "X-Long: " + "a" * 980,
            "References: " + "\r\n ".join(f"<{n}@author.example>" for n in range(200)),
            "",
            "body",
        ),
    )
    yield "many-headers", lines(*HEAD, *(f"X-Header-{n}: {n}" for n in range(800)), "", "body")
    yield (
        "twice-the-same",
        lines(*HEAD, "To: other@alias.example", "Subject: Another one", "X-Twice: 1", "X-Twice: 2", "", "body"),
    )
    yield (
        "lines-that-are-no-header",
        lines("Return-Path: <ada@author.example>", *HEAD, "this is no header", ":neither", "", "body"),
    )
    yield "mailbox-line", lines("From ada@author.example Sun Nov 22 10:00:00 2026", *HEAD, "", "body")
    yield (
        "received-many",
        lines(
            *(f"Received: from a{n}.example by b{n}.example; Sun, 22 Nov 2026 10:00:00 +0000" for n in range(20)),
            *HEAD,
            "",
            "body",
        ),
    )
    yield (
        "authentication-results",
        lines("Authentication-Results: mx.alias.example; spf=pass smtp.mailfrom=bank.example", *HEAD, "", "body"),
    )
    yield "no-from", lines(*HEAD[1:], "", "body")
    yield "two-froms", lines(*HEAD, "From: Boss <boss@bank.example>", "", "body")
    yield (
        "list-message",
        lines(
            "Sender: list@list.example",
            "List-Id: <news.list.example>",
            "List-Unsubscribe: <https://list.example/u>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Precedence: list",
            *HEAD,
            "",
            "body",
        ),
    )


def structures() -> Iterator[tuple[str, bytes]]:
    yield (
        "multipart",
        lines(
            *HEAD,
            'Content-Type: multipart/mixed; boundary="=_b"',
            "",
            "preamble",
            "--=_b",
            "Content-Type: text/plain",
            "",
            "text",
            "--=_b",
            "Content-Type: application/pdf; name=invoice.pdf",
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment; filename=invoice.pdf",
            "",
            base64.b64encode(b"%PDF-1.7 " + bytes(range(200))),
            "--=_b--",
            "epilogue",
        ),
    )
    depth = 60
    yield (
        "deep-mime",
        lines(
            *HEAD,
            'Content-Type: multipart/mixed; boundary="b0"',
            "",
            *(
                line
                for n in range(1, depth)
                for line in (f"--b{n - 1}", f'Content-Type: multipart/mixed; boundary="b{n}"', "")
            ),
            f"--b{depth - 1}",
            "Content-Type: text/plain",
            "",
            "the bottom",
            *(f"--b{n}--" for n in range(depth - 1, -1, -1)),
        ),
    )
    yield (
        "boundary-that-is-odd",
        lines(
            *HEAD,
            "Content-Type: multipart/mixed;",
            ' boundary="a b\'()+_,-./:=?"',
            "",
            "--a b'()+_,-./:=?",
            "",
            "x",
            "--a b'()+_,-./:=?--",
        ),
    )
    yield (
        "smime-signed",
        lines(
            *HEAD,
            'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="s"',
            "",
            "--s",
            "Content-Type: text/plain",
            "",
            "signed  ",
            "text\t",
            "--s",
            "Content-Type: application/pkcs7-signature; name=smime.p7s",
            "Content-Transfer-Encoding: base64",
            "",
            base64.b64encode(bytes(range(256))),
            "--s--",
        ),
    )
    yield (
        "smime-encrypted",
        lines(
            *HEAD,
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            "Content-Transfer-Encoding: base64",
            "",
            base64.encodebytes(bytes(range(255, -1, -1)) * 8).strip().replace(b"\n", b"\r\n"),
        ),
    )
    yield (
        "pgp-mime",
        lines(
            *HEAD,
            'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="p"',
            "",
            "--p",
            "Content-Type: application/pgp-encrypted",
            "",
            "Version: 1",
            "--p",
            "Content-Type: application/octet-stream",
            "",
            "-----BEGIN PGP MESSAGE-----",
            "",
            "hQEMA0",
            "=abcd",
            "-----END PGP MESSAGE-----",
            "--p--",
        ),
    )
    yield (
        "pgp-in-the-body",
        lines(
            *HEAD,
            "",
            "-----BEGIN PGP SIGNED MESSAGE-----",
            "Hash: SHA512",
            "",
            "- -- ",
            "text ",
            "-----BEGIN PGP SIGNATURE-----",
            "",
            "iQE",
            "-----END PGP SIGNATURE-----",
        ),
    )
    yield (
        "report",
        lines(
            "From: MAILER-DAEMON@author.example",
            "To: shop@alias.example",
            "Subject: Undelivered",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="r"',
            "",
            "--r",
            "",
            "It did not arrive.",
            "--r",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.author.example",
            "",
            "Final-Recipient: rfc822; nobody@author.example",
            "Action: failed",
            "Status: 5.1.1",
            "--r",
            "Content-Type: message/rfc822",
            "",
            *HEAD,
            "",
            "body",
            "--r--",
        ),
    )
    yield (
        "message-in-a-message",
        lines(
            *HEAD,
            "Content-Type: message/rfc822",
            "",
            "From: inner@author.example",
            "DKIM-Signature: v=1; a=rsa-sha256",
            "Subject: inner",
            "",
            "body",
        ),
    )


def signed_messages() -> Iterator[tuple[str, bytes]]:
    multipart = dict(structures())["multipart"]
    yield "dkim-relaxed", AUTHOR.signed(multipart)
    yield "dkim-simple", AUTHOR.signed(dict(plain_messages())["blanks-at-line-ends"], canonical=(b"simple", b"simple"))
    yield (
        "dkim-relaxed-simple",
        AUTHOR.signed(
            dict(odd_headers())["folded-oddly"],
            canonical=(b"relaxed", b"simple"),
            headers=[b"from", b"subject", b"x-empty"],
        ),
    )
    yield (
        "dkim-oversigned",
        AUTHOR.signed(PLAIN, headers=[*SIGNED, *SIGNED, b"reply-to", b"cc", b"list-unsubscribe", b"sender"]),
    )
    yield "dkim-length", AUTHOR.signed(PLAIN, length=True) + b"added by a list\r\n"
    yield "dkim-twice", LIST.signed(AUTHOR.signed(PLAIN))
    yield "dkim-broken", AUTHOR.signed(PLAIN).replace(b"ten of them", b"all of them")
    yield "dkim-8bit", AUTHOR.signed(dict(plain_messages())["8bit-latin-1"], canonical=(b"simple", b"relaxed"))
    yield (
        "dkim-sha1",
        dkim.sign(PLAIN, b"s1", b"author.example", AUTHOR.pair.private_key, signature_algorithm=b"rsa-sha1") + PLAIN,
    )


def sealed_messages() -> Iterator[tuple[str, bytes]]:
    signed = AUTHOR.signed(PLAIN)
    once = HOP.sealed_by_dkimpy(
        signed, "spf=pass smtp.mailfrom=author.example; dkim=pass header.d=author.example; arc=none"
    )
    twice = HOP_2.sealed_by_dkimpy(
        once, "spf=fail smtp.mailfrom=author.example; dkim=pass header.d=author.example; arc=pass"
    )
    yield "arc-one", once
    yield "arc-two", twice
    yield "arc-changed-on-the-way", once.replace(b"ten of them", b"all of them")
    yield "arc-ended", HOP_2.sealed_by_dkimpy(once.replace(b"ten of them", b"all of them"), "spf=none; arc=fail")
    yield (
        "arc-not-whole",
        b"".join(
            line for line in twice.splitlines(keepends=True) if not line.startswith(b"ARC-Authentication-Results: i=1")
        ),
    )


def ed25519_message() -> tuple[bytes, str]:
    """Sign with Ed25519 by hand (RFC 8463), as dkimpy would want another library for it."""
    key = Ed25519PrivateKey.generate()
    body = PLAIN.partition(b"\r\n\r\n")[2]
    body_hash = base64.b64encode(hashlib.sha256(body).digest()).decode()
    head = f"v=1; a=ed25519-sha256; c=simple/simple; d=author.example; s=e1; h=from:to; bh={body_hash}; b="
    hashed = lines(HEAD[0], HEAD[1]) + b"DKIM-Signature: " + head.encode()
    signature = base64.b64encode(key.sign(hashlib.sha256(hashed).digest())).decode()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return lines(
        f"DKIM-Signature: {head}{signature}"
    ) + PLAIN, f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode()}"


def main() -> None:
    makers: tuple[Callable[[], Iterator[tuple[str, bytes]]], ...] = (
        plain_messages,
        odd_headers,
        structures,
        signed_messages,
        sealed_messages,
    )
    for old in PLACE.glob("*.eml"):
        old.unlink()
    keys = {key.name: key.record for key in (AUTHOR, LIST, HOP, HOP_2)}
    message, keys["e1._domainkey.author.example"] = ed25519_message()
    (PLACE / "dkim-ed25519.eml").write_bytes(message)
    for maker in makers:
        for name, raw in maker():
            (PLACE / f"{name}.eml").write_bytes(raw)
    (PLACE / "keys.json").write_text(json.dumps(keys, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
