"""How the user is asked before a server's schema is set up or upgraded."""

from __future__ import annotations

from smtpy_desktop.controllers.opening_controller import SchemaUpgradeNeeded
from smtpy_desktop.schemas.migration import SchemaState
from smtpy_desktop.views.start_state_page import step_words
from smtpy_desktop.views.widgets.texts import tr


def upgrade_words(needed: SchemaUpgradeNeeded) -> tuple[str, str]:
    """Return the question and what stands above the steps."""
    if needed.report.state is SchemaState.EMPTY:
        return (
            tr("Set up this database?"),
            tr("There are no tables of this program yet. These steps are run, all of them or none:"),
        )
    return (
        tr("Upgrade this database?"),
        tr(
            "Its tables are older than this program ({found}). These steps are run, all of them or none; older "
            "versions of the program can only read it afterwards:",
            found=step_words(needed.report.found or ""),
        ),
    )


def upgrade_action(needed: SchemaUpgradeNeeded) -> str:
    """Return what the button says that agrees."""
    return tr("Set &up") if needed.report.state is SchemaState.EMPTY else tr("&Upgrade")
