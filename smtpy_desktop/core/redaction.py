"""Secrets taken out of text before it goes into a log, onto the clipboard or into a support bundle.

In doubt more is taken out than needed: a log line that says too little does less harm than one that says too much.
Every pattern runs in linear time and leaves its own result alone (``redact(redact(x)) == redact(x)``); JSON stays JSON.
"""

from __future__ import annotations

import re

HIDDEN = "***"

# In quotes: with backslashes (Python, JSON, libpq) or doubled quotes (SQL) inside, or cut off before the closing quote.
_DOUBLE_QUOTED = r'"(?:[^"\\]|\\.|"")*+(?:"|\\?\Z)'
_SINGLE_QUOTED = r"'(?:[^'\\]|\\.|'')*+(?:'|\\?\Z)"

_NAMES = (
    r"passw(?:or)?d|passwd|passphrase|passcode|\bpwd\b|\bpass\b|secret|credentials?"
    r"|(?:api|access|master|private|signing)[-_ ]?key"
    r"|(?<!verification[-_ ])token\b"  # what proves the ownership of a domain is published in the DNS
)

_KEY = rf"(?i)((?:{_NAMES})[\w.-]{{0,40}}+(?:\\*[\"'])?\s*(?:=>|[:=])\s*)"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # PEM and OpenSSH private keys, also with "\n" written out, also cut off before their end.
    (
        re.compile(
            r"-----BEGIN ([A-Z0-9 ]{0,40}?)PRIVATE KEY( BLOCK)?-----.*?"
            r"(?:-----END [A-Z0-9 ]{0,40}?PRIVATE KEY(?: BLOCK)?-----|\Z)",
            re.DOTALL,
        ),
        rf"-----BEGIN \1PRIVATE KEY\2-----{HIDDEN}-----END \1PRIVATE KEY\2-----",
    ),
    # Stripe: secret and restricted keys, webhook secrets, and the client secrets of single objects.
    (re.compile(r"((?:sk|rk)_(?:org_)?(?:live|test)_)[A-Za-z0-9_]++"), rf"\1{HIDDEN}"),
    (re.compile(r"(whsec_)[A-Za-z0-9+/=_-]++"), rf"\1{HIDDEN}"),
    (re.compile(r"((?:pi|seti|cs|src|ek)_[A-Za-z0-9_]{1,128}?_secret_)[A-Za-z0-9_-]++"), rf"\1{HIDDEN}"),
    # Headers and commands of signing in.
    (re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*)[^\r\n]++"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(\bbearer\s+)\S++"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(\bAUTH\s+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5)\s+)\S++"), rf"\1{HIDDEN}"),
    # Passwords in the addresses of databases and mail servers, which may stand there unescaped: up to the last "@".
    (
        re.compile(
            r"(?i)((?:postgres\w{0,9}|mysql|mariadb|redis|amqp|smtp|imap|ldap)s?(?:\+\w{1,20})?://[^\s:/@]*+:)\S{0,1000}@"
        ),
        rf"\1{HIDDEN}@",
    ),
    (re.compile(r"(://[^\s:/@\"'<>]*+:)[^\s/\"'<>]{0,1000}@"), rf"\1{HIDDEN}@"),
    # password=…, 'password': '…', "api_key": "…", PASSWORD '…' (SQL), STRIPE_API_KEY=…, password => …
    (re.compile(rf"{_KEY}([bru]{{0,2}}){_DOUBLE_QUOTED}", re.DOTALL), rf'\1\2"{HIDDEN}"'),
    (re.compile(rf"{_KEY}([bru]{{0,2}}){_SINGLE_QUOTED}", re.DOTALL), rf"\1\2'{HIDDEN}'"),
    (re.compile(rf'{_KEY}\\+"[^"]{{0,1000}}?\\+"'), rf'\1\\"{HIDDEN}\\"'),
    (re.compile(rf"{_KEY}(?![bru]{{0,2}}[\"'])\S++"), rf"\1{HIDDEN}"),
    (re.compile(rf"(?i)(\bpassword\s+){_SINGLE_QUOTED}", re.DOTALL), rf"\1'{HIDDEN}'"),
    # A master key: 64 hexadecimal digits, only after the word key (digests and ids look the same).
    (re.compile(r"(?i)(key\W{1,6}(?:is\W{1,3})?b?[\"']?)[0-9a-f]{64}(?![0-9a-f])"), rf"\1{HIDDEN}"),
)


def redact(text: str) -> str:
    """Return the text with every secret that can be recognised replaced by ``***``."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
