"""The dialog about the webhook listener: what it does, its address, and how Stripe's events get there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.views.icons import status_icon_name
from smtpy_desktop.views.listener_words import listener_tone, state_sentence
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_WIDTH = 680


class ListenerDialog(Dialog):
    """Follows the listener while it is open (``show_state``).

    ``restart`` lets it try at once, ``use_port`` lets it listen at another port from now on.
    """

    def __init__(
        self,
        parent: QWidget | None,
        state: ListenerState,
        restart: Callable[[], object],
        use_port: Callable[[int], object],
    ) -> None:
        super().__init__(parent, tr("Webhook listener"))
        self._free_port: int | None = None
        self.ask_for_width(_WIDTH)
        self._icon = IconLabel("info-circle", Tone.MUTED, self)
        self._sentence = PlainLabel("", self, wrap=True, selectable=True)
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(self._icon)
        line.addWidget(self._sentence, 1)
        self.content.addLayout(line)
        self.address = CodeBlock(tr("Webhook address"), "", self)
        self.content.addWidget(self.address)
        self.content.addSpacing(Space.S)
        self.content.addWidget(PlainLabel(tr("How Stripe's events get here"), self, size="strong"))
        words = tr(
            "The address can be reached from this machine alone. While you try things out, the Stripe CLI brings the"
            " events of your account; the secret that it prints belongs into Settings, Billing:"
        )
        self.content.addWidget(PlainLabel(words, self, tone=Tone.MUTED, wrap=True))
        self.stripe = CodeBlock(tr("Stripe CLI"), "", self)
        self.content.addWidget(self.stripe)
        words = tr(
            "For a webhook endpoint in the Stripe dashboard, a tunnel makes the address public. It must pass the events"
            " on under the listener's own host name:"
        )
        self.content.addWidget(PlainLabel(words, self, tone=Tone.MUTED, wrap=True))
        self.cloudflared = CodeBlock(tr("cloudflared"), "", self)
        self.content.addWidget(self.cloudflared)
        self.ngrok = CodeBlock(tr("ngrok"), "", self)
        self.content.addWidget(self.ngrok)
        words = tr("Without either, what has happened is read from Stripe at every start and every five minutes.")
        self.content.addWidget(PlainLabel(words, self, tone=Tone.MUTED, wrap=True))
        self.restart = Button(tr("Restart now"), self, icon="refresh", action=restart)
        close = Button(tr("Close"), self, kind="primary", action=self.accept)
        close.setDefault(True)
        self.use_free_port = Button("", self, action=lambda: use_port(self._free_port) if self._free_port else None)
        self.offer_help("events")
        self.set_buttons(close, leading=(self.restart, self.use_free_port))
        close.setFocus()
        self.show_state(state)

    def show_state(self, state: ListenerState) -> None:
        """Show what the listener does now."""
        tone = listener_tone(state)
        self._icon.set_icon(status_icon_name(tone), tone)
        self._sentence.setText(state_sentence(state))
        base = state.address or f"http://127.0.0.1:{state.port or 4242}"
        host = base.removeprefix("http://")
        self.address.set_value(f"{base}/webhooks/stripe")
        self.stripe.set_value(f"stripe listen --forward-to {base}/webhooks/stripe")
        self.cloudflared.set_value(f"cloudflared tunnel --url {base} --http-host-header {host}")
        self.ngrok.set_value(f"ngrok http {base} --host-header={host}")
        self.restart.setEnabled(state.phase is not ListenerPhase.OFF)
        self._free_port = state.free_port
        self.use_free_port.setVisible(state.free_port is not None)
        self.use_free_port.set_text(tr("&Use port {port}", port=state.free_port or ""))
        if self.isVisible():
            self.fit_height()
