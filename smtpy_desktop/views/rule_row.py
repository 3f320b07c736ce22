"""One rule in a list of rules: what it does, how often it decided, and what can be done with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from smtpy_desktop.core.rule_words import rule_sentence
from smtpy_desktop.schemas.aliases import Target
from smtpy_desktop.schemas.rules import Rule
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.rule_words import matches_words
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import IconButton
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.relative_time import full_time
from smtpy_desktop.views.widgets.texts import number, tr, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_PLACE_WIDTH = 18


class RuleRow(QFrame):
    """Shows one rule. ``edit_wanted``, ``delete_wanted``; ``move_wanted(int)``: so many places down (or up, negative).

    ``active_wanted(bool)``: it is to be heeded, or not.
    """

    edit_wanted = Signal()
    delete_wanted = Signal()
    move_wanted = Signal(int)
    active_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None, *, is_read_only: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("rule")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rule: Rule | None = None
        self._is_read_only = is_read_only
        self._build()
        if is_read_only:
            return
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        bind(self, Shortcut.MOVE_UP.keys, partial(self.move_wanted.emit, -1), here)
        bind(self, Shortcut.MOVE_DOWN.keys, partial(self.move_wanted.emit, 1), here)
        bind(self, Shortcut.RENAME.keys, self.edit_wanted.emit, here)
        bind(self, Shortcut.DELETE.keys, self.delete_wanted.emit, here)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)

    @property
    def rule(self) -> Rule | None:
        """The rule that is shown."""
        return self._rule

    def show_rule(self, rule: Rule, *, is_first: bool, is_last: bool, dead: tuple[Target, ...] = ()) -> None:
        """Show a rule."""
        self._rule = rule
        words = translated(rule_sentence(rule))
        self._place.setText(number(rule.position))
        self._name.setText(rule.name)
        self._name.setVisible(bool(rule.name))
        self._sentence.set_text(words)
        self._state.setVisible(not rule.is_active)
        self._matches.setText(matches_words(rule))
        set_tooltip(self._matches, full_time(rule.last_match_at) if rule.matches else "")
        gone = ", ".join(target.address for target in dead)
        self._dead.set_text(tr("{addresses} leads nowhere now.", addresses=gone) if gone else "")
        self._dead.setVisible(bool(gone))
        self.setAccessibleName(tr("Rule {n}: {words}", n=number(rule.position), words=words))
        for button, what in self._names.items():
            button.set_name(tr("{what} (rule {n})", what=what, n=number(rule.position)))
        self.up_button.setEnabled(not is_first and not self._is_read_only)
        self.down_button.setEnabled(not is_last and not self._is_read_only)

    def build_menu(self) -> QMenu:
        """Return everything that can be done with the rule."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._rule is None or self._is_read_only:
            return menu
        menu.addAction(icon("pencil", Tone.MUTED), tr("&Change…"), self.edit_wanted.emit)
        is_active = self._rule.is_active
        words, name = (tr("&Switch off"), "player-pause") if is_active else (tr("&Switch on"), "player-play")
        menu.addAction(icon(name, Tone.MUTED), words, partial(self.active_wanted.emit, not is_active))
        menu.addSeparator()
        menu.addAction(icon("trash", Tone.MUTED), tr("&Delete"), self.delete_wanted.emit)
        return menu

    def _build(self) -> None:
        self._place = PlainLabel("", self, tone=Tone.MUTED, size="small")
        self._place.setFixedWidth(_PLACE_WIDTH)
        self._name = PlainLabel("", self, size="label", wrap=True)
        self._sentence = WrappedText("", self)
        self._dead = WrappedText("", self, tone=Tone.WARN)
        self._state = Pill(tr("Off"), Tone.MUTED, self, icon="player-pause")
        self._matches = PlainLabel("", self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        up = partial(self.move_wanted.emit, -1)
        down = partial(self.move_wanted.emit, 1)
        self.up_button = IconButton("arrow-up", tr("Move up"), self, action=up)
        self.down_button = IconButton("arrow-down", tr("Move down"), self, action=down)
        self.edit_button = IconButton("pencil", tr("Change"), self, action=self.edit_wanted.emit)
        self.menu_button = IconButton("dots", tr("More"), self, action=self._open_below)
        self._names = {
            self.up_button: tr("Move up"),
            self.down_button: tr("Move down"),
            self.edit_button: tr("Change"),
            self.menu_button: tr("More"),
        }
        foot = QHBoxLayout()
        foot.setSpacing(Space.XS)
        foot.addWidget(self._state)
        foot.addWidget(self._matches, 1)
        for button in self._names:
            button.setVisible(not self._is_read_only)
            foot.addWidget(button)
        column = QVBoxLayout()
        column.setSpacing(2)
        for widget in (self._name, self._sentence, self._dead):
            column.addWidget(widget)
        column.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, Space.XS, 0, Space.XS)
        row.setSpacing(Space.XS)
        row.addWidget(self._place, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)

    def _open_menu(self, place: QPoint) -> None:
        self.build_menu().popup(self.mapToGlobal(place))

    def _open_below(self) -> None:
        self.build_menu().popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))
