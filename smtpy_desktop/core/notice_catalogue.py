"""Everything that the program may tell without being asked: how bad it is, its words, what to do, where it leads to.

The words are templates; what was observed fills them in. ``raise_after`` and ``clear_after`` say for how long a
condition has to hold before it is told, and to be gone before it is taken away: no time where something is decided
once, as a domain's status or whether somebody has read of a failed payment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from smtpy_desktop.schemas.notice_kinds import NoticeKind, Severity
from smtpy_desktop.schemas.notices import Condition, Notice, NoticeAction, Observation, Page
from smtpy_desktop.schemas.text import Text, text


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One kind of notice; ``argument`` is what its page shows where an observation names nothing.

    ``must_be_watched``: it is raised after it was seen for ``raise_after``, whatever is known of when it began. After
    the database was away or the machine has slept, all forwarders look silent and everything looks late for a moment.
    """

    kind: NoticeKind
    severity: Severity
    name: Text
    message: Text
    hint: Text
    page: Page
    show: Text
    raise_after: timedelta = timedelta(0)
    clear_after: timedelta = timedelta(0)
    argument: str | None = None
    must_be_watched: bool = False


_INFO, _WARNING, _BAD = Severity.INFO, Severity.WARNING, Severity.BAD
_DOMAIN, _FORWARDER, _BILLING, _SETTINGS = (
    text("Show the domain"),
    text("Show the forwarders"),
    text("Show the billing"),
    text("Show the settings"),
)

_DATABASE = (
    CatalogueEntry(
        NoticeKind.DATABASE_LOST,
        _BAD,
        text("The database is away"),
        text("The database does not answer."),
        text("The program connects again by itself. If it stays away, look at the server or at the connection."),
        "settings",
        _SETTINGS,
        raise_after=timedelta(seconds=20),
        clear_after=timedelta(seconds=10),
        argument="database",
    ),
    CatalogueEntry(
        NoticeKind.DATABASE_READ_ONLY,
        _INFO,
        text("The database is read-only"),
        text("This database is open for reading only."),
        text("Use a role that may write, and a program as new as the database."),
        "settings",
        _SETTINGS,
        argument="database",
    ),
    CatalogueEntry(
        NoticeKind.DISK_FULL,
        _WARNING,
        text("A disk is nearly full"),
        text("The disk of {directory} is nearly full: {free} MiB are free."),
        text("Make room, or keep messages for a shorter time. Without room no mail is taken in and nothing is saved."),
        "settings",
        _SETTINGS,
        raise_after=timedelta(minutes=1),
        clear_after=timedelta(minutes=5),
        argument="retention",
    ),
    CatalogueEntry(
        NoticeKind.BACKUP_FAILED,
        _BAD,
        text("A backup failed"),
        text("The last backup failed: {reason}"),
        text("Mend the cause, then make a backup now."),
        "settings",
        text("Show the backups"),
        argument="backups",
    ),
    CatalogueEntry(
        NoticeKind.BACKUP_OVERDUE,
        _WARNING,
        text("A backup is overdue"),
        text("The scheduled backup is {hours} hours late."),
        text("They are made while a window or a forwarder runs. Make a backup now, or choose another time."),
        "settings",
        text("Show the backups"),
        raise_after=timedelta(minutes=30),
        argument="backups",
        must_be_watched=True,
    ),
)

_DOMAINS = (
    CatalogueEntry(
        NoticeKind.DOMAIN_BROKEN,
        _BAD,
        text("A domain broke"),
        text("{domain} stopped passing its checks: {records}."),
        text("Its mail is still forwarded as far as it arrives. Publish the records that are shown, then verify it."),
        "domains",
        _DOMAIN,
    ),
    CatalogueEntry(
        NoticeKind.DOMAINS_BROKEN,
        _BAD,
        text("Many domains broke at once"),
        text("{count} domains stopped passing their checks."),
        text("When many fail at once, look first at the mail identity in the settings and at your resolvers."),
        "domains",
        text("Show the domains"),
    ),
    CatalogueEntry(
        NoticeKind.DOMAIN_NOT_PASSING,
        _INFO,
        text("A domain does not pass yet"),
        text("{domain} does not pass its checks yet: {records}."),
        text("Publish the records that are shown with the domain, then verify it."),
        "domains",
        _DOMAIN,
        raise_after=timedelta(minutes=2),
    ),
    CatalogueEntry(
        NoticeKind.SIGNING_KEYS_SEALED,
        _WARNING,
        text("Signing keys cannot be opened"),
        text("Domains whose signing keys are sealed with an older master key: {count}."),
        text("Their mail is forwarded without a seal. Bring that master key back, or add the domains anew."),
        "settings",
        _SETTINGS,
        raise_after=timedelta(minutes=2),
        argument="secrets",
    ),
)

_MAIL = (
    CatalogueEntry(
        NoticeKind.FORWARDER_SILENT,
        _BAD,
        text("A forwarder is down"),
        text("The forwarder {name} gives no sign of life any more."),
        text("Look at that machine, and start it again. Mail for it waits at the servers that send it."),
        "forwarder",
        _FORWARDER,
        raise_after=timedelta(minutes=1),
        clear_after=timedelta(minutes=1),
        must_be_watched=True,
    ),
    CatalogueEntry(
        NoticeKind.FORWARDER_FAILED,
        _BAD,
        text("The forwarder in this window failed"),
        text("The forwarder in this window has stopped: {reason}"),
        text("Mend the cause, then start it again on the Forwarder page."),
        "forwarder",
        _FORWARDER,
        clear_after=timedelta(seconds=10),
    ),
    CatalogueEntry(
        NoticeKind.SMART_HOST_SIGN_IN,
        _BAD,
        text("The smart host does not let us in"),
        text("{reason}: all mail waits."),
        text("Mend user name, password or TLS under Settings, Forwarding, and try it there; no mail is given up."),
        "settings",
        _SETTINGS,
        clear_after=timedelta(seconds=10),
        argument="forwarding",
    ),
    CatalogueEntry(
        NoticeKind.CERTIFICATE_ENDS,
        _WARNING,
        text("A certificate ends"),
        text("Days until the TLS certificate of the forwarder {name} ends: {days}."),
        text("Renew it and let the forwarder read it again (SIGHUP); an expired one keeps mail from being sent here."),
        "forwarder",
        _FORWARDER,
    ),
    CatalogueEntry(
        NoticeKind.NOTHING_FORWARDED,
        _BAD,
        text("Mail waits and no forwarder runs"),
        text("Mail waits to be delivered, and no forwarder runs."),
        text("Start one on the Forwarder page, or on your server with: smtpy-desktop forwarder"),
        "forwarder",
        _FORWARDER,
        raise_after=timedelta(minutes=3),
        clear_after=timedelta(seconds=30),
    ),
    CatalogueEntry(
        NoticeKind.DELIVERIES_FAILING,
        _WARNING,
        text("Deliveries are failing"),
        text("{failed} of {total} messages of the last two hours could not be delivered."),
        text("Look at what the other servers answered; many failures at once often have one cause."),
        "messages",
        text("Show the messages"),
        raise_after=timedelta(minutes=2),
        clear_after=timedelta(minutes=10),
        argument="status:failed,bounced after:1d",
    ),
    CatalogueEntry(
        NoticeKind.DELIVERIES_LATE,
        _BAD,
        text("Deliveries are late"),
        text("Deliveries that are due wait for {minutes} minutes: the forwarders do not keep up."),
        text("Look at the queue. More forwarders or more workers take more mail at once."),
        "forwarder",
        _FORWARDER,
        raise_after=timedelta(minutes=5),
        clear_after=timedelta(minutes=5),
        must_be_watched=True,
    ),
    CatalogueEntry(
        NoticeKind.QUEUE_OLD,
        _WARNING,
        text("Mail waits for long"),
        text("Mail to {destination} waits for {hours} hours."),
        text("See what that server answers, then try again now, hold the mail or give it up."),
        "forwarder",
        _FORWARDER,
        clear_after=timedelta(minutes=5),
    ),
    CatalogueEntry(
        NoticeKind.BOOKS_DIFFER,
        _BAD,
        text("The books do not balance"),
        text("The books of the last day do not balance; accepted messages that are not accounted for: {count}."),
        text("Look at these messages on the Forwarder page, in the books."),
        "forwarder",
        text("Show the books"),
        raise_after=timedelta(minutes=4),
        clear_after=timedelta(minutes=1),
    ),
)

_BUSINESS = (
    CatalogueEntry(
        NoticeKind.LISTENER_DOWN,
        _WARNING,
        text("The webhook listener is down"),
        text("Stripe's events are not taken in: {reason}"),
        text("Meanwhile they are read from Stripe every few minutes. Free the port, or choose another one."),
        "listener",
        text("Show the listener"),
        raise_after=timedelta(seconds=45),
        clear_after=timedelta(seconds=20),
    ),
    CatalogueEntry(
        NoticeKind.EVENTS_FAILING,
        _WARNING,
        text("Events of Stripe fail"),
        text("Events of Stripe that could not be applied: {count}."),
        text("Look at why, then apply them again."),
        "events",
        text("Show the events"),
        raise_after=timedelta(minutes=2),
    ),
    CatalogueEntry(
        NoticeKind.PAYMENT_FAILED,
        _WARNING,
        text("A payment failed"),
        text("A payment of {organization} failed."),
        text("Ask for another means of payment; the open invoice is on the Billing page."),
        "billing",
        _BILLING,
    ),
    CatalogueEntry(
        NoticeKind.SUBSCRIPTION_ENDING,
        _INFO,
        text("A subscription ends soon"),
        text("The subscription of {organization} ends at the end of its period."),
        text("Resume it on the Billing page if it is to go on."),
        "billing",
        _BILLING,
    ),
    CatalogueEntry(
        NoticeKind.SUBSCRIPTION_ENDED,
        _WARNING,
        text("A subscription ended"),
        text("The subscription of {organization} has ended."),
        text("Subscribe again on the Billing page if it is to go on."),
        "billing",
        _BILLING,
    ),
    CatalogueEntry(
        NoticeKind.BILLING_DIFFERS,
        _WARNING,
        text("Billing differs from Stripe"),
        text("What is kept here of {organization} differs from Stripe."),
        text("Compare the two on the Billing page, then take over what Stripe has."),
        "billing",
        _BILLING,
    ),
    CatalogueEntry(
        NoticeKind.CUSTOMER_DELETED,
        _WARNING,
        text("A customer was deleted"),
        text("The customer of {organization} was deleted at Stripe."),
        text("Link another customer, or subscribe anew, on the Billing page."),
        "billing",
        _BILLING,
    ),
)

CATALOGUE = {entry.kind: entry for entry in (*_DATABASE, *_DOMAINS, *_MAIL, *_BUSINESS)}
"""The words and rules of every kind, in the order in which they are listed."""


def severity_of(seen: Observation) -> Severity:
    """Return how bad what was observed is."""
    return seen.severity or CATALOGUE[seen.kind].severity


def notice_of(condition: Condition) -> Notice:
    """Return a condition in words."""
    seen = condition.seen
    entry = CATALOGUE[seen.kind]
    argument = seen.argument if seen.argument is not None else entry.argument
    return Notice(
        kind=seen.kind,
        key=seen.key,
        message=Text(entry.message.template, seen.values),
        hint=seen.hint or entry.hint,
        since=condition.since,
        severity=severity_of(seen),
        action=NoticeAction(entry.page, argument, entry.show),
        snoozed_until=condition.snoozed_until,
    )
