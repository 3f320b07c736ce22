"""Every page and every dialog of the program over the samples, one by one: for pictures, and for tests that walk them.

Whoever adds a page or a dialog adds its scene to one of the ``gallery_scenes_*`` files.
"""

from __future__ import annotations

from smtpy_desktop.sandbox.gallery_scenes_backups import BACKUPS_SCENES
from smtpy_desktop.sandbox.gallery_scenes_billing import BILLING_SCENES
from smtpy_desktop.sandbox.gallery_scenes_domains import DOMAINS_SCENES
from smtpy_desktop.sandbox.gallery_scenes_mail import MAIL_SCENES
from smtpy_desktop.sandbox.gallery_scenes_messages import MESSAGES_SCENES
from smtpy_desktop.sandbox.gallery_scenes_notices import NOTICES_SCENES
from smtpy_desktop.sandbox.gallery_scenes_profiles import PROFILES_SCENES
from smtpy_desktop.sandbox.gallery_scenes_sandbox import SANDBOX_SCENES
from smtpy_desktop.sandbox.gallery_scenes_settings import SETTINGS_SCENES
from smtpy_desktop.sandbox.gallery_scenes_shell import SHELL_SCENES
from smtpy_desktop.sandbox.gallery_scenes_start import START_SCENES
from smtpy_desktop.sandbox.gallery_scenes_states import STATES_SCENES
from smtpy_desktop.sandbox.gallery_scenes_support import SUPPORT_SCENES
from smtpy_desktop.sandbox.gallery_stage import GalleryApp, Scene, Sketch, Stage, stage_scene

# Those over another database come last, so that the pages are built anew as seldom as possible.
SKETCHES: tuple[Sketch, ...] = (
    *DOMAINS_SCENES,
    *MESSAGES_SCENES,
    *MAIL_SCENES,
    *BILLING_SCENES,
    *SETTINGS_SCENES,
    *BACKUPS_SCENES,
    *SANDBOX_SCENES,
    *PROFILES_SCENES,
    *SHELL_SCENES,
    *SUPPORT_SCENES,
    *NOTICES_SCENES,
    *START_SCENES,
    *STATES_SCENES,
)


def scenes(app: GalleryApp) -> tuple[Scene, ...]:
    """Return all scenes of a window that ``window_gallery.open_gallery`` has opened."""
    stage = Stage(app)
    return tuple(stage_scene(sketch, stage) for sketch in SKETCHES)
