"""Says in words where the parts of Stripe's set-up come from, and what storing a key would change."""

from __future__ import annotations

from collections.abc import Iterator

from smtpy_desktop.core.stripe_rights import NEEDED_RIGHTS
from smtpy_desktop.schemas.stripe_settings import KeyCheck, SourcedValue, StripeRight, ValueSource
from smtpy_desktop.views.widgets.texts import tr


def secret_source_words(secret: SourcedValue) -> str:
    """Return where a key or secret lies."""
    match secret.source:
        case ValueSource.ENVIRONMENT:
            return tr("from the environment: {variable}", variable=secret.variable)
        case ValueSource.SANDBOX:
            return tr("the sandbox's own")
        case ValueSource.KEYRING:
            return tr("kept in the keyring")
        case _:
            return tr("kept for this run only")


def address_source_words(address: SourcedValue) -> str:
    """Return where an address that people are sent back to comes from."""
    if address.source is ValueSource.ENVIRONMENT:
        return tr("from the environment: {variable}", variable=address.variable)
    return tr("the listener's own page")


def right_words(right: StripeRight) -> str:
    """Return a right as the dashboard lists it; the resources have English names there."""
    return (
        tr("{resource}: write", resource=right.resource)
        if right.is_write
        else tr("{resource}: read", resource=right.resource)
    )


def rights_words() -> str:
    """Return how a restricted key is made, with exactly the rights that it needs."""
    steps = tr(
        "In the Stripe dashboard: Developers, API keys, Create restricted key. Give it these rights and no others:"
    )
    return "\n".join((steps, *(f"•  {right_words(right)}" for right in NEEDED_RIGHTS)))


def account_words(check: KeyCheck) -> str:
    """Return whose key it is: name and id, as far as Stripe tells them."""
    return " ".join(part for part in (check.account.name, check.account.id) if part) or tr("unknown account")


def consequences_of(check: KeyCheck) -> Iterator[str]:
    """Yield what storing a key would change, or leave undone."""
    if check.is_other_mode and check.account.livemode:
        yield tr(
            "From now on live data is shown, and real money is moved. Test data stays, and is shown again "
            "with a test key."
        )
    elif check.is_other_mode:
        yield tr(
            "From now on test data is shown, and no real money is moved. Live data stays, and is shown "
            "again with a live key."
        )
    if check.is_other_account:
        yield tr("It is another Stripe account than before: customers that are linked here are not found there.")
    if check.missing_rights:
        missing = ", ".join(right_words(right) for right in check.missing_rights)
        yield tr("The key may not do everything that is needed. Missing: {rights}.", rights=missing)
