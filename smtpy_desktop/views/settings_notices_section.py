"""How notices are wanted: quiet hours, the kinds that are told, the desktop, and a trial."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from smtpy_desktop.core.notice_catalogue import CATALOGUE
from smtpy_desktop.core.notice_settings import (
    DESKTOP_KEY,
    MUTED_KEY,
    QUIET_FROM_KEY,
    QUIET_TO_KEY,
    format_kinds,
    parse_notice_settings,
)
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.notice_kinds import NoticeKind
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.notices_tools import NoticesTools
from smtpy_desktop.views.notices_words import severity_icon, severity_tone, severity_word
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.compound_editor import CompoundEditor
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.setting_boxes import YesNoBox
from smtpy_desktop.views.widgets.texts import tr, translated

_TIME_WIDTH = 140
_COLUMNS = 2


class NoticesSection(SettingsSection):
    """``form`` has what is saved with the page; the button for a trial works at once."""

    def __init__(self, tools: NoticesTools, parent: QWidget | None = None) -> None:
        keywords = "bell tray desktop notification alert quiet mute do not disturb"
        super().__init__(
            "notices", tr("Notices"), tr("what is told by itself, and when"), "bell", parent, keywords=keywords
        )
        self._tools = tools
        self.tray_label = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True)
        self.body.addWidget(self.tray_label)
        self.body.addSpacing(Space.S)
        self.form = NoticesForm(self)
        self.add_form(self.form)
        self.test_button = Button(tr("Send a &test notice"), self, icon="bell", action=self._test)
        self.add_action(self.test_button)
        self.refresh()

    def refresh(self) -> None:
        """Tell whether the desktop has a tray now."""
        has_tray = self._tools.has_tray()
        self.test_button.setEnabled(has_tray)
        self.tray_label.setText(
            tr("Notices come from the icon in the tray, also while the window is closed into it.")
            if has_tray
            else tr("This desktop has no tray: notices are listed behind the bell at the top of the window alone.")
        )

    def _test(self) -> None:
        if not self._tools.test():
            self.refresh()


class NoticesForm(SettingsForm):
    """Whether the desktop is told, when it is not, and of what."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._add(DESKTOP_KEY, tr("&Desktop"), YesNoBox(tr("Tell of warnings and failures by desktop notices"), self))
        for key, label, example in (
            (QUIET_FROM_KEY, tr("&Quiet from"), "22:00"),
            (QUIET_TO_KEY, tr("Quiet &until"), "07:00"),
        ):
            line = QLineEdit(self)
            line.setPlaceholderText(example)
            line.setMaximumWidth(_TIME_WIDTH)
            self._add(key, label, line)
        self.kinds = KindsBox(self)
        words = tr("What is not ticked is neither told nor counted; the list behind the bell says how many there are.")
        self._add(MUTED_KEY, tr("&Kinds of notices"), self.kinds, words)

    def check(self) -> bool:
        """Mark what is wrong; quiet hours need two ends that differ."""
        if not super().check():
            return False
        begin, end = (self.values()[key] for key in (QUIET_FROM_KEY, QUIET_TO_KEY))
        if bool(begin) == bool(end) and (not begin or begin != end):
            return True
        wrong = QUIET_FROM_KEY if end and not begin else QUIET_TO_KEY
        words = text("Quiet hours need two times that differ: when they begin and when they end.")
        self.show_error(FieldError(wrong, "SETTING_QUIET_HOURS", words, hint=text("Give both, or none.")))
        return False

    def _add(self, key: str, label: str, editor: QWidget, words: str = "") -> None:
        field = self.add_setting(key, label, editor, words or translated(SETTINGS[key].explanation))
        if isinstance(editor, CompoundEditor):
            field.set_text(SETTINGS[key].default)


class KindsBox(CompoundEditor):
    """A box to tick for every kind that is told; its value is the list of those that are not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[NoticeKind, QCheckBox] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.XXL)
        grid.setVerticalSpacing(Space.XS)
        rows = -(-len(CATALOGUE) // _COLUMNS)
        for number, kind in enumerate(CATALOGUE):
            grid.addLayout(self._line(kind), number % rows, number // rows)
        self.setFocusProxy(next(iter(self.boxes.values())))

    def setAccessibleName(self, name: str) -> None:
        """Name the boxes; each has words of its own."""
        super().setAccessibleName(name)

    def text(self) -> str:
        """Return the kinds that are not ticked."""
        return format_kinds(kind for kind, box in self.boxes.items() if not box.isChecked())

    def set_text(self, value: str) -> None:
        """Show which kinds are told."""
        muted = parse_notice_settings({MUTED_KEY: value}).muted
        for kind, box in self.boxes.items():
            box.setChecked(kind not in muted)

    def mark_invalid(self, *, invalid: bool) -> None:
        """Nothing: no choice of kinds is wrong."""

    def _line(self, kind: NoticeKind) -> QHBoxLayout:
        entry = CATALOGUE[kind]
        words = translated(entry.name)
        box = QCheckBox(words, self)
        box.setChecked(True)
        box.setAccessibleName(f"{words} ({severity_word(entry.severity)})")
        box.clicked.connect(self.edited)
        self.boxes[kind] = box
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        row.addWidget(box)
        mark = IconLabel(severity_icon(entry.severity), severity_tone(entry.severity), self, size=14)
        row.addWidget(mark)
        row.addStretch(1)
        return row
