"""Builds the report that tells a sender that mail was not delivered (RFC 3464, 6522, 6533, 3834).

It names the alias that the sender wrote to. The target behind it is nobody's business: it is masked in every text.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime

from smtpy_desktop.core.bounce_advice import classify
from smtpy_desktop.core.bounce_kinds import SIGN_IN_TROUBLES, BounceClass
from smtpy_desktop.core.header_lines import HeaderFault, header_line
from smtpy_desktop.core.smtp_reply import readable
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, SendResult
from smtpy_desktop.schemas.spool import EnvelopeKind, SpooledEnvelope, SpooledMessage

_MOST_HEADER_BYTES = 16 * 1024
_LONGEST_REPLY = 600
_MASK = "[hidden]"
_MESSAGE_ID = re.compile(rb"^message-id:[ \t\r\n]*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_BEYOND_XTEXT = re.compile(r"[^!-*,-<>-\[\]-~]")
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")

_REASONS: dict[BounceClass, str] = {
    BounceClass.MAILBOX_FULL: "The recipient's mailbox is full.",
    BounceClass.UNKNOWN_USER: "The mailbox behind this address does not exist (any more).",
    BounceClass.MAILBOX_DISABLED: "The mailbox behind this address is switched off.",
    BounceClass.POLICY: "The recipient's mail server refused the message by its policy.",
    BounceClass.CONTENT: "The recipient's mail server refused the message for its content.",
    BounceClass.REPUTATION: "The recipient's mail server does not take mail from our server at present.",
    BounceClass.TOO_LARGE: "The message is too large for the recipient's mail server.",
    BounceClass.TIMEOUT: "The recipient's mail server did not answer in time.",
    BounceClass.CONNECTION_REFUSED: "The recipient's mail server could not be reached.",
    BounceClass.HOST_NOT_FOUND: "The recipient's mail server could not be found.",
    BounceClass.LOOP: "The message would have gone round in a circle.",
}
_OTHER_REASON = "The recipient's mail server did not take the message."


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A delivery that has failed for good, by its last result; ``hostname`` is our server's name.

    ``is_by_hand``: somebody decided that it is not tried any more.
    """

    due: DueDelivery
    result: SendResult
    hostname: str
    retry_days: int
    is_by_hand: bool = False


def build_report(failed: FailedDelivery, now: datetime) -> SpooledMessage:
    """Return the report to the original sender, from the null sender, ready to be spooled."""
    due = failed.due
    recipient, alias = due.original_sender, due.recipient_email
    is_utf8 = not recipient.isascii()  # for the alias alone nobody has to be able to take such mail
    original_id = _original_id(due.mail.raw)
    message_id = f"<{_token(due, now)}@{failed.hostname or 'localhost'}>"
    raw = _message(failed, now, message_id=message_id, original_id=original_id, is_utf8=is_utf8)
    return SpooledMessage(
        domain_id=due.domain_id,
        message_id=message_id,
        thread_id=original_id or None,
        sender_email=f"mailer-daemon@{failed.hostname or 'localhost'}",
        recipient_email=recipient,
        forwarded_to=recipient,
        subject=_subject(alias),
        body_preview=_explanation(failed)[0],
        status=MessageStatus.PENDING,
        size_bytes=len(raw),
        headers=raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace"),
        raw=raw,
        targets=(recipient,),
        envelope=SpooledEnvelope(
            EnvelopeKind.REPORT, sender="", forward_sender="", is_utf8=is_utf8, is_8bit=not raw.isascii()
        ),
    )


def masked(text: str, target: str, alias: str) -> str:
    """Return a text without the target: its address becomes the alias, its parts a mask, in any spelling."""
    local, _, domain = target.rpartition("@")
    base = re.split(r"[+\-]", local)[0]
    text = re.sub(re.escape(target), lambda _: alias, text, flags=re.IGNORECASE)
    words = {one for one in (local, base, domain) if len(one) > 1 or one == local}
    alternatives = "|".join(re.escape(one) for one in sorted(words, key=len, reverse=True) if one)
    if not alternatives:
        return text
    pattern = rf"(?:(?<![^\W_])|(?<=%[0-9a-f][0-9a-f]))(?:{alternatives})(?![^\W_])"  # links have %40 for @
    parts = text.split(alias)  # the alias may share a word with the target, and stays whole
    return alias.join(re.sub(pattern, _MASK, part, flags=re.IGNORECASE) for part in parts)


def _message(failed: FailedDelivery, now: datetime, *, message_id: str, original_id: str, is_utf8: bool) -> bytes:
    due = failed.due
    boundary = f"=_{_token(due, now)}"
    host = failed.hostname or "localhost"
    lines = [
        ("From", f"Mail Delivery System <mailer-daemon@{host}>"),
        ("To", f"<{due.original_sender}>"),
        ("Subject", _written_subject(due.recipient_email, is_utf8=is_utf8)),
        ("Date", format_datetime(now)),
        ("Message-ID", message_id),
        ("Auto-Submitted", "auto-replied"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/report; report-type=delivery-status; boundary="{boundary}"'),
    ]
    if original_id:
        lines[5:5] = [("In-Reply-To", original_id), ("References", original_id)]
    parts = (
        _part("text/plain; charset=utf-8", _text(failed), is_utf8=is_utf8),
        _part(
            "message/global-delivery-status" if is_utf8 else "message/delivery-status",
            _status(failed, now, is_utf8=is_utf8),
            is_utf8=is_utf8,
        ),
        _part("message/global-headers" if is_utf8 else "text/rfc822-headers", _original_headers(due), is_utf8=is_utf8),
    )
    head = b"".join(_line(name, value, is_utf8=is_utf8) for name, value in lines)
    separator = b"\r\n--" + boundary.encode()
    return head + b"".join(separator + b"\r\n" + part for part in parts) + separator + b"--\r\n"


def _part(kind: str, content: bytes, *, is_utf8: bool) -> bytes:
    encoding = "7bit" if content.isascii() else "8bit"
    head = _line("Content-Type", kind, is_utf8=is_utf8) + _line("Content-Transfer-Encoding", encoding, is_utf8=is_utf8)
    return head + b"\r\n" + content


def _text(failed: FailedDelivery) -> bytes:
    reason, details = _explanation(failed)
    paragraphs = [
        f"This is the mail system at {failed.hostname or 'localhost'}.",
        f"Your message to {failed.due.recipient_email} could not be delivered. {reason}",
        *([f"The answer was: {details}"] if details else []),
        "The beginning of your message is attached. Please do not answer this report.",
    ]
    return "\r\n\r\n".join(paragraphs).encode("utf-8", "replace") + b"\r\n"


def _explanation(failed: FailedDelivery) -> tuple[str, str]:
    result = failed.result
    bounce = _bounce_class(result)
    reason = _REASONS.get(bounce, _OTHER_REASON)
    if failed.is_by_hand:
        tried = f"{reason} No" if result.reply else "No"
        reason = f"{tried} further attempt is made: those who look after this mail system have decided so."
    elif result.outcome is not DeliveryState.FAILED:
        reason = f"{reason} It was tried for {failed.retry_days} days; no further attempt is made."
    return reason, _diagnostic(failed)


def _bounce_class(result: SendResult) -> BounceClass:
    try:
        return BounceClass(result.bounce_class or "")
    except ValueError:
        return classify(result.code, result.enhanced, result.reply)


def _diagnostic(failed: FailedDelivery) -> str:
    result, due = failed.result, failed.due
    if _bounce_class(result) in SIGN_IN_TROUBLES:
        return ""  # how we are let in at our smart host is nobody's business
    words = masked(readable(result.reply)[:_LONGEST_REPLY], due.mail.recipient, due.recipient_email)
    return " ".join(str(part) for part in (result.code, result.enhanced, words) if part)


def _status(failed: FailedDelivery, now: datetime, *, is_utf8: bool) -> bytes:
    """Return the fields of RFC 3464 section 2: those of the message, a blank line, those of the recipient.

    No Remote-MTA, no Original-Recipient: they would lead to the target.
    """
    due, result = failed.due, failed.result
    recipient = [
        ("Final-Recipient", _final_recipient(due.recipient_email, is_utf8=is_utf8)),
        ("Action", "failed"),
        ("Status", _status_code(result)),
    ]
    diagnostic = _diagnostic(failed)
    if diagnostic:
        source = "smtp" if result.code is not None else "x-smtpy"
        recipient.append(("Diagnostic-Code", f"{source}; {diagnostic}"))
    recipient.append(("Last-Attempt-Date", format_datetime(now - timedelta(milliseconds=result.milliseconds))))
    message = [
        ("Reporting-MTA", f"dns; {failed.hostname or 'localhost'}"),
        ("Arrival-Date", format_datetime(due.first_at)),
    ]
    groups = (b"".join(_line(*field, is_utf8=is_utf8) for field in group) for group in (message, recipient))
    return b"\r\n".join(groups)


def _final_recipient(alias: str, *, is_utf8: bool) -> str:
    """Return an address with its type; in ASCII one of another script is written as RFC 6533 section 3 says."""
    if alias.isascii():
        return f"{'utf-8' if is_utf8 else 'rfc822'}; {alias}"
    if is_utf8:
        return f"utf-8; {alias}"
    return "utf-8; " + _BEYOND_XTEXT.sub(lambda found: f"\\x{{{ord(found[0]):02X}}}", alias)


def _status_code(result: SendResult) -> str:
    """Return the status of the recipient: always a permanent one, as it is given up (RFC 3463)."""
    enhanced = result.enhanced or ""
    if enhanced.startswith("5."):
        return enhanced
    if result.outcome is DeliveryState.FAILED:
        return "5.0.0"
    return f"5.{enhanced.partition('.')[2]}" if enhanced.startswith("4.") else "5.4.7"


def _original_headers(due: DueDelivery) -> bytes:
    """Return the header block as it was received, bounded, at whole lines; never what we have put on top of it."""
    block = due.mail.raw[: _MOST_HEADER_BYTES + 4].partition(b"\r\n\r\n")[0][:_MOST_HEADER_BYTES]
    if len(block) == _MOST_HEADER_BYTES:
        block = block.rpartition(b"\r\n")[0]
    target, alias = due.mail.recipient.encode("utf-8", "replace"), due.recipient_email.encode("utf-8", "replace")
    block = re.sub(re.escape(target), lambda _: alias, block, flags=re.IGNORECASE)
    return _LINE_ENDS.sub(b"\r\n", block.replace(b"\0", b"")) + b"\r\n"


def _original_id(raw: bytes) -> str:
    found = _MESSAGE_ID.search(raw[:_MOST_HEADER_BYTES].partition(b"\r\n\r\n")[0])
    identifier = found[1].decode("ascii", "replace") if found else ""
    return identifier if identifier.isascii() and identifier.isprintable() else ""


def _subject(alias: str) -> str:
    return f"Not delivered: your message to {alias}"


def _written_subject(alias: str, *, is_utf8: bool) -> str:
    subject = _subject(alias)
    return (
        subject if is_utf8 or subject.isascii() else Header(subject, "utf-8", header_name="Subject").encode(linesep="")
    )


def _token(due: DueDelivery, now: datetime) -> str:
    """Return what names this report alone, and could not be part of the original message."""
    return hashlib.sha256(f"{due.id} {due.attempt_id} {now.isoformat()}".encode()).hexdigest()[:32]


def _line(name: str, value: str, *, is_utf8: bool) -> bytes:
    """Return a header line through the one function that refuses control characters; a value that is unfit is cut."""
    fit = value if is_utf8 else value.encode("ascii", "replace").decode()
    try:
        return header_line(name, fit, is_utf8=is_utf8)
    except HeaderFault:
        words = " ".join(word[:200] for word in readable(fit).split())
        return header_line(name, words.encode("ascii", "replace").decode(), is_utf8=is_utf8)
