"""Edits a DMARC record as what it means: a policy and where reports go, or the whole record where it says more."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from smtpy_desktop.core.mail_identity import build_dmarc, split_dmarc
from smtpy_desktop.errors import FieldError
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.compound_editor import CompoundEditor
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.style_property import set_style_property
from smtpy_desktop.views.widgets.texts import tr

_NOT_SET = ""
_OWN_RECORD = "record"
_LEAST_LETTERS = 24


class DmarcEditor(CompoundEditor):
    """Its value is the record, ``v=DMARC1; p=quarantine; rua=mailto:…``, or nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.policy = QComboBox(self)
        self.policy.setAccessibleName(tr("DMARC policy"))
        for value, label in (
            ("none", tr("none: deliver as usual, only report (a good beginning)")),
            ("quarantine", tr("quarantine: put mail that fails into the junk folder")),
            ("reject", tr("reject: refuse mail that fails")),
            (_OWN_RECORD, tr("A record of my own…")),
            (_NOT_SET, tr("Not set")),
        ):
            self.policy.addItem(label, value)
        # The longest words must not make the page wider than the window.
        self.policy.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.policy.setMinimumContentsLength(_LEAST_LETTERS)
        self.reports = QLineEdit(self)
        self.reports.setAccessibleName(tr("Address for DMARC reports"))
        self.reports.setPlaceholderText(tr("Reports to: dmarc@example.net (optional)"))
        self.record = QLineEdit(self)
        self.record.setAccessibleName(tr("DMARC record"))
        self.record.setProperty("mono", True)
        self.record.setPlaceholderText("v=DMARC1; p=quarantine; rua=mailto:dmarc@example.net; adkim=s")
        words = tr("Without a policy no domain can be verified; “none” changes nothing about mail and is enough.")
        self.hint = PlainLabel(words, self, tone=Tone.WARN, size="small", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        for widget in (self.policy, self.hint, self.reports, self.record):
            column.addWidget(widget)
        self.setFocusProxy(self.policy)
        self.policy.activated.connect(self._on_policy)
        self.reports.textEdited.connect(self.edited)
        self.record.textEdited.connect(self.edited)
        self.set_text("")

    def text(self) -> str:
        """Return the record, with the addresses as they were typed."""
        chosen = str(self.policy.currentData())
        if chosen == _NOT_SET:
            return ""
        if chosen == _OWN_RECORD:
            return self.record.text()
        uris = ",".join(f"mailto:{address}" for address in re.split(r"[\s,;]+", self.reports.text()) if address)
        return f"v=DMARC1; p={chosen}" + (f"; rua={uris}" if uris else "")

    def set_text(self, value: str) -> None:
        """Show a record."""
        chosen, reports = _meaning(value)
        self.policy.setCurrentIndex(self.policy.findData(chosen))
        self.reports.setText(reports)
        self.record.setText(value)
        self._show_parts()

    def mark_invalid(self, *, invalid: bool) -> None:
        """Mark the line that is typed into."""
        for line in (self.reports, self.record):
            set_style_property(line, "invalid", invalid and not line.isHidden())

    def _on_policy(self) -> None:
        if self.policy.currentData() == _OWN_RECORD and not self.record.text():
            self.record.setText("v=DMARC1; p=quarantine")
        self._show_parts()
        self.edited.emit()

    def _show_parts(self) -> None:
        chosen = self.policy.currentData()
        self.reports.setVisible(chosen not in (_NOT_SET, _OWN_RECORD))
        self.record.setVisible(chosen == _OWN_RECORD)
        self.hint.setVisible(chosen == _NOT_SET)
        self.policy.setAccessibleDescription(self.hint.text() if chosen == _NOT_SET else "")


def _meaning(record: str) -> tuple[str, str]:
    """Return the choice that shows a record without losing anything of it, and its report addresses."""
    if not record:
        return _NOT_SET, ""
    policy, reports = split_dmarc(record)
    try:
        is_plain = build_dmarc(policy, reports) == record
    except FieldError:
        is_plain = False
    return (policy, reports) if is_plain else (_OWN_RECORD, reports)
