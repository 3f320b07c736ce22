"""The billing part of the settings: keys are checked before they are kept, and never shown again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.gateways.stripe_setup import StripeSetupGateway
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.schemas.secrets import KeyringState, SecretName
from smtpy_desktop.views.settings_billing_section import BillingSection
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.mono_text import MonoText
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.helpers.restricted_stripe import RestrictedStripe

KEY, LIVE_KEY = "sk_test_51CanaryCanaryCanary4242", "sk_live_51CanaryCanaryCanary7777"
OLD, NEW = "whsec_old000000000000000000001111", "whsec_new000000000000000000002222"


class Page:
    """The section over a real database, asking the Stripe that a test starts."""

    def __init__(self, qtbot: QtBot, world: PageWorld) -> None:
        self.bot, self.world = qtbot, world
        self.environment: dict[str, str] = {}
        self.keyring = MemoryKeyring(state=KeyringState.AVAILABLE)
        keys = StripeKeys(self.environment, MemoryKeyring(), self.keyring)
        services = replace(world.context.services, stripe_setup=StripeSetupGateway(keys, StripeAccessGateway(keys)))
        self.section = BillingSection(replace(world.context, services=services))
        qtbot.addWidget(self.section)
        self.section.resize(900, 900)

    def open(self, stripe: SandboxStripe | None = None) -> BillingSection:
        if stripe is not None:
            self.world.run(stripe.start())
            self.environment["STRIPE_API_BASE"] = stripe.base
        self.section.show()
        self.section.refresh()
        self.settle()
        return self.section

    def enter_key(self, key: str) -> None:
        self.section.key.editor.set_text(key)
        self.section.key.check_button.click()
        # The answer of one task begins the next: the button waits for both.
        self.bot.waitUntil(self.section.key.check_button.isEnabled)
        self.settle()

    def settle(self) -> None:
        wait_until_calm(self.bot, lambda: self.world.context.runner.running)

    @property
    def dialog(self) -> ConfirmDialog:
        (found,) = [dialog for dialog in self.section.findChildren(ConfirmDialog) if dialog.isVisible()]
        return found


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[Page]:
    with page_world(database_url, tmp_path / "profile", MemoryKeyring()) as world:
        yield Page(qtbot, world)


@pytest.fixture
def stripe(page: Page) -> Iterator[SandboxStripe]:
    made = SandboxStripe(api_key=KEY)
    yield made
    page.world.run(made.stop())


def shown_in(widget: QWidget) -> str:
    return " ".join(value.text() for value in widget.findChildren(MonoText) if not value.isHidden())


def test_a_key_that_works_is_kept_and_shown_by_its_ends_alone(page: Page, stripe: SandboxStripe) -> None:
    section = page.open(stripe)

    page.enter_key(f"  {KEY}\n")

    assert page.keyring.read(SecretName.STRIPE_API_KEY) == KEY
    page.bot.waitUntil(lambda: shown_in(section.key.facts) == "sk_test_…4242 kept in the keyring")
    assert section.badge.state.text == "TEST"
    assert not any(KEY in line.text() for line in section.findChildren(QLineEdit))
    assert "kept in the keyring" in page.world.told.texts[-1]


def test_what_is_typed_is_hidden(page: Page) -> None:
    section = page.open()

    for editor in (section.key.editor, section.webhooks.editor):
        assert editor.line.echoMode() is QLineEdit.EchoMode.Password
        assert editor.line.accessibleName()


def test_a_key_that_stripe_refuses_is_kept_nowhere_and_said_beside_its_field(page: Page, stripe: SandboxStripe) -> None:
    section = page.open(stripe)

    page.enter_key(LIVE_KEY)

    assert page.keyring.read(SecretName.STRIPE_API_KEY) is None
    assert "does not know this key" in section.key.form.errors["api_key"]
    assert section.key.editor.text() == LIVE_KEY


def test_from_test_to_live_is_asked_and_explained_first(page: Page) -> None:
    page.keyring.write(SecretName.STRIPE_API_KEY, KEY)
    stripe = SandboxStripe(api_key=LIVE_KEY)
    section = page.open(stripe)

    page.enter_key(LIVE_KEY)
    question = page.dialog
    question.cancel_button.click()
    kept_after_cancel = page.keyring.read(SecretName.STRIPE_API_KEY)
    page.enter_key(LIVE_KEY)
    page.dialog.action_button.click()
    page.settle()

    assert kept_after_cancel == KEY
    assert page.keyring.read(SecretName.STRIPE_API_KEY) == LIVE_KEY
    assert section.badge.state.text == "LIVE"
    page.world.run(stripe.stop())


def test_missing_rights_are_named_before_a_restricted_key_is_used(page: Page) -> None:
    stripe = RestrictedStripe(withheld={"/v1/account", "/v1/invoices"})
    page.open(stripe)

    page.enter_key(stripe.api_key)

    words = " ".join(label.text() for label in page.dialog.findChildren(QWidget) if hasattr(label, "text"))
    assert "Invoices: read" in words
    page.dialog.cancel_button.click()
    page.world.run(stripe.stop())


def test_forgetting_is_asked_and_done(page: Page) -> None:
    page.keyring.write(SecretName.STRIPE_API_KEY, KEY)
    section = page.open()

    section.key.forget_button.click()
    page.dialog.action_button.click()
    page.settle()

    assert page.keyring.read(SecretName.STRIPE_API_KEY) is None
    assert section.badge.state.text == "NO KEY"
    assert section.key.forget_button.isHidden()


def test_what_the_environment_says_is_shown_as_such_and_cannot_be_changed(page: Page) -> None:
    page.environment |= {"STRIPE_API_KEY": KEY, "STRIPE_WEBHOOK_SECRET": OLD}
    section = page.open()

    assert section.key.form.isHidden()
    assert section.key.forget_button.isHidden()
    assert section.webhooks.form.isHidden()
    assert section.webhooks.remove_buttons == []
    assert "environment" in section.key.notice.text.text()


def test_webhook_secrets_stand_beside_each_other_until_one_is_removed(page: Page) -> None:
    page.keyring.write(SecretName.STRIPE_WEBHOOK_SECRET, OLD)
    section = page.open()

    section.webhooks.editor.set_text(NEW)
    section.webhooks.add_button.click()
    page.settle()
    both = page.keyring.read(SecretName.STRIPE_WEBHOOK_SECRET)
    names = [button.accessibleName() for button in section.webhooks.remove_buttons]
    section.webhooks.remove_buttons[1].click()
    page.dialog.action_button.click()
    page.settle()

    assert both == f"{NEW} {OLD}"
    assert names == ["Remove the webhook secret whsec_…2222", "Remove the webhook secret whsec_…1111"]
    assert page.keyring.read(SecretName.STRIPE_WEBHOOK_SECRET) == NEW
    assert section.webhooks.editor.text() == ""


def test_the_rights_of_a_restricted_key_are_listed_on_demand(page: Page) -> None:
    section = page.open()

    section.key.rights_button.click()

    assert section.key.rights.isVisible()
    assert "Customers: write" in section.key.rights.text.text()
