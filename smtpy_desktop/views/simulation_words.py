"""Says in words what a simulation found out."""

from __future__ import annotations

from smtpy_desktop.core.rule_words import condition_words, rule_sentence
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.aliases import Match, MatchKind
from smtpy_desktop.schemas.mail_decision import MailOutcome
from smtpy_desktop.schemas.mail_simulation import RecipientSimulation, RuleCheck, RuleVerdict, Simulation
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

_RESULT_TONES = {"pass": Tone.OK, "fail": Tone.BAD, "none": Tone.MUTED, "neutral": Tone.MUTED}


def summary(told: Simulation) -> tuple[Tone, str, str]:
    """Return how the mail would fare as a tone, a heading and a sentence."""
    reply = told.last_reply
    said = tr("The sender's server hears: {reply}", reply=visible_line(reply))
    if reply.startswith("4"):
        return Tone.WARN, tr("It would be put off"), said
    if not reply.startswith("2"):
        return Tone.BAD, tr("It would be refused"), said
    targets = {target.key for one in told.recipients if one.sending is not None for target in one.sending.targets}
    if targets:
        return Tone.OK, tr_n("It would go to {n} address", "It would go to {n} addresses", len(targets)), said
    return Tone.WARN, tr("It would be accepted, and go nowhere"), said


def outcome_pill(one: RecipientSimulation) -> PillCell:
    """Return what becomes of the mail to one recipient as icon, word and tint."""
    match one.outcome:
        case MailOutcome.FORWARD:
            return PillCell(tr("Forwarded"), Tone.OK, "mail-forward")
        case MailOutcome.RETURN:
            return PillCell(tr("Returned to its sender"), Tone.OK, "mail-forward")
        case MailOutcome.DISCARD:
            return PillCell(tr("Thrown away"), Tone.WARN, "trash")
        case _:
            return PillCell(tr("Refused"), Tone.BAD, None)


def match_words(match: Match | None) -> str:
    """Return what takes the mail to an address."""
    if match is None:
        return tr("nothing: this is not one of your domains")
    source = visible_line(match.source)
    return {
        MatchKind.ALIAS: tr("the alias {source}", source=source),
        MatchKind.TAG: tr("the alias {source}, before the “+”", source=source),
        MatchKind.CATCH_ALL: tr("the catch-all of {domain}", domain=source.removeprefix("@")),
        MatchKind.POSTMASTER: tr("postmaster, which every domain has"),
        MatchKind.NONE: tr("nothing: no such alias, and no catch-all"),
        MatchKind.ELSEWHERE: tr("nothing: this is not one of your domains"),
    }[match.kind]


def check_words(check: RuleCheck) -> tuple[str, Tone, str, str]:
    """Return icon, tone, meaning and words of a rule that was held against the message."""
    sentence = translated(rule_sentence(check.rule))
    name = f"{check.rule.name}: {sentence}" if check.rule.name else sentence
    match check.verdict:
        case RuleVerdict.DECIDED:
            return "circle-check", Tone.OK, tr("decides"), name
        case RuleVerdict.OFF:
            return "player-pause", Tone.MUTED, tr("switched off"), tr("Off: {rule}", rule=name)
        case RuleVerdict.NOT_REACHED:
            return "minus", Tone.MUTED, tr("not reached"), tr("Not reached: {rule}", rule=name)
        case RuleVerdict.NOT_MET:
            unmet = ", ".join(translated(condition_words(one)) for one in check.unmet)
            return "x", Tone.MUTED, tr("not met"), tr("{rule} Not met: it is not {unmet}.", rule=name, unmet=unmet)


def result_pill(method: str, result: str) -> PillCell:
    """Return an authentication result as a pill: "SPF pass"."""
    return PillCell(f"{method} {result}", _RESULT_TONES.get(result, Tone.WARN), "")
