"""The page of a first start: which database, or a look around with sample data."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from smtpy_desktop.views.start_frame import ProductPicture, StartFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr

_WIDTH = 820
_CARD_ICON = 28


class StartChoicePage(StartFrame):
    """``embedded_chosen``, ``server_chosen``, ``sample_data_wanted``; ``back_wanted`` where there is a way back."""

    embedded_chosen = Signal()
    server_chosen = Signal()
    sample_data_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_WIDTH, parent, centered=True)
        self.setAccessibleName(tr("Where the data is kept"))
        self._build_head()
        self._build_cards()
        self._build_foot()
        self.setFocusProxy(self.start_button)

    def set_changing(self, *, changing: bool) -> None:
        """Ask for another database of a program that is in use (with a way back) instead of the first one."""
        self._title.setText(tr("Which database?") if changing else tr("Welcome to SMTPy Desktop"))
        self._sentence.setText(
            tr("Nothing is moved: the program shows what the chosen database holds.")
            if changing
            else tr("Add a domain, see exactly which DNS records to publish, and know which of them are right.")
        )
        self.back_button.setVisible(changing)
        self._samples.setVisible(not changing)

    def _build_head(self) -> None:
        center = Qt.AlignmentFlag.AlignHCenter
        self.column.addWidget(ProductPicture(self), 0, center)
        self._title = PlainLabel("", self, size="figure")
        self._sentence = PlainLabel("", self, tone=Tone.MUTED, wrap=True)
        self._sentence.setAlignment(center)
        self.column.addWidget(self._title, 0, center)
        self.column.addWidget(self._sentence)
        self.column.addSpacing(Space.L)

    def _build_cards(self) -> None:
        self.start_button = Button(tr("&Start"), self, kind="primary", action=self.embedded_chosen.emit)
        self.start_button.setAccessibleDescription(tr("Start with the built-in database"))
        self.server_button = Button(tr("&Connect to a server…"), self, action=self.server_chosen.emit)
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        row.addWidget(
            _ChoiceCard(
                "database",
                tr("Built-in database"),
                tr("Nothing to fill in. The program brings its own PostgreSQL and keeps everything on this computer."),
                (
                    tr("Starts and stops with the program"),
                    tr("Only your account can reach it"),
                    tr("You can change to a server later"),
                ),
                self.start_button,
                recommended=True,
                parent=self,
            )
        )
        row.addWidget(
            _ChoiceCard(
                "server-2",
                tr("PostgreSQL server"),
                tr("For a team, or when mail is forwarded on other machines: everybody works on the same data."),
                (
                    tr("PostgreSQL 15 or newer"),
                    tr("Tested step by step before it is used"),
                    tr("The password goes into the keyring"),
                ),
                self.server_button,
                parent=self,
            )
        )
        self.column.addLayout(row)

    def _build_foot(self) -> None:
        self._samples = QWidget(self)
        row = QHBoxLayout(self._samples)
        row.setContentsMargins(0, Space.L, 0, 0)
        row.setSpacing(Space.S)
        self.samples_button = Button(
            tr("&Explore with sample data"), self, kind="link", icon="flask", action=self.sample_data_wanted.emit
        )
        words = tr(
            "Sample data, with a DNS server, a mail server and a Stripe of its own; nothing leaves this computer."
        )
        row.addWidget(self.samples_button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(PlainLabel(words, self, tone=Tone.MUTED, wrap=True), 1)
        self.column.addWidget(self._samples)
        self.back_button = Button(tr("&Back"), self, kind="ghost", icon="chevron-left", action=self.back_wanted.emit)
        self.column.addSpacing(Space.S)
        self.column.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.set_changing(changing=False)


class _ChoiceCard(Card):
    """One of the two choices: what it is, what speaks for it, and the button that takes it."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str,
        facts: tuple[str, ...],
        button: Button,
        *,
        recommended: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent, tone=Tone.ACCENT if recommended else Tone.MUTED)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.body.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        self.body.setSpacing(Space.M)
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(IconLabel(icon, Tone.ACCENT if recommended else Tone.MUTED, self, size=_CARD_ICON))
        head.addWidget(PlainLabel(title, self, size="heading"), 1)
        if recommended:
            head.addWidget(Pill(tr("Recommended"), Tone.ACCENT, self, icon=""))
        self.body.addLayout(head)
        self.body.addWidget(PlainLabel(text, self, wrap=True))
        self.body.addLayout(_fact_lines(facts, self))
        self.body.addSpacing(Space.S)
        self.body.addStretch(1)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body.addWidget(button)


def _fact_lines(facts: tuple[str, ...], parent: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(Space.XS + 2)
    for fact in facts:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(IconLabel("check", Tone.OK, parent))
        row.addWidget(PlainLabel(fact, parent, tone=Tone.MUTED), 1)
        column.addLayout(row)
    return column
