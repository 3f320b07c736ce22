"""What stands above the list of messages: the search box, what was wrong in it, and its chips."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.core import message_search_chips
from smtpy_desktop.core.message_search import parse_search
from smtpy_desktop.core.message_search_chips import chips, with_only, with_term, without
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.message_search import Search, SearchKey, Statuses, TimeSpan
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.messages_search_box import MessagesSearchBox
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.moments import date_of, local_zone
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr, translated

_SEARCH_AFTER_MILLISECONDS = 180
_LONGEST_CHIP = 40
_MINUS = "\N{MINUS SIGN}"


class MessagesSearchBar(QWidget):
    """``changed``: another search holds now. ``left``: the user goes on to the list."""

    changed = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._applied = ""
        self._search = Search()
        self._chips: list[Chip] = []
        self._apply_soon = single_shot(self, self._apply, _SEARCH_AFTER_MILLISECONDS)
        self.box = MessagesSearchBox(self)
        self.problem = PlainLabel("", self, tone=Tone.BAD, size="small", wrap=True)
        self._problem_icon = IconLabel("alert-triangle", Tone.BAD, self)
        self.filter_chip = Chip(tr("Filter"), self, icon="filter")
        self.filter_chip.setAccessibleName(tr("Add a filter"))
        self._build()

    @property
    def text(self) -> str:
        """What was typed, as it holds now."""
        return self._applied

    @property
    def search(self) -> Search:
        """What holds now."""
        return self._search

    @property
    def is_waiting(self) -> bool:
        """Whether something was typed that does not hold yet."""
        return self._apply_soon.isActive()

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The chips that are shown, in the order of their terms."""
        return tuple(self._chips)

    def set_text(self, text: str) -> None:
        """Let another search hold."""
        self.box.setText(text)
        self.box.popup.hide()
        self._apply()

    def add(self, key: SearchKey, value: str, *, is_exact: bool = False, is_excluded: bool = False) -> None:
        """Add a term."""
        self.set_text(with_term(self.box.text(), key, value, is_exact=is_exact, is_excluded=is_excluded))

    def set_only(self, key: SearchKey, value: str | None, *, is_exact: bool = False) -> None:
        """Let this be the only term of its key; None: let there be none."""
        self.set_text(with_only(self.box.text(), self.parsed(), key, value, is_exact=is_exact))

    def parsed(self) -> Search:
        """Return what the box says now."""
        return parse_search(self.box.text(), now=datetime.now(UTC), zone=local_zone())

    def focus_box(self, typed: str | None = None) -> None:
        """Give the box the keyboard; a text given is typed at the end."""
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if typed is None:
            self.box.selectAll()
        else:
            self.box.end(False)
            self.box.insert(typed)
            self._apply_soon.start()

    def _build(self) -> None:
        problem_row = QHBoxLayout()
        problem_row.setSpacing(Space.S)
        problem_row.addWidget(self._problem_icon, 0, Qt.AlignmentFlag.AlignTop)
        problem_row.addWidget(self.problem, 1)
        self.line = QHBoxLayout()
        self.line.setSpacing(Space.S)
        holder = QWidget(self)
        self._flow = FlowLayout(holder, spacing=Space.S)
        self._flow.addWidget(self.filter_chip)
        self.line.addWidget(holder, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.box)
        column.addLayout(problem_row)
        column.addLayout(self.line)
        self.problem.hide()
        self._problem_icon.hide()
        self.box.textEdited.connect(self._on_edited)
        self.box.textChanged.connect(self._on_changed)
        self.box.left.connect(self._on_left)

    def _on_edited(self) -> None:
        self._apply_soon.start()

    def _on_changed(self, text: str) -> None:
        if not text and self._applied:
            self._apply()  # the clear button, and Esc, need not wait

    def _on_left(self) -> None:
        self._apply()
        self.left.emit()

    def _apply(self) -> None:
        self._apply_soon.stop()
        text, search = self.box.text(), self.parsed()
        self.box.show_problems(search.problems)
        self._show_problem(search)
        is_other = search != self._search
        self._applied, self._search = text, search
        self._show_chips(search)
        if is_other:
            self.changed.emit()

    def _show_problem(self, search: Search) -> None:
        words = " ".join(translated(problem.message) for problem in search.problems[:2])
        self.problem.setText(visible_line(words))
        self.problem.setVisible(bool(words))
        self._problem_icon.setVisible(bool(words))

    def _show_chips(self, search: Search) -> None:
        for old in self._chips:
            self._flow.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._chips = []
        for place, one in enumerate(chips(search)):
            label = visible_line(_label(one), _LONGEST_CHIP)
            chip = Chip(label, self._flow.parentWidget(), closable=True, action=partial(self._remove, one))
            self._flow.insert(place, chip)
            chip.show()
            self._chips.append(chip)
        self._flow.activate()

    def _remove(self, chip: message_search_chips.Chip) -> None:
        self.set_text(without(self.box.text(), chip))
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)


def _label(chip: message_search_chips.Chip) -> str:
    """Return what a chip says: dates as they were understood, statuses in the user's language."""
    term = chip.term
    sign = _MINUS if term.is_excluded else ""
    joined = tr("or {term}", term="") if chip.is_alternative else ""
    meaning = term.meaning
    match term.key:
        case SearchKey.WORD:
            return f"{joined}{sign}{tr('words: {words}', words=term.value)}"
        case SearchKey.STATUS if isinstance(meaning, Statuses):
            words = ", ".join(message_status_word(one).lower() for one in sorted(meaning.statuses))
            return f"{joined}{sign}{term.key.value}: {words}"
        case SearchKey.AFTER if isinstance(meaning, TimeSpan) and meaning.since is not None:
            return f"{joined}{sign}{term.key.value}: {date_of(meaning.since)}"
        case SearchKey.BEFORE if isinstance(meaning, TimeSpan) and meaning.until is not None:
            return f"{joined}{sign}{term.key.value}: {date_of(meaning.until)}"
    return f"{joined}{sign}{term.key.value}: {term.value}"
