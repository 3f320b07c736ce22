"""A search for messages as conditions of SQL; values are bound, patterns escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, not_, or_, true, type_coerce
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.models import Message
from smtpy_desktop.database.models.message import (
    ERROR_SEARCH,
    MESSAGE_ID_START,
    THREAD_ID_START,
)
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
from smtpy_desktop.schemas.messages import MessageSort, MessageStatus

Condition = ColumnElement[bool]
DomainIds = Mapping[DomainName, tuple[int, ...]]
"""The ids of the domains that a name stands for."""

_SIMPLE = literal("simple", REGCONFIG)
# The weights of the search words, by field: subject A, sender B, recipient and targets C, preview D.
_WEIGHTS = {SearchKey.SUBJECT: "A", SearchKey.FROM: "B", SearchKey.TO: "C", SearchKey.FORWARDED: "C"}
_CUT = 200
_SHORT_WORD = 3
SORTED_KEYS = {
    MessageSort.SENDER: SearchKey.FROM,
    MessageSort.RECIPIENT: SearchKey.TO,
    MessageSort.FORWARDED: SearchKey.FORWARDED,
    MessageSort.SUBJECT: SearchKey.SUBJECT,
}
"""By which key what an order sorts by is searched."""
_SORTED_COLUMNS: Mapping[SearchKey, Any] = {
    SearchKey.FROM: Message.sender_sort,
    SearchKey.TO: Message.recipient_sort,
    SearchKey.FORWARDED: Message.forwarded_sort,
    SearchKey.SUBJECT: Message.subject_sort,
}
_FAILED = frozenset({MessageStatus.FAILED, MessageStatus.BOUNCED, MessageStatus.REJECTED})


def any_term(terms: tuple[Term, ...], domain_ids: DomainIds) -> Condition:
    """Return the condition that one of the terms holds; it is never NULL."""
    return or_(*(_signed(term, domain_ids) for term in terms))


def has_status(statuses: frozenset[MessageStatus]) -> Condition:
    """Return the condition on the status, in the form that lets the partial index be used."""
    if len(statuses) == 1:
        return and_(Message.status == min(statuses))
    condition = Message.status.in_(sorted(statuses))
    # The planner cannot conclude by itself from a list that none of it is "delivered".
    return condition if MessageStatus.DELIVERED in statuses else and_(condition, Message.status != "delivered")


def is_in_span(span: TimeSpan) -> Condition:
    """Return the condition on the time of arrival."""
    conditions = []
    if span.since is not None:
        conditions.append(Message.created_at >= span.since)
    if span.until is not None:
        conditions.append(Message.created_at < span.until)
    return and_(true(), *conditions)


def _signed(term: Term, domain_ids: DomainIds) -> Condition:
    condition = _condition(term, domain_ids)
    return not_(condition) if term.is_excluded else condition


def _condition(term: Term, domain_ids: DomainIds) -> Condition:
    match term.meaning:
        case Words() as wanted:
            return _has_words(term.key, wanted)
        case AddressParts() as wanted:
            return _is_address(term.key, wanted)
        case DomainName() as wanted:
            return is_one_of(Message.domain_id, domain_ids[wanted])
        case Statuses() | Reason() as wanted:
            return _has_become(wanted)
        case TimeSpan() as span:
            return is_in_span(span)
        case SizeSpan(above, below):
            return Message.size_bytes > above if above is not None else Message.size_bytes < below
        case Has(feature):
            return (
                Message.has_attachments.is_(True)
                if feature is Feature.ATTACHMENT
                else Message.error_message.is_not(None)
            )
        case Thread(thread_id):
            return _is_text(Message.thread_id, THREAD_ID_START, thread_id)
        case Identity(message_id, number):
            by_text = _is_text(Message.message_id, MESSAGE_ID_START, message_id)
            return by_text if number is None else or_(by_text, Message.id == number)


def _is_text(column: Any, start: Any, value: str) -> Condition:
    spellings = (value, f"<{value}>")
    return and_(column.is_not(None), start.in_([each[:_CUT] for each in spellings]), column.in_(spellings))


def _has_become(wanted: Statuses | Reason) -> Condition:
    if isinstance(wanted, Statuses):
        return has_status(wanted.statuses)
    bounce_class = func.left(func.coalesce(Message.bounce_class, "other"), 100)
    return and_(has_status(_FAILED), bounce_class == wanted.name)


def _has_words(key: SearchKey, wanted: Words) -> Condition:
    if key is SearchKey.ERROR:
        return and_(Message.error_message.is_not(None), ERROR_SEARCH.bool_op("@@")(_phrase(wanted)))
    found = _found_by_index(wanted, _WEIGHTS.get(key, ""))
    # Recipient and targets share a weight: which of them it was is looked up in the few rows that are found.
    if key is SearchKey.TO:
        return and_(
            found, without_index(_words_of(func.left(Message.recipient_email, 400)).bool_op("@@")(_phrase(wanted)))
        )
    if key is SearchKey.FORWARDED:
        targets = func.left(func.coalesce(Message.forwarded_to, ""), 2000)
        return and_(found, without_index(_words_of(targets).bool_op("@@")(_phrase(wanted))))
    return found


def _found_by_index(wanted: Words, weight: str) -> Condition:
    """Look the words up, but no short beginning behind others: the index reads everything that it fits."""
    *whole, last = wanted.words
    found: Condition = Message.search.bool_op("@@")(_phrase(wanted, weight))
    if not (whole and wanted.is_open and len(last) <= _SHORT_WORD):
        return found
    narrower = Message.search.bool_op("@@")(_phrase(Words(tuple(whole), is_open=False), weight))
    return and_(narrower, without_index(found))


def sort_may_have(search: Search, sort: MessageSort) -> list[Condition]:
    """Return what the column that a list is sorted by has to hold so that a row can be wanted."""
    key = SORTED_KEYS.get(sort)
    groups = (group[0] for group in search.groups if len(group) == 1 and group[0].key is key)
    wanted = [each.meaning.words for each in groups if isinstance(each.meaning, Words) and not each.is_excluded]
    # Other letters may become other small letters in a word than they do in the whole text.
    words = {word for some in wanted for word in some if word.isascii()}
    if key is None or not words:
        return []
    column = _SORTED_COLUMNS[key]
    has_all = and_(*(column.like(f"%{_escaped(word)}%", escape="\\") for word in sorted(words)))
    return [or_(has_all, func.length(column) >= _CUT)]


def without_index(condition: Condition) -> Condition:
    """Return the same condition in a form for which no index is used, and that the planner expects to hold often."""
    return case((condition, true()), else_=false())


def _words_of(value: Any) -> Any:
    return func.to_tsvector(_SIMPLE, func.smtpy_words(value))


def _phrase(wanted: Words, weight: str = "") -> Any:
    """Return the words one after the other; words hold no quote and no backslash, as those separate words."""
    *whole, last = wanted.words
    marks = ("*" if wanted.is_open else "") + weight
    parts = [f"'{word}'" + (f":{weight}" if weight else "") for word in whole]
    parts.append(f"'{last}'" + (f":{marks}" if marks else ""))
    return type_coerce(func.to_tsquery(_SIMPLE, " <-> ".join(parts)), TSQUERY)


def _is_address(key: SearchKey, wanted: AddressParts) -> Condition:
    if key is SearchKey.FORWARDED:
        return _is_target(wanted)
    column = Message.sender_email if key is SearchKey.FROM else Message.recipient_email
    if not (wanted.local or wanted.host):
        return column == ""
    if wanted.local:
        # Short enough for the index to hold all of it.
        start = Message.sender_sort if key is SearchKey.FROM else Message.recipient_sort
        whole = f"{wanted.local}@{wanted.host}"
        is_prefix = wanted.is_open or not wanted.host
        return start.like(f"{_escaped(whole)}%", escape="\\") if is_prefix else and_(start == whole)
    pattern = f"%@{_escaped(wanted.host)}{'%' if wanted.is_open else ''}"
    return and_(_may_have(key, wanted), func.lower(column).like(pattern, escape="\\"))


def _is_target(wanted: AddressParts) -> Condition:
    """Look among the targets, which stand one after the other with commas or blanks between them."""
    if not (wanted.local or wanted.host):
        return false()
    local = f" {_escaped(wanted.local)}" if wanted.local else ""
    end = "" if wanted.is_open or not wanted.host else " "
    targets = func.concat(" ", func.replace(func.lower(Message.forwarded_to), ",", " "), " ")
    pattern = f"%{local}@{_escaped(wanted.host)}{end}%"
    return and_(
        Message.forwarded_to.is_not(None), _may_have(SearchKey.FORWARDED, wanted), targets.like(pattern, escape="\\")
    )


def _may_have(key: SearchKey, wanted: AddressParts) -> Condition:
    """Narrow down by the index of words to what may have this address."""
    if not wanted.index_words:
        return true()
    *whole, last = wanted.index_words
    weight = _WEIGHTS[key]
    words = [f"'{word}':{weight}" for word in whole]
    if not (whole and wanted.is_open):  # the index reads everything that a short beginning fits
        words.append(f"'{last}':*{weight}" if wanted.is_open else f"'{last}':{weight}")
    condition: Condition = Message.search.bool_op("@@")(func.to_tsquery(_SIMPLE, " & ".join(words)))
    return condition


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
