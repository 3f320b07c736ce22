"""Writes what a tour has seen: numbered pictures and one page that shows them."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from smtpy_desktop.views.theme_tokens import LIGHT, Colors

FAILED_PICTURE = "failed.png"
REPORT = "report.html"
SAVED_TABLE = "failed-reservations.csv"
SAVED_REPORT = "failed-reservations.pdf"
_OWN_FILES = re.compile(r"\d\d-[a-z0-9-]+\.png|failed\.png|report\.html|failed-reservations\.(csv|pdf)")


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step as it was seen: ``seconds`` is the time since the step before."""

    number: int
    chapter: str
    title: str
    sentence: str
    picture: str
    seconds: float


def picture_name(number: int, title: str) -> str:
    """Return the file name of a step's picture, such as ``03-add-a-domain.png``."""
    words = re.findall("[a-z0-9]+", title.lower())
    return f"{number:02d}-{'-'.join(words)}.png"


def clear_output(directory: Path) -> None:
    """Make the directory, and remove what an earlier tour has left in it, and nothing else."""
    directory.mkdir(parents=True, exist_ok=True)
    for path in directory.iterdir():
        if path.is_file() and _OWN_FILES.fullmatch(path.name):
            path.unlink()


def write_report(directory: Path, steps: Sequence[TourStep], failure: str | None) -> Path:
    """Write the page with every picture inside it, so that it can be handed on as one file; return its path."""
    parts: list[str] = []
    chapter = ""
    for step in steps:
        if step.chapter != chapter:
            chapter = step.chapter
            parts.append(f"<h2>{html.escape(chapter)}</h2>")
        parts.append(_step(directory, step))
    if failure is not None:
        parts.append(_failure(directory, failure))
    colors = {name: getattr(LIGHT, name) for name in Colors.__dataclass_fields__}
    total = f"{len(steps)} steps in {sum(step.seconds for step in steps):.1f} s"
    outcome = "stopped at a failure" if failure is not None else "everything as expected"
    page = _PAGE.substitute(colors, body="\n".join(parts), total=f"{total}, {outcome}")
    path = directory / REPORT
    path.write_text(page, encoding="utf-8")
    return path


def _step(directory: Path, step: TourStep) -> str:
    title, sentence = html.escape(step.title), html.escape(step.sentence)
    return (
        f'<section id="step-{step.number}"><h3>{step.number}. {title} <small>{step.seconds:.1f} s</small></h3>'
        f'<p>{sentence}</p><img alt="{title}" src="{_inlined(directory / step.picture)}"></section>'
    )


def _failure(directory: Path, failure: str) -> str:
    picture = directory / FAILED_PICTURE
    shown = f'<img alt="The window at the failure" src="{_inlined(picture)}">' if picture.exists() else ""
    return f'<section class="failed"><h3>Failed</h3><p>{html.escape(failure)}</p>{shown}</section>'


def _inlined(picture: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode("ascii")


_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>SMTPy Desktop: the tour</title>
<style>
body { margin: 0; background: $background; color: $text; font: 15px/1.5 Inter, system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px; }
h1 { font-size: 24px; margin: 0; } h2 { font-size: 20px; margin: 32px 0 12px; } h3 { font-size: 16px; margin: 0; }
p { margin: 4px 0 12px; color: $muted; } small { color: $muted; font-weight: 400; margin-left: 8px; }
section { background: $surface; border: 1px solid $border; border-radius: 8px; padding: 16px; margin: 0 0 16px; }
section.failed { border-color: $bad; } section.failed h3 { color: $bad; }
img { display: block; width: 100%; border: 1px solid $border; border-radius: 4px; }
</style>
</head>
<body>
<main>
<h1>SMTPy Desktop: the tour</h1>
<p>The program walked through its own window: every step clicked and typed as a person would. $total.</p>
$body
</main>
</body>
</html>
""")
