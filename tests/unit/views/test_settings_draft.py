"""Settings that were changed and not saved are there again after the program was killed."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.settings_draft import SettingsDraft
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.settings_forms import dns_form
from smtpy_desktop.views.widgets.remembered import MemoryStore

KEY = "dns.recheck_minutes"


@pytest.fixture
def form(qtbot: QtBot) -> SettingsForm:
    made = dns_form(None)
    qtbot.addWidget(made)
    made.load({KEY: "60"})
    return made


def test_what_was_changed_is_put_back_and_told(form: SettingsForm, store: MemoryStore) -> None:
    form.field(KEY).set_text("15")
    SettingsDraft((form,), store).keep()
    form.discard()

    told = SettingsDraft((form,), store).restore()

    assert form.changes() == {KEY: "15"}
    assert told is not None


def test_what_was_saved_or_discarded_is_not(form: SettingsForm, store: MemoryStore) -> None:
    draft = SettingsDraft((form,), store)
    form.field(KEY).set_text("15")
    draft.keep()
    form.take_stored({KEY: "15"})
    draft.keep()

    assert SettingsDraft((form,), store).restore() is None
    assert form.changes() == {}


def test_what_somebody_else_has_set_meanwhile_is_no_change(form: SettingsForm, store: MemoryStore) -> None:
    form.field(KEY).set_text("15")
    SettingsDraft((form,), store).keep()
    form.discard()
    form.load({KEY: "15"})

    assert SettingsDraft((form,), store).restore() is None


def test_a_setting_that_is_not_there_any_more_is_passed_over(form: SettingsForm, store: MemoryStore) -> None:
    store.setValue("drafts/settings", '{"gone.setting": "1"}')

    assert SettingsDraft((form,), store).restore() is None
