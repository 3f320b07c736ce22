"""Why a delivery fails or is put off, and which of that has to do with how we are let in at a server."""

from __future__ import annotations

import enum
import re

from smtpy_desktop.schemas.forwarder import SIGN_IN_COUNTERS


class BounceClass(enum.StrEnum):
    """Why a delivery failed, as far as the reply tells."""

    MAILBOX_FULL = "mailbox_full"
    UNKNOWN_USER = "unknown_user"
    MAILBOX_DISABLED = "mailbox_disabled"
    POLICY = "policy"
    CONTENT = "content"
    REPUTATION = "reputation"
    GREYLISTED = "greylisted"
    RATE_LIMITED = "rate_limited"
    TOO_LARGE = "too_large"
    RELAY_DENIED = "relay_denied"
    HOST_NOT_FOUND = "host_not_found"
    NO_MAIL_ACCEPTED = "no_mail_accepted"
    CONNECTION_REFUSED = "connection_refused"
    TIMEOUT = "timeout"
    TLS_REQUIRED = "tls_required"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_IN_OTHER_WAY = "sign_in_other_way"
    SIGN_IN_NEEDED = "sign_in_needed"
    SIGN_IN_UNSAFE = "sign_in_unsafe"
    SIGN_IN_NOT_NOW = "sign_in_not_now"
    LOOP = "loop"
    SERVER_BUSY = "server_busy"
    OTHER = "other"


SIGN_IN_TROUBLES = frozenset(bounce for bounce in BounceClass if bounce.value.startswith(SIGN_IN_COUNTERS))
"""Why a server does not let us in; that says nothing about a message."""

OWN_MISTAKES = SIGN_IN_TROUBLES | {BounceClass.RELAY_DENIED}
"""What a smart host only says when it is set up wrongly: nothing about the message, which waits."""

# RFC 4954 section 6. 530 is also what servers answer that want TLS first (RFC 3207 section 4).
_BY_SIGN_IN_CODE: dict[int, BounceClass] = {
    432: BounceClass.SIGN_IN_OTHER_WAY,
    530: BounceClass.SIGN_IN_NEEDED,
    534: BounceClass.SIGN_IN_OTHER_WAY,
    535: BounceClass.SIGN_IN_REFUSED,
    538: BounceClass.SIGN_IN_UNSAFE,
}
_OWN_WORDS: tuple[tuple[str, BounceClass], ...] = (
    ("the smart host does not accept the user name", BounceClass.SIGN_IN_REFUSED),
    ("the smart host does not take this password", BounceClass.SIGN_IN_OTHER_WAY),
    ("the smart host offers no way to sign in", BounceClass.SIGN_IN_OTHER_WAY),
    ("the smart host cannot check the user name", BounceClass.SIGN_IN_NOT_NOW),
    ("the password of the smart host is not known", BounceClass.SIGN_IN_NEEDED),
    ("the password is only sent over tls", BounceClass.SIGN_IN_UNSAFE),
)
_WANTS_TLS = re.compile(r"\btls\b|starttls|encrypt|\bssl\b")


def sign_in_trouble(code: int | None, words: str) -> BounceClass | None:
    """Return why nobody could be signed in; None when a reply (``words`` in lower case) is about something else."""
    for beginning, bounce in _OWN_WORDS:
        if words.startswith(beginning):
            return bounce
    if code == 530 and _WANTS_TLS.search(words):
        return None
    return _BY_SIGN_IN_CODE.get(code or 0)
