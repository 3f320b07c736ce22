"""What was typed and not yet saved, kept in the profile so that a killed program does not take it along."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr

_KEEP_AFTER_MILLISECONDS = 300
_LONGEST = 200_000

Texts = dict[str, str]


class Draft:
    """Texts by field under one key of the store. Never for secrets: what is kept here can be read in the profile."""

    def __init__(self, store: Store, key: str) -> None:
        self._store, self._key = store, f"drafts/{key}"

    def read(self) -> Texts:
        """Return what a run that did not end well has left; nothing when what was kept is damaged."""
        kept = self._store.value(self._key)
        try:
            found = json.loads(kept) if isinstance(kept, str) and kept else {}
        except ValueError:
            return {}
        if not isinstance(found, dict):
            return {}
        return {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, str)}

    def keep(self, texts: Mapping[str, str]) -> None:
        """Keep what is typed now; nothing where that is nothing, or too much."""
        if sum(map(len, texts.values())) > _LONGEST:
            return
        written = json.dumps(dict(texts), ensure_ascii=False) if texts else ""
        if written != (self._store.value(self._key) or ""):
            self._store.setValue(self._key, written)

    def clear(self) -> None:
        """Forget it: it was saved, or is not wanted any more."""
        self.keep({})


class Typed(Protocol):
    """Something to type into: a form, or a part of a dialog that is more than one field."""

    edited: SignalInstance

    def texts(self) -> Texts:
        """Return what is typed, by names of its own."""
        ...

    def restore(self, texts: Mapping[str, str]) -> None:
        """Put back what of the texts is its own; raise ValueError or TypeError when it cannot be understood."""
        ...


class DialogDraft(QObject):
    """Keeps what is typed into a dialog until it is closed; puts back what a killed run has left.

    ``more``: a part of the dialog besides its form. ``on_restored`` is called when texts were put in.
    """

    def __init__(
        self,
        dialog: Dialog,
        form: Form,
        store: Store,
        key: str,
        on_restored: Callable[[], object] | None = None,
        *,
        more: Typed | None = None,
    ) -> None:
        super().__init__(dialog)
        self._dialog, self._draft = dialog, Draft(store, key)
        self._parts: tuple[Typed, ...] = (form,) if more is None else (form, more)
        self._first = self._texts()
        self._on_restored = on_restored
        self._keep_soon = single_shot(self, self._keep, _KEEP_AFTER_MILLISECONDS)
        self.notice: Notice | None = None
        self._restore()
        for part in self._parts:
            part.edited.connect(self._keep_soon.start)
        dialog.finished.connect(self._end)

    def _restore(self) -> None:
        changed = {name: value for name, value in self._draft.read().items() if self._first.get(name, value) != value}
        if not changed:
            return
        if not self._put_in(changed):
            return
        if self._on_restored is not None:
            self._on_restored()
        words = tr("This is what you had typed when the program was ended.")
        self.notice = Notice("", words, Tone.ACCENT, self._dialog)
        self.notice.add_actions(Button(tr("Discard it"), self.notice, kind="link", action=self._discard))
        self._dialog.content.insertWidget(2, self.notice)  # below the heading and what the dialog is about

    def _discard(self) -> None:
        self._put_in(self._first)
        self._draft.clear()
        if self._on_restored is not None:
            self._on_restored()
        if self.notice is not None:
            self.notice.hide()
            self._dialog.fit_height()

    def _keep(self) -> None:
        self._draft.keep({name: value for name, value in self._texts().items() if value != self._first.get(name)})

    def _texts(self) -> Texts:
        return {name: value for part in self._parts for name, value in part.texts().items()}

    def _put_in(self, texts: Texts) -> bool:
        try:
            for part in self._parts:
                part.restore(texts)
        except (ValueError, TypeError):
            return False
        return True

    def _end(self) -> None:
        self._keep_soon.stop()
        self._draft.clear()
