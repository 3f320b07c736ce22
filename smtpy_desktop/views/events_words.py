"""Says in words how an event came, whether it is genuine, what became of it, and what to do next."""

from __future__ import annotations

from smtpy_desktop.schemas.webhook_events import EventOutcome, ReceivedVia, SignatureVerdict, WebhookEventRow
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import tr

_OUTCOME_LOOKS = {
    EventOutcome.PENDING: (Tone.ACCENT, "clock"),
    EventOutcome.DONE: (Tone.OK, "circle-check"),
    EventOutcome.NOT_OURS: (Tone.MUTED, "minus"),
    EventOutcome.FAILED: (Tone.BAD, "alert-triangle"),
}


def outcome_word(outcome: EventOutcome) -> str:
    """Return what became of an event, in a word or two."""
    return {
        EventOutcome.PENDING: tr("Waiting"),
        EventOutcome.DONE: tr("Done"),
        EventOutcome.NOT_OURS: tr("Not ours"),
        EventOutcome.FAILED: tr("Failed"),
    }[outcome]


def outcome_pill(outcome: EventOutcome) -> PillCell:
    """Return the outcome as a pill with its own colour and icon."""
    tone, icon = _OUTCOME_LOOKS[outcome]
    return PillCell(outcome_word(outcome), tone, icon)


def outcome_sentence(row: WebhookEventRow) -> str:
    """Return what became of an event, and what it means."""
    return {
        EventOutcome.PENDING: tr("It is kept and waits to be worked on; the next catch-up does it."),
        EventOutcome.DONE: tr("The customer was read from Stripe and stored."),
        EventOutcome.NOT_OURS: tr(
            "It is of a kind that changes nothing here, or of a customer that belongs to no organization here."
        ),
        EventOutcome.FAILED: tr("It could not be worked on. Nothing is lost: Stripe sends it again."),
    }[row.outcome]


def via_word(via: ReceivedVia) -> str:
    """Return by which way an event came first."""
    return {
        ReceivedVia.WEBHOOK: tr("Webhook"),
        ReceivedVia.CATCH_UP: tr("Catch-up"),
        ReceivedVia.TEST: tr("Test"),
    }[via]


def via_icon(via: ReceivedVia) -> str:
    """Return the icon of a way."""
    return {ReceivedVia.WEBHOOK: "webhook", ReceivedVia.CATCH_UP: "download", ReceivedVia.TEST: "flask"}[via]


def verdict_word(verdict: SignatureVerdict) -> str:
    """Return what is known of who sent an event."""
    return {
        SignatureVerdict.VALID: tr("Valid"),
        SignatureVerdict.FETCHED: tr("Fetched"),
        SignatureVerdict.MISSING: tr("No signature"),
        SignatureVerdict.MALFORMED: tr("Malformed"),
        SignatureVerdict.WRONG: tr("Wrong"),
        SignatureVerdict.TOO_OLD: tr("Too old"),
        SignatureVerdict.TOO_NEW: tr("From the future"),
        SignatureVerdict.NO_SECRET: tr("No secret here"),
    }[verdict]


def verdict_icon(verdict: SignatureVerdict) -> tuple[str, Tone]:
    """Return the icon of a verdict."""
    if verdict is SignatureVerdict.VALID:
        return "shield-check", Tone.OK
    if verdict is SignatureVerdict.FETCHED:
        return "download", Tone.OK
    return "alert-triangle", Tone.BAD


def verdict_sentence(verdict: SignatureVerdict) -> str:
    """Return what a verdict means, and what to do about it."""
    return {
        SignatureVerdict.VALID: tr("Signed with a webhook secret that is set up here."),
        SignatureVerdict.FETCHED: tr("Read from Stripe with your own key, so that it needs no signature."),
        SignatureVerdict.MISSING: tr(
            "The request carried no signature of Stripe. Somebody else sent it, or a proxy in between drops the header "
            "Stripe-Signature."
        ),
        SignatureVerdict.MALFORMED: tr(
            "The header Stripe-Signature could not be read. Let proxies pass it on unchanged, and once."
        ),
        SignatureVerdict.WRONG: tr(
            "No webhook secret that is set up here has signed this. Compare the secret in Settings with the one that "
            "the endpoint, or stripe listen, shows; or a proxy has changed the body."
        ),
        SignatureVerdict.TOO_OLD: tr(
            "Signed more than five minutes ago. Set this machine's clock; otherwise somebody repeats an old request."
        ),
        SignatureVerdict.TOO_NEW: tr("Signed more than five minutes ahead of this machine's clock. Set the clock."),
        SignatureVerdict.NO_SECRET: tr("No webhook secret is set up. Enter it in Settings, Billing."),
    }[verdict]


def mode_word(*, livemode: bool) -> str:
    """Return whether real money is meant."""
    return tr("live") if livemode else tr("Test")


def attempts_words(row: WebhookEventRow) -> str:
    """Return how often an event was worked on."""
    if not row.attempts:
        return tr("not yet")
    return tr("once") if row.attempts == 1 else tr("{n} times", n=row.attempts)


def failure_words(code: str, told: str) -> tuple[str, str]:
    """Return why an event failed and what to do next; ``told`` is what was written down then, in English."""
    known = {
        "STRIPE_UNREACHABLE": (
            tr("Stripe did not answer when the customer was to be read."),
            tr("Check the network. It is tried again by itself; Replay does it now."),
        ),
        "STRIPE_FAULT": (
            tr("Stripe had a fault of its own when the customer was to be read."),
            tr("Wait a moment. It is tried again by itself; Replay does it now."),
        ),
        "STRIPE_RATE_LIMIT": (
            tr("Stripe received too many calls at once."),
            tr("Wait a minute. It is tried again by itself; Replay does it now."),
        ),
        "STRIPE_NOT_SET_UP": (
            tr("There was no Stripe key to read the customer with."),
            tr("Enter the key in Settings, Billing, then press Replay."),
        ),
        "STRIPE_KEY_REFUSED": (
            tr("Stripe refused the key."),
            tr("Enter the present key of the account in Settings, Billing, then press Replay."),
        ),
        "STRIPE_KEY_NOT_ALLOWED": (
            tr("The Stripe key may not read this."),
            tr("Give the key the right in the Stripe dashboard, then press Replay."),
        ),
        "STRIPE_NOT_FOUND": (
            tr("The customer is not there with the present key."),
            tr("The key may be of another account. Compare with Stripe, and link the organization again if need be."),
        ),
    }
    return known.get(
        code, (told or code, tr("Press Replay once the reason is gone. It is tried again by itself, too."))
    )
