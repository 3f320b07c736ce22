"""What the search language means, in plain Python: the yardstick that the database's answers are held against."""

from __future__ import annotations

from smtpy_desktop.core.message_search_words import lower, words_of
from smtpy_desktop.schemas.message_search import (
    AddressParts,
    DomainName,
    Feature,
    Has,
    Identity,
    Reason,
    Search,
    SearchKey,
    SizeSpan,
    Statuses,
    Term,
    Thread,
    TimeSpan,
    Words,
)
from smtpy_desktop.schemas.messages import MessageDetails, MessageStatus

_LONGEST_WORD_BYTES = 2046
_FAILED = frozenset({MessageStatus.FAILED, MessageStatus.BOUNCED, MessageStatus.REJECTED})


def matches(search: Search, message: MessageDetails, *, unicode_domain_name: str = "") -> bool:
    """Say whether a search lets a message through."""
    return all(
        any(_holds(term, message, unicode_domain_name) is not term.is_excluded for term in group)
        for group in search.groups
    )


def _holds(term: Term, message: MessageDetails, unicode_domain_name: str) -> bool:
    match term.meaning:
        case Words() as wanted:
            return any(_has_words(field, wanted) for field in _fields(term.key, message))
        case AddressParts() as wanted:
            return _is_address(term.key, message, wanted)
        case DomainName(name, is_open):
            return any(_is_domain(each, name, is_open=is_open) for each in (message.domain_name, unicode_domain_name))
        case Statuses() | Reason() as wanted:
            return _has_become(message, wanted)
        case TimeSpan(since, until):
            return (since is None or message.created_at >= since) and (until is None or message.created_at < until)
        case SizeSpan(above, below):
            return (above is None or message.size_bytes > above) and (below is None or message.size_bytes < below)
        case Has(feature):
            return message.has_attachments if feature is Feature.ATTACHMENT else message.error_message is not None
        case Thread(thread_id):
            return message.thread_id in (thread_id, f"<{thread_id}>")
        case Identity(message_id, number):
            return message.message_id in (message_id, f"<{message_id}>") or message.id == number


def _has_become(message: MessageDetails, wanted: Statuses | Reason) -> bool:
    if isinstance(wanted, Statuses):
        return message.status in wanted.statuses
    bounce_class = "other" if message.bounce_class is None else message.bounce_class[:100]
    return message.status in _FAILED and bounce_class == wanted.name


def _fields(key: SearchKey, message: MessageDetails) -> tuple[str, ...]:
    """Return the texts that words are looked for in, cut as the database cuts them."""
    subject, sender = message.subject[:2000], message.sender_email[:400]
    recipient, forwarded = message.recipient_email[:400], (message.forwarded_to or "")[:2000]
    match key:
        case SearchKey.FROM:
            return (sender,)
        case SearchKey.TO:
            return (recipient,)
        case SearchKey.FORWARDED:
            return (forwarded,)
        case SearchKey.SUBJECT:
            return (subject,)
        case SearchKey.ERROR:
            error = message.error_message
            return () if error is None else (error[:2000], (message.bounce_class or "")[:100])
        case _:
            return (subject, sender, recipient, forwarded, message.body_preview[:4000])


def _has_words(value: str, wanted: Words) -> bool:
    there = tuple(word for word in words_of(value) if len(word.encode()) <= _LONGEST_WORD_BYTES)
    *whole, last = wanted.words
    for start in range(len(there) - len(whole)):
        end = start + len(whole)
        is_last = there[end] == last or (wanted.is_open and there[end].startswith(last))
        if is_last and there[start:end] == tuple(whole):
            return True
    return False


def _is_address(key: SearchKey, message: MessageDetails, wanted: AddressParts) -> bool:
    if key is SearchKey.FORWARDED:
        targets = lower(message.forwarded_to or "").replace(",", " ").split(" ")
        return any(_is_one_address(target, wanted) for target in targets if target)
    return _is_one_address(lower(message.sender_email if key is SearchKey.FROM else message.recipient_email), wanted)


def _is_one_address(address: str, wanted: AddressParts) -> bool:
    if not (wanted.local or wanted.host):
        return not address
    if not wanted.local:
        return f"@{wanted.host}" in address if wanted.is_open else address.endswith(f"@{wanted.host}")
    whole = f"{wanted.local}@{wanted.host}"
    return address.startswith(whole) if wanted.is_open or not wanted.host else address == whole


def _is_domain(name: str, wanted: str, *, is_open: bool) -> bool:
    return f".{wanted}" in f".{name}" if is_open else name == wanted
