"""Rules of redaction: no secret survives, ordinary text does, and doing it twice changes nothing."""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.redaction import redact

HEX_KEY = "0123456789abcdef" * 4
PEM_BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"

SECRETS = [
    ("sk_live_51AbCdEf", "51AbCdEf"),
    ("using key sk_test_51AbCdEf.", "51AbCdEf"),
    ("rk_live_51AbCdEf and more", "51AbCdEf"),
    ("Invalid API Key provided: sk_test_51AbCdEf", "51AbCdEf"),
    ("prefixsk_live_51AbCdEf", "51AbCdEf"),
    ("whsec_AbC+d/9=", "AbC+d/9="),
    ("pi_3Abc_secret_XyZ9", "XyZ9"),
    ("postgresql://smtpy:hunter2@db.example.net/mail", "hunter2"),
    ("postgresql+psycopg://smtpy:hun:t@er/2@db.example.net:5432/mail", "hun:t@er/2"),
    ("smtp://user:hunter2@mail.example.net:587", "hunter2"),
    ("https://user:hunter2@example.net/x", "hunter2"),
    ("//x://:hunter2@example.net", "hunter2"),
    ("host=db password=hunter2 user=smtpy", "hunter2"),
    (r"host=db password='hun\'ter 2' user=smtpy", "ter 2"),
    ("PASSWORD = hunter2", "hunter2"),
    ("{'password': 'hunter2', 'user': 'smtpy'}", "hunter2"),
    ('{"password":"hun\\"ter2"}', "ter2"),
    ('{"password": "never closed', "never closed"),
    (json.dumps({"body": json.dumps({"password": "hun ter2", "user": "smtpy"})}), "ter2"),
    ("connect(password=b'hunter2')", "hunter2"),
    ("PGPASSWORD=hunter2 psql", "hunter2"),
    ("SMTPY_DATABASE_PASSWORD=hunter2", "hunter2"),
    ("ALTER ROLE smtpy PASSWORD 'hunter 2'", "hunter 2"),
    ("db_password: hunter2", "hunter2"),
    ("client_secret=hunter2", "hunter2"),
    ("passphrase => hunter2", "hunter2"),
    ("https://example.net/?token=hunter2", "hunter2"),
    ("csrf_token=hunter2", "hunter2"),
    ("access-token: hunter2", "hunter2"),
    ("api_key=hunter2", "hunter2"),
    ("Authorization: Bearer hunter2", "hunter2"),
    ("Authorization: Basic dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy"),
    ("{'Authorization': 'Bearer hunter2'}", "hunter2"),
    ("sent bearer hunter2", "hunter2"),
    ("AUTH PLAIN AGh1bnRlcjI=", "AGh1bnRlcjI="),
    (f"key={HEX_KEY}", HEX_KEY),
    (f"master key: {HEX_KEY.upper()}", HEX_KEY.upper()),
    (f"SMTPY_MASTER_KEY = '{HEX_KEY}'", HEX_KEY),
    (f"the key is {HEX_KEY}", HEX_KEY),
    (f"-----BEGIN PRIVATE KEY-----\n{PEM_BODY}\n-----END PRIVATE KEY-----", PEM_BODY),
    (f"-----BEGIN RSA PRIVATE KEY-----\\n{PEM_BODY}\\n-----END RSA PRIVATE KEY-----", PEM_BODY),
    (f"-----BEGIN OPENSSH PRIVATE KEY-----\n{PEM_BODY} cut off", PEM_BODY),
    (f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{PEM_BODY}\n-----END ENCRYPTED PRIVATE KEY-----", PEM_BODY),
]

ORDINARY = [
    "domain example.com verified: 5 of 5 records right",
    'password authentication failed for user "smtpy"',
    "postgresql://smtpy@db.example.net:5432/mail",
    "GET http://127.0.0.1:8090/health?address=a@example.com",
    "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A",
    f"sha256 {HEX_KEY}",
    "pk_live_51AbCdEf is publishable",
    "mailto:postmaster@example.com",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "KeyError: 'domain'",
    "checks passed: 5, tokens = 3",
    "verification_token=smtpy-12ab",
]


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_secrets_are_taken_out(line: str, secret: str) -> None:
    redacted = redact(line)

    assert secret not in redacted
    assert "***" in redacted


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_text_stays_as_it_is(line: str) -> None:
    assert redact(line) == line


def test_what_surrounds_a_secret_stays_readable() -> None:
    line = "connecting to postgresql://smtpy:hunter2@db.example.net:5432/mail failed (host=db password=x user=smtpy)"

    redacted = redact(line)

    assert redacted == (
        "connecting to postgresql://smtpy:***@db.example.net:5432/mail failed (host=db password=*** user=smtpy)"
    )


@given(st.text())
def test_redacting_twice_changes_nothing(line: str) -> None:
    once = redact(line)

    assert redact(once) == once


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_redacting_a_secret_twice_changes_nothing(line: str, secret: str) -> None:
    once = redact(line)

    assert redact(once) == once


WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789 .,:;/=@\"'()[]{}<>\n", max_size=30)
CANARY = "CANARY" + "7Q4"
ALPHANUMERIC = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", max_size=12).map(lambda tail: CANARY + tail)
ODD_PASSWORD = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12).map(lambda tail: tail + CANARY + tail)


@given(
    WORDS, WORDS, ALPHANUMERIC, st.sampled_from(["sk_live_{}", "sk_test_{}", "rk_live_{}", "rk_test_{}", "whsec_{}"])
)
def test_no_stripe_key_survives_wherever_it_stands(before: str, after: str, canary: str, form: str) -> None:
    redacted = redact(before + form.format(canary) + after)

    assert CANARY not in redacted


@given(WORDS, ODD_PASSWORD)
def test_no_odd_password_survives_in_an_address(before: str, password: str) -> None:
    forms = [
        f"postgresql://u:{quote(password, safe='')}@h/d",
        f"postgresql://u:{password}@h/d",
        f"password={quote(password, safe='')}",
        json.dumps({"password": password}),
        json.dumps({"password": password}, ensure_ascii=False),
        repr({"password": password}),
        f"Authorization: Bearer {password}",
    ]

    redacted = [redact(f"{before} {form}\n") for form in forms]

    assert not [line for line in redacted if CANARY in line]


@given(WORDS, WORDS, st.sampled_from(["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "]))
def test_no_private_key_survives_wherever_it_stands(before: str, after: str, kind: str) -> None:
    redacted = redact(f"{before}-----BEGIN {kind}PRIVATE KEY-----\n{CANARY}\n-----END {kind}PRIVATE KEY-----{after}")

    assert CANARY not in redacted


@pytest.mark.parametrize(
    "unit",
    [
        "password",
        "a",
        "://",
        "://a:",
        "postgresql://a:b",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "key key ",
        "password='\\",
        "bearer ",
    ],
)
def test_hostile_input_takes_linear_time(unit: str) -> None:
    line = unit * (400_000 // len(unit))

    started = time.process_time()
    redact(line)

    assert time.process_time() - started < 5
