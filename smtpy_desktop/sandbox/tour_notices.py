"""The tour's chapter about notices: what broke is told by itself, and leads to where it is mended."""

from __future__ import annotations

from PySide6.QtCore import Qt

from smtpy_desktop.sandbox.tour_hands import Until, Walk
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.views.notices_panel import NoticesPanel
from smtpy_desktop.views.widgets.texts import tr

_BROKEN = "studio-lumen.example"


def _walk(tour: Tour) -> Walk:
    hands = tour.hands
    message = tr("{domain} stopped passing its checks: {records}.", domain=_BROKEN, records="DKIM")
    yield from hands.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    yield from hands.until_seen(message)
    yield from tour.step(
        "What needs you, told by itself",
        "The bell counts what is wrong; the list says what to do, and each line leads there or is snoozed.",
    )
    yield from hands.press(Qt.Key.Key_Space)
    yield from hands.until_gone(NoticesPanel, tr("Notices"))
    yield Until(f"{_BROKEN} is shown", lambda: hands.window.current_page == "domains")
    yield from tour.step(
        "From the notice to the domain", "One key leads to the record that broke, with what every server answers."
    )


NOTICES = Chapter("Notices", _walk)
