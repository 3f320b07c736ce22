"""Scenes of every page over a database without anything, over one that is away, and over one that may only be read."""

from __future__ import annotations

from functools import partial

from smtpy_desktop.sandbox.gallery_stage import GalleryState, Script, Sketch, Stage
from smtpy_desktop.views.tables.data_table import DataTable

_PAGES = ("overview", "domains", "aliases", "messages", "forwarder", "billing", "events", "activity", "settings")


def _page(stage: Stage, page_id: str) -> Script:
    yield from stage.page(page_id)
    tables = [table for table in stage.window.findChildren(DataTable) if table.isVisible()]
    if tables and tables[0].model().rowCount():
        tables[0].selectRow(0)
    yield from stage.calm()
    yield stage.window


STATES_SCENES = (
    Sketch("activity", "Activity", partial(_page, page_id="activity")),
    *(
        Sketch(
            f"{page_id}-{state.value}", f"{page_id.capitalize()}, {state.value}", partial(_page, page_id=page_id), state
        )
        for state in (GalleryState.READ_ONLY, GalleryState.EMPTY, GalleryState.BROKEN)
        for page_id in _PAGES
    ),
)
