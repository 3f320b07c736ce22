"""Use the window for half an hour and tell whether memory, descriptors, threads or connections grow: ``make soak``.

Every page and dialog is opened and closed round after round, while mail comes in. Opening another database, for which
all pages are built anew, is no part of it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import text

from smtpy_desktop.runtime.large_blocks import return_large_blocks
from smtpy_desktop.sandbox.gallery import SKETCHES, scenes
from smtpy_desktop.sandbox.gallery_stage import GalleryState, Scene
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.window_gallery import Gallery, open_gallery
from tests.soak.readings import Reading, as_rows, faults, read_process, slope_per_hour

_RESULT = Path(__file__).resolve().parents[2] / "build" / "soak.json"
_WARM_UP = 1 / 3
_LEAST_READINGS = 4
_MOST_MISSED = 3
"""A scene that could not be opened so often is left out from then on."""
_LESS_EACH_TIME = frozenset({"messages-going"})
"""Scenes that delete what the next round would look at."""


def main() -> int:
    """Open and close every page and dialog, round after round, and write ``build/soak.json``."""
    options = _options()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="smtpy-soak-") as directory:
        readings = _use(Path(directory) / "profile", options.minutes * 60, options.only)
    kept = [one for one in readings if one.seconds > options.minutes * 60 * _WARM_UP]
    if len(kept) < _LEAST_READINGS:
        print(f"only {len(kept)} rounds after the warm-up: give it more minutes", file=sys.stderr)
        return 1
    wrong = faults(kept)
    _RESULT.parent.mkdir(exist_ok=True)
    result = {"minutes": options.minutes, "rounds": len(readings), "slope_mib_per_hour": slope_per_hour(kept)}
    _RESULT.write_text(json.dumps(result | {"faults": wrong, "readings": as_rows(readings)}, indent=2) + "\n")
    print(f"{len(readings)} rounds; memory {slope_per_hour(kept):+.2f} MiB an hour after the warm-up", *wrong, sep="\n")
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--only", default="", help="only scenes whose name holds this")
    return parser.parse_args()


def _use(directory: Path, seconds: float, only: str) -> list[Reading]:
    """Go round for so long; one reading after each round."""
    return_large_blocks()  # as the program does
    readings: list[Reading] = []
    began = time.monotonic()
    with open_gallery(directory) as gallery:
        wanted = {sketch.name for sketch in SKETCHES if sketch.state is GalleryState.FILLED} - _LESS_EACH_TIME
        rounds = [scene for scene in scenes(gallery) if scene.name in wanted and only in scene.name]
        missed: Counter[str] = Counter()
        mail = gallery.loop_thread.submit(gallery.sandbox.keep_mail_coming())
        while time.monotonic() - began < seconds:
            missed.update(scene.name for scene in rounds if not _visit(gallery, scene))
            rounds = [scene for scene in rounds if missed[scene.name] < _MOST_MISSED]
            gc.collect()
            readings.append(read_process(time.monotonic() - began, _connections(gallery)))
            one = readings[-1]
            print(
                f"{one.seconds:6.0f} s  {one.memory:7.1f} MiB  {one.descriptors} descriptors  {one.threads} threads"
                f"  {one.connections} connections",
                flush=True,
            )
        mail.cancel()
    return readings


def _visit(gallery: Gallery, scene: Scene) -> bool:
    """Open a scene, look at it as a person would, and close it; return whether that could be done.

    Some scenes begin where others, or the mail that comes in, have left the samples; and on a busy machine mail that
    comes in may keep a page reading again and again.
    """
    try:
        scene.open()
        looks = iter(range(3))
        gallery.wait(Until("it was looked at", lambda: next(looks, None) is None))
        scene.close()
    except (TimeoutError, LookupError) as error:
        print(f"{scene.name}: {error}", flush=True)
        return False
    return True


def _connections(gallery: Gallery) -> int:
    """Return how many connections the database has of this program."""

    async def count() -> int:
        async with gallery.samples.sessions.read() as db:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            return int((await db.execute(text(asked))).scalar_one())

    return gallery.loop_thread.submit(count()).result(30)


if __name__ == "__main__":
    sys.exit(main())
