"""The tour's last chapter: the settings, and how the whole window changes its theme."""

from __future__ import annotations

from smtpy_desktop.sandbox.tour_hands import Walk
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.views.widgets.texts import tr


def _walk(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Settings"))
    yield from tour.step("Settings", "Who you are in the DNS, whom to ask there, and how the window looks.")
    yield from hands.choose_in(tr("Theme"), tr("Dark"))
    yield from hands.click(tr("Domains"))
    yield from tour.step("The dark theme", "The whole window changes at once, and every state keeps its icon and word.")


APPEARANCE = Chapter("How it looks", _walk)
