"""Take pictures of every page and dialog in every look, and those of the documentation: ``make screenshots``.

The former are in ``build/screenshots``, to be looked at, with sheets of all of them side by side; the latter come from
the tour and are kept in ``docs/images``, in French as far as the French guide shows them (``docs/fr/images``).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GALLERY = ROOT / "build" / "screenshots"
PROGRAM = ROOT / ".venv" / "bin" / "smtpy-desktop"


@dataclass(frozen=True)
class _Variant:
    scale: str = "1"
    languages: str = "en,fr"
    looks: str = "light,dark"
    size: str = "1440x900"


_VARIANTS = {
    "100": _Variant(),
    "200": _Variant(scale="2"),
    "150": _Variant(scale="1.5", languages="en", looks="light"),
    "high-contrast": _Variant(languages="en", looks="light-contrast,dark-contrast"),
    "small": _Variant(languages="en,fr", looks="light", size="1280x720"),
}
# Which step of the tour becomes which picture, in both themes: "domains" is domains-light.png and domains-dark.png.
_PAGES = {
    "what-needs-attention": "domains",
    "why-it-was-not-delivered": "messages",
    "statistics": "overview",
    "a-new-alias": "aliases",
    "a-rule": "rule",
    "what-would-happen": "simulator",
    "a-test-message": "test-message",
    "what-waits": "forwarder",
    "billing-at-a-glance": "billing",
    "the-plans": "plans",
    "the-event-behind-it": "events",
    "the-sandbox-s-own-stripe": "sandbox-stripe",
}
# In the light theme alone: what is told step by step.
_STEPS = {
    "a-pasted-address-is-understood": "tour-add-domain.png",
    "the-records-to-publish": "tour-records.png",
    "verify-explains-what-is-wrong": "tour-verify-wrong.png",
    "verified": "tour-verified.png",
    "settings": "settings-light.png",
}
_LOCALES = {"": "en_US.UTF-8", "fr": "fr_FR.UTF-8"}  # by the directory of the documents
_PICTURES = {
    "light": _STEPS | {step: f"{page}-light.png" for step, page in _PAGES.items()},
    "dark": {step: f"{page}-dark.png" for step, page in _PAGES.items()},
}


def main() -> int:
    """Take the pictures of every scene, or (``--docs``) those of the documentation alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true", help="only the pictures of the documentation")
    parser.add_argument("--gallery", action="store_true", help="only the pictures of every page and dialog")
    parser.add_argument("--only", default="", help="only scenes whose names begin so: messages,billing")
    wanted = parser.parse_args()
    status = 0
    if not wanted.docs:
        status = max(_take_gallery(name, variant, wanted.only) for name, variant in _VARIANTS.items())
        print(GALLERY)
    if not (wanted.gallery or wanted.only):
        status = max(status, _take_documentation())
    return status


def _take_gallery(name: str, variant: _Variant, only: str) -> int:
    """Take all scenes in one variant, in a process of its own: Qt takes its scale from the environment."""
    output = GALLERY / name
    if not only:
        shutil.rmtree(output, ignore_errors=True)
    environment = os.environ | {"QT_SCALE_FACTOR": variant.scale}
    with tempfile.TemporaryDirectory(prefix="smtpy-", dir=short_directory()) as directory:
        profile = Path(directory)
        profile.chmod(0o711)  # as root the database's account has to go through
        command = [sys.executable, "-m", "tools.gallery_pictures", str(output), str(profile / "gallery")]
        options = ["--languages", variant.languages, "--looks", variant.looks, "--size", variant.size, "--only", only]
        return subprocess.run([*command, *options], check=False, cwd=ROOT, env=environment).returncode


def _take_documentation() -> int:
    """Run the tour in each language and theme, and copy the chosen pictures."""
    status = 0
    for language, locale in _LOCALES.items():
        for theme, pictures in _PICTURES.items():
            wanted = {step: name for step, name in pictures.items() if not language or _is_shown(name, language)}
            with tempfile.TemporaryDirectory(prefix="smtpy-") as directory:
                status = max(status, _make(Path(directory), theme, locale, wanted, DOCS / language / "images"))
    return status


def _is_shown(picture: str, language: str) -> bool:
    """Tell whether a translated document shows a picture, which it names by its light one."""
    name = f"(images/{picture.replace('-dark.', '-light.')})"
    return any(name in path.read_text(encoding="utf-8") for path in (DOCS / language).glob("*.md"))


def short_directory() -> str | None:
    """Return where a profile may lie that the server's account can enter, too."""
    return "/var/tmp" if hasattr(os, "geteuid") and os.geteuid() == 0 else None  # noqa: S108 - made with a name of its own


def _make(output: Path, theme: str, locale: str, pictures: dict[str, str], images: Path) -> int:
    """Run the tour in one language and theme; return the exit status."""
    environment = os.environ | {"LC_ALL": locale, "LANGUAGE": locale.partition("_")[0]}
    subprocess.run([str(PROGRAM), "tour", "--theme", theme, "--output", str(output)], check=True, env=environment)
    images.mkdir(parents=True, exist_ok=True)
    for step, name in pictures.items():
        found = sorted(output.glob(f"[0-9]*-{step}.png"))
        if not found:
            print(f"The tour has no step {step}; its picture {name} stays as it was.", file=sys.stderr)
            return 1
        shutil.copyfile(found[0], images / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
