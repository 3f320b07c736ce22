"""The head of the billing page: whose it is, whether money is real, how old it is what is shown, and what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.stripe_settings import StripeMode
from smtpy_desktop.views.billing_mode_badge import ModeBadge
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.moments import date_and_time_of, is_today, time_of
from smtpy_desktop.views.widgets.texts import tr, translated


class BillingHead(QWidget):
    """``refresh_wanted``: Stripe is to be asked. ``settings_wanted``: the key is to be entered."""

    refresh_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._synced_at: datetime | None = None
        self._mode: StripeMode | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(self._build_title())
        self.trouble = Notice("", " ", Tone.WARN, self)
        retry = self.refresh_wanted.emit
        self.retry_button = Button(tr("Try again"), self.trouble, icon="refresh", action=retry)
        self.settings_button = Button(
            tr("Open Settings, Billing"), self.trouble, icon="settings", action=self.settings_wanted.emit
        )
        self.trouble.add_actions(self.retry_button, self.settings_button)
        self.trouble.hide()
        column.addWidget(self.trouble)
        self.setFocusProxy(self.refresh_button)

    def show_whose(self, scope: str, mode: StripeMode, synced_at: datetime | None) -> None:
        """Show whose billing is seen, and when it was read from Stripe last."""
        self._mode, self._synced_at = mode, synced_at
        self.scope.setText(scope)
        self.badge.show_mode(mode)
        self.badge.show()

    def show_state(self, *, is_asking: bool, trouble: UserFacingError | None, shows_data: bool) -> None:
        """Show how old it is what is shown, and calmly why Stripe cannot be asked."""
        # The button stays enabled while Stripe is asked: a disabled one would hand the keyboard on to the next.
        known = tr("as of {time}", time=_moment(self._synced_at)) if self._synced_at is not None else ""
        self.as_of.setText(tr("asking Stripe…") if is_asking else known)
        has_key = self._mode is None or self._mode.has_key
        self.trouble.setVisible(shows_data and (trouble is not None or not has_key))
        self.settings_button.setVisible(not has_key)
        self.retry_button.setVisible(has_key)
        if not has_key:
            words = tr("What is shown was read before. Enter the key again to bring it up to date.")
            self.trouble.show_words(tr("No Stripe key is set up."), words, Tone.WARN)
        elif trouble is not None:
            self.trouble.show_words(translated(trouble.message), self._words(trouble), Tone.WARN)

    def _build_title(self) -> QHBoxLayout:
        self.badge = ModeBadge(parent=self)
        self.badge.hide()
        self.scope = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        self.as_of = PlainLabel("", self, tone=Tone.MUTED, size="small")
        self.refresh_button = Button(tr("Refresh"), self, icon="refresh", action=self.refresh_wanted.emit)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(PlainLabel(tr("Billing"), self, size="title"))
        row.addWidget(self.badge)
        row.addWidget(self.scope, 1)
        row.addWidget(self.as_of)
        row.addWidget(self.refresh_button)
        return row

    def _words(self, error: UserFacingError) -> str:
        if self._synced_at is not None:
            kept = tr("What is shown was read at {time}.", time=_moment(self._synced_at))
        else:
            kept = tr("Nothing was read from Stripe before.")
        return f"{kept} {translated(error.hint)}" if error.hint is not None else kept


def _moment(moment: datetime) -> str:
    """Return the time of a moment, with its day where that is not today."""
    return time_of(moment) if is_today(moment, datetime.now(UTC)) else date_and_time_of(moment)
