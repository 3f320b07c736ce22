"""Our Authentication-Results header (RFC 8601).

Received ones stay where they are, those too that carry our own name, which section 5 asks to remove: that could break a
signature. What we found stands on top of them, and nothing that comes in is ever believed here.
"""

from __future__ import annotations

import re

import idna

from smtpy_desktop.core.header_lines import header_line
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature

_NAME = "Authentication-Results"
_TOKEN = re.compile(r"[A-Za-z0-9._-]+\Z")
_RESULT = re.compile(r"[a-z]+\Z")
_UNFIT = re.compile(r"[^ -~]+")
_TO_ESCAPE = re.compile(r'(["\\])')
_LONGEST_VALUE = 255


def authentication_results_line(hostname: str, verdict: AuthenticationVerdict, sender: str) -> bytes:
    """Return the header line for a verdict, in ASCII; ``sender`` is MAIL FROM (empty: the name of EHLO was checked)."""
    return header_line(_NAME, results_text(hostname, verdict, sender))


def results_text(hostname: str, verdict: AuthenticationVerdict, sender: str) -> str:
    """Return the value of the header on one line, as Authentication-Results and its ARC counterpart have it."""
    entries = [_spf(verdict, sender)]
    entries += [_dkim(signature) for signature in verdict.dkim] or ["dkim=none"]
    entries.append(_dmarc(verdict))
    if verdict.arc != "none":
        entries.append(f"arc={_result(verdict.arc)}")
    return "; ".join([_value(hostname or "localhost"), *entries])


def _spf(verdict: AuthenticationVerdict, sender: str) -> str:
    if not verdict.spf_domain:
        return f"spf={_result(verdict.spf)}"
    return f"spf={_result(verdict.spf)} smtp.{'mailfrom' if sender else 'helo'}={_value(verdict.spf_domain)}"


def _dkim(signature: DkimSignature) -> str:
    words = [f"dkim={_result(signature.result)}"]
    if signature.reason:
        words.append(f"reason={_quoted(signature.reason)}")
    if signature.domain:
        words.append(f"header.d={_value(signature.domain)}")
    if signature.selector:
        words.append(f"header.s={_value(signature.selector)}")
    return " ".join(words)


def _dmarc(verdict: AuthenticationVerdict) -> str:
    policy = f" (p={verdict.policy})" if _RESULT.match(verdict.policy) else ""
    domain = f" header.from={_value(verdict.from_domain)}" if verdict.from_domain else ""
    return f"dmarc={_result(verdict.dmarc)}{policy}{domain}"


def _result(result: str) -> str:
    return result if _RESULT.match(result) else "permerror"


def _value(value: str) -> str:
    """A value as it may stand: a token, or quoted; names in other scripts as A-labels."""
    if not value.isascii():
        try:
            value = idna.encode(value, uts46=True).decode("ascii")
        except idna.IDNAError:
            return _quoted(value)
    return value if _TOKEN.match(value) and len(value) <= _LONGEST_VALUE else _quoted(value)


def _quoted(value: str) -> str:
    """A quoted string; what is not printable ASCII becomes a question mark."""
    return '"' + _TO_ESCAPE.sub(r"\\\1", _UNFIT.sub("?", value)[:_LONGEST_VALUE]) + '"'
