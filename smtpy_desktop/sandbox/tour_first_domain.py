"""The tour's first chapter: from the first look at the window to a verified domain."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from smtpy_desktop.core.one_letter import OneLetter, Slip
from smtpy_desktop.sandbox.sample_catalogue import LUMEN, MOVING_DOMAIN
from smtpy_desktop.sandbox.tour_hands import Until, Walk
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.views.domain_words import record_mark
from smtpy_desktop.views.widgets.texts import tr, translated

_CONTROL = Qt.KeyboardModifier.ControlModifier


def _walk(tour: Tour) -> Walk:
    yield from _look_at_domains(tour)
    yield from _add_domain(tour)
    yield from _verify_before_publishing(tour)
    yield from _publish_with_a_typo(tour)
    yield from _mend_and_verify(tour)


FIRST_DOMAIN = Chapter("From first start to a verified domain", _walk)


def _look_at_domains(tour: Tour) -> Walk:
    hands, name = tour.hands, "harbour-books.example"
    yield from hands.click(tr("Domains"))
    yield from hands.click_row(tr("Domains"), name)
    yield from hands.until_seen("v=spf1 include:spf.officemail.example -all")
    yield from tour.step(
        "What needs attention",
        "The list shows the state of every record; beside it stands, for one domain, what is wrong and how to mend it.",
    )


def _add_domain(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.press(Qt.Key.Key_N, _CONTROL)
    yield from hands.type_into(tr("Domain"), f"https://www.{MOVING_DOMAIN}/concerts?year=2026")
    yield from hands.choose_in(tr("Organization"), LUMEN)
    yield from hands.click(tr("Add domain"))
    use = tr("Use {value}", value=MOVING_DOMAIN)
    yield from hands.until_seen(use)
    yield from tour.step(
        "A pasted address is understood",
        "A web address is no domain: the message says so beside the field and offers the domain in it.",
    )
    yield from hands.click(use)
    yield from hands.click(tr("Add domain"))
    yield from hands.until_gone(QDialog, tr("Add a domain"))
    yield from hands.until_seen(tr("Publish these records"))
    yield from hands.until_seen("include:spf.northwind.example -all")
    yield from tour.step(
        "The records to publish",
        "The new domain has a DKIM key of its own. It has an SPF record already: ours is merged into that one.",
    )


def _verify_before_publishing(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Verify"))
    yield from _until_domain_is(tour, tr("Failed"))
    yield from tour.step(
        "Verify explains what is wrong",
        "Mail still goes to the other provider, SPF does not allow our servers, the DKIM key is missing: each record "
        "says what was found, who answered what, and what to publish instead.",
    )


def _publish_with_a_typo(tour: Tour) -> Walk:
    hands, zones = tour.hands, tr("Sandbox zones")
    yield from hands.click(zones)
    yield from hands.click_row(zones, MOVING_DOMAIN)
    yield from hands.until_seen(MOVING_DOMAIN)
    yield from tour.step(
        "The sandbox's own DNS",
        "In the sandbox a DNS server on this machine stands in for the world; its zones can be edited and broken.",
    )
    yield from hands.click(tr("Publish the wanted records"))
    yield from _until_zone_is(tour, tr("Published"))
    yield from hands.choose(tr("Break one…"), "DKIM", tr("One letter left out"))
    yield from _until_zone_is(tour, tr("Broken"))
    yield from hands.click(tr("Domains"))
    yield from hands.until_calm()
    yield from hands.press(Qt.Key.Key_R, _CONTROL)
    yield from hands.until_seen(_one_letter_is_missing())
    yield from _until_row_says(tour, record_mark(RecordKind.MX, Verdict.OK).description)
    yield from _until_row_says(tour, record_mark(RecordKind.DKIM, Verdict.WRONG).description)
    yield from tour.step(
        "A near miss is named",
        "Everything is published, but one letter of the key was lost on the way. Verify says which one.",
    )


def _mend_and_verify(tour: Tour) -> Walk:
    hands, zones = tour.hands, tr("Sandbox zones")
    yield from hands.click(zones)
    yield from hands.click(tr("Publish the wanted records"))
    yield from _until_zone_is(tour, tr("Published"))
    yield from tour.step("The zone is mended", "All wanted records stand in the zone, letter by letter.")
    yield from hands.click(tr("Domains"))
    yield from hands.click(tr("Verify"))
    yield from _until_domain_is(tour, tr("Verified"))
    yield from tour.step(
        "Verified", "Its name servers and both resolvers agree on all five records: the domain is verified."
    )


def _one_letter_is_missing() -> str:
    """The beginning of the explanation, up to the key in it, in the user's language."""
    key = "KEY"
    explanation = OneLetter(Slip.MISSING, place=1, found="", wanted="", before="").describe(key, key)
    return translated(explanation).partition(key)[0]


def _until_domain_is(tour: Tour, word: str) -> Walk:
    hands, table = tour.hands, tr("Domains")
    yield Until(
        f"{MOVING_DOMAIN} is “{word}” in the list and in the details",
        lambda: hands.row_says(table, MOVING_DOMAIN, word) and word in hands.texts(),
    )


def _until_row_says(tour: Tour, words: str) -> Walk:
    rows = partial(tour.hands.cells, tr("Domains"))

    def says() -> bool:
        return any(MOVING_DOMAIN in cells and any(words in cell for cell in cells) for cells in rows())

    yield Until(f"the row of {MOVING_DOMAIN} says “{words}”", says)


def _until_zone_is(tour: Tour, word: str) -> Walk:
    hands, table = tour.hands, tr("Sandbox zones")
    yield Until(f"the zone of {MOVING_DOMAIN} is “{word}”", lambda: hands.row_says(table, MOVING_DOMAIN, word))
