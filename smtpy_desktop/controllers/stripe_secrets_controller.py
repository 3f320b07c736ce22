"""Changing Stripe's key and webhook secrets: a key is tried before it is kept, and none is ever shown again."""

from __future__ import annotations

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.stripe_settings_controller import STRIPE_VARIABLES, read_stripe_settings
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.core.stripe_keys import is_live_key, parse_api_key, parse_webhook_secrets, shown_secret
from smtpy_desktop.database import audit_database, stripe_cursors_database
from smtpy_desktop.errors import ConflictError, FieldError, UserFacingError
from smtpy_desktop.gateways.stripe_setup import StripeSetup
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.secrets import SecretName
from smtpy_desktop.schemas.stripe_settings import KeyCheck, StripeSettingsReport
from smtpy_desktop.schemas.text import text

MOST_WEBHOOK_SECRETS = 5
"""More than any rotation needs, and few enough for one item of every system's keyring."""

_KEY_NAME, _SECRETS_NAME = "stripe.api_key", "stripe.webhook_secrets"
"""What the secrets are called in the audit log."""


async def check_key(sessions: Sessions, setup: StripeSetup, key: str) -> KeyCheck:
    """Ask Stripe with a key that is not stored: whose it is, what it may do, and what storing it would change.

    Raises FieldError (field ``api_key``) for what is no key or is refused by Stripe, StripeError when it cannot be
    asked, ConflictError when the environment or the sandbox decides which key is used.
    """
    key = parse_api_key(key)
    present = await _changeable(setup, SecretName.STRIPE_API_KEY)
    async with setup.trying(key) as trial:
        try:
            account = await trial.account()
            missing = await trial.missing_rights()
        except UserFacingError as error:
            if error.code != "STRIPE_KEY_REFUSED":
                raise
            raise FieldError(
                "api_key",
                error.code,
                text("Stripe does not know this key."),
                detail=error.detail,
                hint=text("It was copied in part, or rolled or deleted in the dashboard: copy the present one."),
            ) from error
    async with sessions.read() as db:
        cursor = await stripe_cursors_database.get_cursor(db, livemode=account.livemode)
    is_other_account = bool(cursor.account_id and account.id) and cursor.account_id != account.id
    is_other_mode = present is not None and is_live_key(present) != account.livemode
    return KeyCheck(account, missing, is_other_mode, is_other_account)


async def store_key(
    sessions: Sessions, setup: StripeSetup, key: str, *, actor: Actor, publish: Publish
) -> StripeSettingsReport:
    """Keep a key in the keyring, or for this run where there is none, as the report says.

    Raises FieldError for what is no key, ConflictError when the environment or the sandbox decides.
    """
    key = parse_api_key(key)
    before = await _changeable(setup, SecretName.STRIPE_API_KEY)
    await _note(sessions, _KEY_NAME, _listed(before), (key,), actor)
    await setup.keep(SecretName.STRIPE_API_KEY, key)
    _tell(publish)
    return await read_stripe_settings(sessions, setup)


async def forget_key(sessions: Sessions, setup: StripeSetup, *, actor: Actor, publish: Publish) -> StripeSettingsReport:
    """Forget the key; raise KeyringUnavailable when the keyring may still hold it, ConflictError."""
    before = await _changeable(setup, SecretName.STRIPE_API_KEY)
    await setup.forget(SecretName.STRIPE_API_KEY)
    if before is not None:
        await _note(sessions, _KEY_NAME, _listed(before), (), actor)
        _tell(publish)
    return await read_stripe_settings(sessions, setup)


async def add_webhook_secrets(
    sessions: Sessions, setup: StripeSetup, value: str, *, actor: Actor, publish: Publish
) -> StripeSettingsReport:
    """Accept further webhook secrets beside those that there are; the new ones come first.

    Raises FieldError (field ``webhook_secrets``) for what is none, ConflictError, KeyringUnavailable.
    """
    new = parse_webhook_secrets(value)
    if not new:
        raise FieldError(
            "webhook_secrets",
            "STRIPE_WEBHOOK_SECRET_FORM",
            text("Enter a webhook secret."),
            hint=text("Copy it from the webhook endpoint in the Stripe dashboard, or from stripe listen."),
        )
    before = await _webhook_secrets(setup)
    return await _store_webhook_secrets(
        sessions, setup, before, tuple(dict.fromkeys(new + before)), actor=actor, publish=publish
    )


async def remove_webhook_secret(
    sessions: Sessions, setup: StripeSetup, shown: str, *, actor: Actor, publish: Publish
) -> StripeSettingsReport:
    """Accept a webhook secret no more; ``shown`` is how the report shows it. Raises ConflictError."""
    before = await _webhook_secrets(setup)
    kept = tuple(secret for secret in before if shown_secret(secret) != shown)
    return await _store_webhook_secrets(sessions, setup, before, kept, actor=actor, publish=publish)


async def _changeable(setup: StripeSetup, name: SecretName) -> str | None:
    """Return the present secret as far as it can be read; raise ConflictError where it cannot be changed here."""
    if setup.is_sandbox:
        raise ConflictError(
            "STRIPE_SANDBOX",
            text("The sandbox has a Stripe of its own."),
            hint=text("Leave the sandbox to set up your own account."),
        )
    if setup.variable(STRIPE_VARIABLES[name]):
        raise ConflictError(
            "STRIPE_FROM_ENVIRONMENT",
            text("{variable} decides, and cannot be changed here.", variable=STRIPE_VARIABLES[name]),
            hint=text("Remove it from the environment that the program is started in, and start the program again."),
        )
    try:
        found = await setup.read(name)
    except KeyringUnavailable:
        return None
    return found.value if found is not None else None


async def _webhook_secrets(setup: StripeSetup) -> tuple[str, ...]:
    """Return the secrets that may be changed; raise KeyringUnavailable, so that none that cannot be read is lost."""
    present = await _changeable(setup, SecretName.STRIPE_WEBHOOK_SECRET)
    if present is None:
        found = await setup.read(SecretName.STRIPE_WEBHOOK_SECRET)
        present = found.value if found is not None else ""
    return parse_webhook_secrets(present)


async def _store_webhook_secrets(
    sessions: Sessions,
    setup: StripeSetup,
    before: tuple[str, ...],
    after: tuple[str, ...],
    *,
    actor: Actor,
    publish: Publish,
) -> StripeSettingsReport:
    if len(after) > MOST_WEBHOOK_SECRETS:
        raise FieldError(
            "webhook_secrets",
            "STRIPE_WEBHOOK_SECRETS_MANY",
            text("At most {count} webhook secrets are kept.", count=MOST_WEBHOOK_SECRETS),
            hint=text("Remove the ones that Stripe does not sign with any more."),
        )
    if after == before:
        return await read_stripe_settings(sessions, setup)
    if after:
        await _note(sessions, _SECRETS_NAME, before, after, actor)
        await setup.keep(SecretName.STRIPE_WEBHOOK_SECRET, " ".join(after))
    else:
        await setup.forget(SecretName.STRIPE_WEBHOOK_SECRET)
        await _note(sessions, _SECRETS_NAME, before, after, actor)
    _tell(publish)
    return await read_stripe_settings(sessions, setup)


async def _note(sessions: Sessions, name: str, before: tuple[str, ...], after: tuple[str, ...], actor: Actor) -> None:
    """Note who changed a secret, showing nothing of it but its ends.

    What is kept is noted first, so that nothing is kept while the database is away.
    """
    values = [", ".join(map(shown_secret, secrets)) for secrets in (before, after)]
    async with sessions.begin() as db:
        entry = AuditEntry("settings.changed", "setting", None, name, changes={"value": values})
        await audit_database.record(db, actor, entry)


def _tell(publish: Publish) -> None:
    """Tell the screens that show how Stripe is set up, and those that show money."""
    for topic in (Topic.SETTINGS, Topic.BILLING):
        publish(Change(topic))


def _listed(secret: str | None) -> tuple[str, ...]:
    return (secret,) if secret is not None else ()
