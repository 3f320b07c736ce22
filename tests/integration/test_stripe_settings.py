"""Stripe's set-up: keys are asked for before they are kept, and kept where they belong, whatever the keyring does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import (
    audit_controller,
    health_controller,
    settings_controller,
    stripe_secrets_controller,
    stripe_settings_controller,
)
from smtpy_desktop.controllers.installation_id import installation_id
from smtpy_desktop.core.keyring_errors import KeyringLocked, KeyringUnavailable
from smtpy_desktop.core.stripe_errors import StripeUnreachable
from smtpy_desktop.core.stripe_rights import NEEDED_RIGHTS
from smtpy_desktop.database import stripe_cursors_database
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import ConflictError, FieldError, UserFacingError
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.gateways.stripe_setup import StripeSetupGateway
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.health import HealthState
from smtpy_desktop.schemas.secrets import KeyringState, SecretName
from smtpy_desktop.schemas.stripe_settings import KeyMode, ValueSource
from tests.helpers.restricted_stripe import ACCOUNT, RestrictedStripe

KEY = "sk_test_51CanaryCanaryCanary4242"
OTHER_KEY = "sk_test_51OtherOtherOtherOth1111"
OLD, NEW = "whsec_old000000000000000000001111", "whsec_new000000000000000000002222"
UNAVAILABLE = (KeyringState.MISSING, KeyringState.LOCKED, KeyringState.DENIED)


class Installed:
    """A set-up with the keyring and the environment of a test."""

    def __init__(self, database: Database, actor: Actor, changes: list[Change]) -> None:
        self.environment: dict[str, str] = {}
        self.keyring = MemoryKeyring(state=KeyringState.AVAILABLE)
        self.keys = StripeKeys(self.environment, MemoryKeyring(), self.keyring)
        self.access = StripeAccessGateway(self.keys)
        self.setup = StripeSetupGateway(self.keys, self.access)
        self.database, self.told = database, {"actor": actor, "publish": changes.append}

    async def report(self):
        return await stripe_settings_controller.read_stripe_settings(self.database, self.setup)

    async def check(self, key: str = KEY):
        return await stripe_secrets_controller.check_key(self.database, self.setup, key)

    async def store(self, key: str = KEY):
        return await stripe_secrets_controller.store_key(self.database, self.setup, key, **self.told)

    async def forget(self):
        return await stripe_secrets_controller.forget_key(self.database, self.setup, **self.told)

    async def add_secret(self, value: str):
        return await stripe_secrets_controller.add_webhook_secrets(self.database, self.setup, value, **self.told)

    async def remove_secret(self, shown: str):
        return await stripe_secrets_controller.remove_webhook_secret(self.database, self.setup, shown, **self.told)

    async def urls(self, **more: str):
        return await stripe_settings_controller.return_urls(self.database, self.setup, **more)


@pytest.fixture
async def installed(database: Database, actor: Actor, changes: list[Change]) -> AsyncIterator[Installed]:
    made = Installed(database, actor, changes)
    yield made
    await made.access.close()


@pytest.fixture
async def stripe(installed: Installed) -> AsyncIterator[Callable[[SandboxStripe], object]]:
    """Give a function that starts a Stripe, which is asked from then on."""
    started: list[SandboxStripe] = []

    async def start(made: SandboxStripe) -> SandboxStripe:
        await made.start()
        started.append(made)
        installed.environment["STRIPE_API_BASE"] = made.base
        return made

    yield start
    for each in started:
        await each.stop()


async def test_a_key_is_asked_for_before_it_is_kept(installed, stripe):
    await stripe(SandboxStripe(api_key=KEY))

    check = await installed.check()

    assert check.account.id.startswith("acct_")
    assert check.missing_rights == ()
    assert not check.needs_consent
    assert (await installed.report()).api_key is None


async def test_asking_changes_nothing_at_stripe(installed, stripe):
    account = await stripe(SandboxStripe(api_key=KEY))

    await installed.check()

    assert account.book.events == []
    assert not any(account.book.objects.values())


async def test_a_key_that_stripe_does_not_know_is_an_error_of_its_field(installed, stripe):
    await stripe(SandboxStripe())

    with pytest.raises(FieldError) as caught:
        await installed.check(OTHER_KEY)

    assert (caught.value.field, caught.value.code) == ("api_key", "STRIPE_KEY_REFUSED")
    assert "rolled" in str(caught.value.hint)
    assert OTHER_KEY not in str(caught.value)


@pytest.mark.parametrize("typed", ["", "pk_test_1234567890abcdef", NEW, "sk_test_", "hello"])
async def test_what_is_no_secret_key_is_told_without_asking(installed, typed):
    with pytest.raises(FieldError, match=r"key|secret"):
        await installed.check(typed)


async def test_a_stripe_that_cannot_be_reached_is_said_as_such(installed):
    installed.environment["STRIPE_API_BASE"] = "http://127.0.0.1:9"

    with pytest.raises(StripeUnreachable):
        await installed.check()


@pytest.mark.parametrize(
    ("path", "resource"), [("/v1/customers", "Customers"), ("/v1/events", "Events"), ("/v1/prices", "Prices")]
)
async def test_the_rights_that_a_restricted_key_lacks_are_named(installed, stripe, path, resource):
    account = await stripe(RestrictedStripe())
    account.withheld.add(path)

    check = await installed.check(account.api_key)

    assert [right.resource for right in check.missing_rights] == [resource]
    assert check.needs_consent


async def test_a_restricted_key_with_all_rights_tells_its_account_although_it_may_not_read_it(installed, stripe):
    account = await stripe(RestrictedStripe())

    check = await installed.check(account.api_key)

    assert (check.account.id, check.missing_rights) == (ACCOUNT, ())


async def test_without_any_right_every_needed_one_is_named(installed, stripe):
    account = await stripe(RestrictedStripe(withheld={"/v1/"}))

    check = await installed.check(account.api_key)

    assert check.missing_rights == NEEDED_RIGHTS


async def test_switching_the_mode_needs_consent(installed, stripe):
    await installed.store(KEY)
    account = await stripe(SandboxStripe(api_key="sk_live_51CanaryCanaryCanary4242"))

    check = await installed.check(account.api_key)

    assert check.is_other_mode
    assert check.needs_consent


async def test_switching_the_account_needs_consent(installed, stripe, database):
    await stripe(SandboxStripe(api_key=KEY))
    async with database.begin() as db:
        now = datetime.now(UTC)
        await stripe_cursors_database.advance(db, "acct_another", now, livemode=False, was_full=True)

    check = await installed.check()

    assert check.is_other_account


async def test_a_key_is_kept_in_the_keyring_and_shown_by_its_ends_alone(installed, changes):
    report = await installed.store()

    assert installed.keyring.read(SecretName.STRIPE_API_KEY) == KEY
    assert (report.api_key.shown, report.api_key.source) == ("sk_test_…4242", ValueSource.KEYRING)
    assert (report.mode.key, report.problem) == (KeyMode.TEST, None)
    assert KEY not in repr(report)
    assert {change.topic for change in changes} == {Topic.SETTINGS, Topic.BILLING}


@pytest.mark.parametrize("state", UNAVAILABLE)
async def test_without_a_keyring_a_key_holds_for_this_run_and_that_is_said(installed, state):
    installed.keyring.set_state(state)

    report = await installed.store()

    assert report.api_key.source is ValueSource.THIS_RUN
    assert str(report.problem)
    assert str(report.hint)
    assert (await installed.access.mode()).has_key


async def test_a_key_of_this_run_does_not_hide_a_newer_one_in_the_keyring(installed):
    installed.keyring.set_state(KeyringState.LOCKED)
    await installed.store(OTHER_KEY)
    installed.keyring.set_state(KeyringState.AVAILABLE)

    report = await installed.store(KEY)

    assert (report.api_key.shown, report.api_key.source) == ("sk_test_…4242", ValueSource.KEYRING)


@pytest.mark.parametrize("state", [KeyringState.LOCKED, KeyringState.DENIED])
async def test_a_keyring_that_does_not_tell_is_named_as_the_reason(installed, state):
    await installed.store()
    installed.keyring.set_state(state)

    report = await installed.report()

    assert report.api_key is None
    assert str(report.problem) == str(installed.keyring.problem().message)


async def test_a_machine_without_a_keyring_has_no_key_and_needs_none(installed):
    installed.keyring.set_state(KeyringState.MISSING)

    assert not (await installed.access.mode()).has_key
    assert await installed.access.livemode() is False
    assert await installed.access.webhook_secrets() == ()


async def test_a_forgotten_key_is_nowhere(installed):
    await installed.store()

    report = await installed.forget()

    assert report.api_key is None
    assert installed.keyring.read(SecretName.STRIPE_API_KEY) is None


@pytest.mark.parametrize("state", [KeyringState.LOCKED, KeyringState.DENIED])
async def test_forgetting_says_when_the_keyring_may_still_hold_the_key(installed, state):
    await installed.store()
    installed.keyring.set_state(state)

    with pytest.raises(KeyringUnavailable):
        await installed.forget()


async def test_the_environment_comes_first_and_cannot_be_changed(installed):
    await installed.store(OTHER_KEY)
    installed.environment["STRIPE_API_KEY"] = KEY

    report = await installed.report()

    assert (report.api_key.source, report.api_key.variable) == (ValueSource.ENVIRONMENT, "STRIPE_API_KEY")
    assert report.is_key_fixed
    for change in (installed.store(OTHER_KEY), installed.forget(), installed.check(OTHER_KEY)):
        with pytest.raises(ConflictError, match="STRIPE_API_KEY"):
            await change


async def test_in_the_sandbox_nothing_of_the_users_is_shown_used_or_changed(installed):
    await installed.store()
    installed.environment["STRIPE_SUCCESS_URL"] = "https://example.com/thanks"
    installed.access.use_sandbox("http://127.0.0.1:1", "sk_test_sandbox0000000000000000", OLD)

    report = await installed.report()

    assert report.api_key.source is ValueSource.SANDBOX
    assert report.mode.is_sandbox
    assert report.success_url.shown == "http://127.0.0.1:4242/billing/success"
    with pytest.raises(ConflictError):
        await installed.forget()
    assert installed.keyring.read(SecretName.STRIPE_API_KEY) == KEY


async def test_an_old_and_a_new_webhook_secret_are_accepted_while_one_is_rolled(installed):
    await installed.add_secret(OLD)
    both = await installed.add_secret(NEW)
    accepted = await installed.access.webhook_secrets()
    left = await installed.remove_secret("whsec_…1111")

    assert accepted == (NEW, OLD)
    assert [secret.shown for secret in both.webhook_secrets] == ["whsec_…2222", "whsec_…1111"]
    assert [secret.shown for secret in left.webhook_secrets] == ["whsec_…2222"]
    assert await installed.access.webhook_secrets() == (NEW,)


async def test_the_last_webhook_secret_can_be_removed(installed):
    await installed.add_secret(OLD)

    report = await installed.remove_secret("whsec_…1111")

    assert report.webhook_secrets == ()
    assert installed.keyring.read(SecretName.STRIPE_WEBHOOK_SECRET) is None


async def test_a_locked_keyring_loses_no_webhook_secret(installed):
    await installed.add_secret(OLD)
    installed.keyring.set_state(KeyringState.LOCKED)

    with pytest.raises(KeyringLocked):
        await installed.add_secret(NEW)

    installed.keyring.set_state(KeyringState.AVAILABLE)
    assert await installed.access.webhook_secrets() == (OLD,)


@pytest.mark.parametrize("typed", ["", "secret", KEY])
async def test_what_is_no_webhook_secret_is_refused(installed, typed):
    with pytest.raises(FieldError) as caught:
        await installed.add_secret(typed)

    assert caught.value.field == "webhook_secrets"


async def test_only_as_many_webhook_secrets_are_kept_as_every_keyring_can_hold(installed):
    many = [f"whsec_{number:030d}" for number in range(6)]

    with pytest.raises(FieldError, match="At most 5"):
        await installed.add_secret(" ".join(many))


async def test_people_are_sent_back_to_the_listener_wherever_it_is(installed, database, actor):
    default = await installed.urls()
    await settings_controller.change_settings(database, {"listener.port": "5151"}, **installed.told)
    moved, given = await installed.urls(), await installed.urls(listener="http://127.0.0.1:6161/")

    assert default.success == "http://127.0.0.1:4242/billing/success"
    assert default.cancel == "http://127.0.0.1:4242/billing/cancel"
    assert moved.cancel == "http://127.0.0.1:5151/billing/cancel"
    assert given.portal == "http://127.0.0.1:6161/billing/success"


@pytest.mark.parametrize(
    "address", ["https://example.com/billing?from=stripe", "http://localhost:8000/billing", "http://[::1]:8000/"]
)
async def test_the_environment_says_where_people_are_sent_back_to(installed, address):
    installed.environment["STRIPE_PORTAL_RETURN_URL"] = address

    urls, report = await installed.urls(), await installed.report()

    assert urls.portal == address
    assert (report.portal_return_url.shown, report.portal_return_url.source) == (address, ValueSource.ENVIRONMENT)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/",
        "javascript:alert(1)",
        "https://user:pass@example.com/",
        "https://exa mple.com",
        "/billing",
    ],
)
async def test_an_address_that_is_not_safe_is_refused_by_the_name_of_its_variable(installed, address):
    installed.environment["STRIPE_SUCCESS_URL"] = address

    with pytest.raises(UserFacingError, match="STRIPE_SUCCESS_URL"):
        await installed.urls()


async def test_the_audit_log_tells_who_changed_a_key_and_nothing_of_it(installed, database):
    await installed.store()
    await installed.add_secret(NEW)

    rows = await audit_controller.list_entries(database)
    told = json.dumps([row.changes for row in rows])
    assert [row.object_name for row in rows] == ["stripe.webhook_secrets", "stripe.api_key"]
    assert "sk_test_\\u20264242" in told
    assert KEY not in told
    assert NEW not in told


async def test_what_tells_installations_apart_is_no_setting_to_be_listed(installed, database):
    await installation_id(database)

    assert "installation.id" not in {row.key for row in await settings_controller.list_settings(database)}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STRIPE_API_KEY", "pk_test_1234567890abcdef"),
        ("STRIPE_WEBHOOK_SECRET", "no-secret"),
        ("STRIPE_API_BASE", "http://api.example.com"),
        ("STRIPE_CANCEL_URL", "http://example.com/"),
    ],
)
async def test_a_wrong_value_of_the_environment_is_shown_with_what_is_wrong(installed, variable, value):
    installed.environment[variable] = value

    report = await installed.report()

    assert str(report.problem)
    assert str(report.hint)


async def test_the_self_test_asks_stripe_where_there_is_a_key(installed, stripe):
    skipped = await health_controller.stripe_health(installed.setup)
    await stripe(SandboxStripe(api_key=KEY))
    await installed.store()
    without_webhook = await health_controller.stripe_health(installed.setup)
    await installed.add_secret(NEW)
    fine = await health_controller.stripe_health(installed.setup)

    assert (skipped.state, str(skipped.message)) == (HealthState.OK, "skipped: no Stripe key is set up")
    assert without_webhook.state is HealthState.WARNING
    assert "test mode" in str(fine.message)
    assert fine.state is HealthState.OK


async def test_the_self_test_names_missing_rights_and_a_silent_stripe(installed, stripe):
    account = await stripe(RestrictedStripe(withheld={"/v1/account", "/v1/events"}))
    await installed.store(account.api_key)
    limited = await health_controller.stripe_health(installed.setup)
    installed.environment["STRIPE_API_BASE"] = "http://127.0.0.1:9"
    silent = await health_controller.stripe_health(installed.setup)

    assert "Events: Read" in str(limited.message)
    assert (limited.state, silent.state) == (HealthState.PROBLEM, HealthState.PROBLEM)
    assert "did not answer" in str(silent.message)
