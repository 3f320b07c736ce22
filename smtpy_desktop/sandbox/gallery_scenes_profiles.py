"""Scenes of profiles: how a window is marked, the list of installations, and what is asked about one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from smtpy_desktop.core.profile_registry import add_entry
from smtpy_desktop.gateways.profile_files import DiskProfileFiles
from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.profiles import ProfileColor, ProfileEntry, ProfileKind
from smtpy_desktop.views.profiles_dialog import ProfilesDialog
from smtpy_desktop.views.widgets.confirm import confirm_in_production
from smtpy_desktop.views.widgets.profile_mark import current_profile, set_current_profile
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.widgets.texts import tr

_HOME = Path("/srv/smtpy")
_LIVE = ProfileEntry("Live shop", _HOME / "live", ProfileColor.RED, ProfileKind.PRODUCTION)
_OTHERS = (
    ProfileEntry("Staging", _HOME / "staging", ProfileColor.GREEN, ProfileKind.TEST),
    ProfileEntry("Museum", _HOME / "museum", ProfileColor.AMBER),
)


class _SampleTools:
    """Profiles of nobody, in a directory for this run; nothing is ever deleted."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="smtpy-gallery-")
        self.files = DiskProfileFiles(Path(self._directory.name) / "profiles.json")
        self.default = _HOME / "own"
        for entry in (_LIVE, *_OTHERS):
            self.files.change(add_entry(entry))

    def place(self, directory: str) -> Path:
        return Path(directory)

    def uses_server(self, directory: Path) -> bool:
        return False

    def remove_cluster(self, directory: Path) -> None:
        return

    def delete_secrets(self, directory: Path, *, keeps_key: bool) -> None:
        return


def _marked(stage: Stage) -> Script:
    """Show the window of a profile that people rely on."""
    before = current_profile()
    set_current_profile(_LIVE)
    stage.window.show_profile()
    yield from stage.page("domains")
    yield stage.window
    set_current_profile(before)
    stage.window.show_profile()


def _asked(stage: Stage) -> Script:
    """Show what is asked in production before what an undo would take back elsewhere."""
    before = current_profile()
    set_current_profile(_LIVE)
    stage.window.show_profile()
    yield from stage.page("aliases")
    words = tr("Mail to what is deleted is refused, or taken by the domain's catch-all.")
    confirm_in_production(stage.window, tr("Delete {name}?", name="info"), words, tr("Delete"), lambda: None)
    yield (yield from stage.dialog())
    set_current_profile(before)
    stage.window.show_profile()


def _list(stage: Stage) -> ProfilesDialog:
    dialog = ProfilesDialog(stage.app.runner, _SampleTools(), MemoryStore(), print, stage.window)
    dialog.open()
    return dialog


def _chosen(stage: Stage, *, deletes: bool) -> Script:
    yield from stage.page("domains")
    dialog = _list(stage)
    yield Until("the profiles are listed", lambda: len(dialog.rows) > 1)
    dialog.table.select_id(1)
    asked = dialog.delete() if deletes else dialog.edit()
    yield from stage.calm()
    if asked is not None:
        yield asked


PROFILES_SCENES = (
    Sketch("profile-production", "A window of production", _marked),
    Sketch("profile-production-asked", "What is asked in production", _asked),
    Sketch("profiles", "Profiles", dialog_over("domains", _list)),
    Sketch("profile-edit", "Edit profile", lambda stage: _chosen(stage, deletes=False)),
    Sketch("profile-delete", "Delete a profile with its data?", lambda stage: _chosen(stage, deletes=True)),
    Sketch("profile-new", "New profile", dialog_over("domains", lambda stage: _list(stage).add())),
)
