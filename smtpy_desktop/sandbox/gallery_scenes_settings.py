"""Scenes of the settings, section by section, and of what they ask."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QScrollArea, QWidget

from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.views.settings_view import SettingsView
from smtpy_desktop.views.widgets.number_box import NumberBox


def _section(stage: Stage, section_id: str) -> Script:
    yield from stage.page("settings")
    page = stage.pages.settings
    section = next((one for one in page.sections if one.section_id == section_id), None)
    if section is None:
        raise LookupError(f"the settings have no section {section_id}")
    _scroll_to(page, section)
    yield from stage.calm()
    yield stage.window


def _scroll_to(page: SettingsView, section: QWidget) -> None:
    area = page.findChildren(QScrollArea)[0]
    area.verticalScrollBar().setValue(section.y())


def _changed(stage: Stage, typed: str) -> Script:
    yield from stage.page("settings")
    page = stage.pages.settings
    page.identity_form.field("mail.mx").set_text(typed)
    page.save()
    yield from stage.calm()
    yield stage.window
    page.discard()


def _searched(stage: Stage, typed: str) -> Script:
    yield from stage.page("settings")
    page = stage.pages.settings
    page.search.setText(typed)
    yield from stage.calm()
    yield stage.window
    page.search.clear()


def _shorter_retention(stage: Stage) -> Script:
    yield from stage.page("settings")
    page = stage.pages.settings
    for box in page.retention_form.findChildren(NumberBox):
        box.setValue(40)
    yield Until("it can be saved", page.save_button.isEnabled)
    page.save()
    dialog = yield from stage.dialog()
    yield dialog
    dialog.reject()
    page.discard()


SECTIONS = (
    "mail-identity",
    "dns",
    "forwarding",
    "retention",
    "billing",
    "database",
    "notices",
    "secrets",
    "appearance",
    "about",
)

SETTINGS_SCENES = (
    *(Sketch(f"settings-{name}", f"Settings: {name}", partial(_section, section_id=name)) for name in SECTIONS),
    Sketch("settings-changed", "Settings: a wrong value", partial(_changed, typed="not a server!")),
    Sketch("settings-found", "Settings: what a search finds", partial(_searched, typed="days")),
    Sketch("settings-no-match", "Settings: nothing is found", partial(_searched, typed="zzzz")),
    Sketch("settings-retention-asked", "Remove what is past its time?", _shorter_retention),
    Sketch(
        "settings-forget-key",
        "Forget the Stripe key?",
        dialog_over("settings", lambda stage: stage.pages.settings.billing.key.forget_button.click()),
    ),
    Sketch(
        "settings-licences",
        "Licences",
        dialog_over("settings", lambda stage: stage.pages.settings.about.show_licences()),
    ),
)
