"""What the simulator found out, as cards: how the mail fares, each recipient, authentication, the session."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.core.verdict_words import (
    arc_words,
    dkim_words,
    dmarc_words,
    signatures_behind_words,
    spf_words,
    unsigned_words,
)
from smtpy_desktop.core.visible_text import visible_line, visible_text
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict
from smtpy_desktop.schemas.mail_decision import MailOutcome
from smtpy_desktop.schemas.mail_simulation import RecipientSimulation, SimulatedSending, Simulation, Speaker
from smtpy_desktop.views.simulation_words import check_words, match_words, outcome_pill, result_pill, summary
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.card import Card, Notice, clear_layout
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from smtpy_desktop.views.widgets.texts import tr, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_LONGEST_SHOWN = 20_000


class SimulationResult(ScrollColumn):
    """Shows a ``Simulation``, or what to do to get one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What would happen"), parent)
        self.column.setContentsMargins(0, 0, Space.S, 0)
        self.told: Simulation | None = None
        self.show_hint(tr("What would become of the message is shown here. Nothing is sent, and nothing is written."))

    def show_hint(self, words: str) -> None:
        """Show a sentence in place of a result."""
        self.told = None
        clear_layout(self.column)
        self.column.addWidget(PlainLabel(words, self.widget(), tone=Tone.MUTED, wrap=True))
        self.column.addStretch(1)

    def show_simulation(self, told: Simulation) -> None:
        """Show what would become of a message."""
        self.told = told
        clear_layout(self.column)
        tone, heading, words = summary(told)
        parts: list[QWidget] = [Notice(heading, words, tone, self.widget())]
        parts += [PlainLabel(translated(note), self.widget(), tone=Tone.MUTED, wrap=True) for note in told.notes]
        parts += [self._recipient_card(one) for one in told.recipients]
        if told.verdict is not None:
            parts.append(self._authentication_card(told, told.verdict))
        parts.append(self._session_card(told))
        for part in parts:
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.verticalScrollBar().setValue(0)

    def _recipient_card(self, one: RecipientSimulation) -> Card:
        card = Card(visible_line(one.address), "", self.widget())
        pill = outcome_pill(one)
        card.add_action(Pill(pill.text, pill.tone, card, icon=pill.icon))
        card.body.addWidget(WrappedText(visible_line(translated(one.reason)), card))
        facts = KeyValueList(card)
        facts.add(tr("Taken by"), match_words(one.match), copy=False)
        if one.sending is not None:
            targets = ", ".join(visible_line(target.address) for target in one.sending.targets)
            facts.add(tr("Goes to"), targets)
            sender = one.sending.forward_sender
            facts.add(tr("Sent on from"), visible_line(sender) or tr("<> (the null sender)"), copied=sender, mono=True)
            facts.add(tr("If it fails"), _report_words(one.sending), copy=False)
        elif one.outcome is MailOutcome.FORWARD:
            facts.add(tr("Goes to"), tr("nobody: another recipient leads to the same address"), copy=False)
        card.body.addWidget(facts)
        if one.rules:
            card.body.addWidget(self._rules(one, card))
        if one.sending is not None and one.sending.prefix:
            lines = visible_text(one.sending.prefix[:_LONGEST_SHOWN].replace("\r\n", "\n").rstrip("\n"))
            card.body.addWidget(CodeBlock(tr("Lines put on top"), lines, card))
        return card

    def _rules(self, one: RecipientSimulation, card: Card) -> QWidget:
        holder = QWidget(card)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(PlainLabel(tr("Rules"), holder, tone=Tone.MUTED, size="small"))
        for check in one.rules:
            icon, tone, meaning, words = check_words(check)
            tint = Tone.TEXT if tone is Tone.OK else Tone.MUTED
            column.addLayout(_line(IconLabel(icon, tone, holder, size=Metric.SMALL_ICON, name=meaning), words, tint))
        return holder

    def _authentication_card(self, told: Simulation, verdict: AuthenticationVerdict) -> Card:
        card = Card(tr("Who sent it"), "", self.widget())
        lines = [("SPF", verdict.spf, translated(spf_words(verdict)))]
        lines += [("DKIM", one.result, translated(dkim_words(one))) for one in verdict.dkim[:10]]
        if not verdict.dkim:
            lines.append(("DKIM", "none", translated(unsigned_words())))
        lines.append(("DMARC", verdict.dmarc, translated(dmarc_words(verdict))))
        lines.append(("ARC", verdict.arc, translated(arc_words(verdict))))
        for method, result, words in lines:
            pill = result_pill(method, result)
            card.body.addLayout(_line(Pill(pill.text, pill.tone, card, icon=pill.icon), visible_line(words), Tone.TEXT))
        behind = translated(signatures_behind_words(verdict, told.signatures))
        if any(one.sending is not None for one in told.recipients):
            card.body.addWidget(WrappedText(behind, card))
        return card

    def _session_card(self, told: Simulation) -> Card:
        card = Card(tr("The session"), "", self.widget(), collapsible=True, expanded=False)
        marks = {Speaker.CLIENT: "→", Speaker.SERVER: "←"}
        lines = "\n".join(f"{marks[line.speaker]} {line.words}" for line in told.dialogue)
        card.body.addWidget(CodeBlock(tr("SMTP"), visible_text(lines[:_LONGEST_SHOWN]), card))
        return card


def _line(mark: QWidget, words: str, tone: Tone) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(Space.S)
    row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(WrappedText(words, mark.parentWidget(), tone=tone), 1)
    return row


def _report_words(sending: SimulatedSending) -> str:
    if sending.may_report:
        return tr("the sender gets a report")
    return tr("nobody gets a report: the sender may be forged, or it is automatic mail")
