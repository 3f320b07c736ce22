"""What was changed on the settings page and not saved, kept for after a crash."""

from __future__ import annotations

from collections.abc import Sequence

from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.widgets.drafts import Draft
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr


class SettingsDraft:
    """Keeps the changed fields of all forms; secrets have no field in any of them."""

    def __init__(self, forms: Sequence[SettingsForm], store: Store) -> None:
        self._forms, self._draft = forms, Draft(store, "settings")

    def keep(self) -> None:
        """Keep what differs from what is stored."""
        self._draft.keep({key: form.field(key).text() for form in self._forms for key in form.changes()})

    def restore(self) -> Message | None:
        """Put back what a killed run has left; return what to tell about it."""
        kept = self._draft.read()
        for form in self._forms:
            form.restore({key: value for key, value in kept.items() if key in form.keys})
        if not any(form.changes() for form in self._forms):
            return None
        return Message(tr("The settings that you had changed when the program was ended are here, not yet saved."))
