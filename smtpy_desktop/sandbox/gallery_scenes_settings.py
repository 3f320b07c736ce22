"""Scenes of the settings, section by section, and of what they ask."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QScrollArea, QWidget

from smtpy_desktop.core.settings_file import write_settings
from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.views.settings_transfer_section import TransferSection
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


def _smart_host(stage: Stage) -> Script:
    """Try a smart host that is not there; what is typed is neither sent nor saved."""
    yield from stage.page("settings")
    page = stage.pages.settings
    form = page.forwarding_form
    form.field("forwarder.smarthost").set_text("127.0.0.1:2587")
    form.field("forwarder.smarthost_user").set_text("ada@example.com")
    panel = form.smart_host
    panel.editor.set_text("not-the-password")
    panel.try_it()
    yield Until("the smart host was tried", lambda: not panel.result.isHidden())
    section = next(one for one in page.sections if one.section_id == "forwarding")
    bar = page.findChildren(QScrollArea)[0].verticalScrollBar()
    bar.setValue(section.y() + form.field("forwarder.smarthost").mapTo(section, QPoint(0, 0)).y())
    yield from stage.calm()
    yield stage.window
    panel.editor.set_text("")
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


_FILE = {
    "mail.mx": "10 mx1.example.net, 20 mx2.example.net",
    "mail.hostname": "mx1.example.net",
    "dns.recheck_minutes": "15",
    "retention.contents_days": "3",
    "forwarder.smarthost": "",
}
_WRONG = {"dns.history_days": "for ever", "forwarder.speed": "12"}

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
    "profile",
    "questions",
    "transfer",
    "about",
)


def _import_some(stage: Stage, *, is_right: bool) -> Script:
    """Show what a file of settings would change."""
    yield from stage.page("settings")
    section = next(each for each in stage.pages.settings.sections if isinstance(each, TransferSection))
    with tempfile.TemporaryDirectory(prefix="smtpy-gallery-") as directory:
        file = Path(directory) / "settings.json"
        file.write_text(write_settings(_FILE | ({} if is_right else _WRONG)), encoding="utf-8")
        section.look_at(str(file))
        dialog = yield from stage.dialog()
    yield dialog
    dialog.reject()


SETTINGS_SCENES = (
    *(Sketch(f"settings-{name}", f"Settings: {name}", partial(_section, section_id=name)) for name in SECTIONS),
    Sketch("settings-changed", "Settings: a wrong value", partial(_changed, typed="not a server!")),
    Sketch("settings-found", "Settings: what a search finds", partial(_searched, typed="days")),
    Sketch("settings-no-match", "Settings: nothing is found", partial(_searched, typed="zzzz")),
    Sketch("settings-import", "Import settings", partial(_import_some, is_right=True)),
    Sketch("settings-import-refused", "Import settings: refused", partial(_import_some, is_right=False)),
    Sketch("settings-retention-asked", "Remove what is past its time?", _shorter_retention),
    Sketch(
        "settings-forget-key",
        "Forget the Stripe key?",
        dialog_over("settings", lambda stage: stage.pages.settings.billing.key.forget_button.click()),
    ),
    Sketch("settings-smart-host", "Settings: a smart host that is not there", _smart_host),
    Sketch(
        "settings-forget-smart-host",
        "Forget the smart host's password?",
        dialog_over("settings", lambda stage: stage.pages.settings.forwarding_form.smart_host.forget_button.click()),
    ),
    Sketch(
        "settings-licences",
        "Licences",
        dialog_over("settings", lambda stage: stage.pages.settings.about.show_licences()),
    ),
)
