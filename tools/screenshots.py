"""Make the pictures of the documentation anew, from the tour: ``make screenshots``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
PROGRAM = ROOT / ".venv" / "bin" / "smtpy-desktop"

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
_PICTURES = {
    "light": _STEPS | {step: f"{page}-light.png" for step, page in _PAGES.items()},
    "dark": {step: f"{page}-dark.png" for step, page in _PAGES.items()},
}


def main() -> int:
    """Run the tour in each theme and copy the chosen pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    # The window tells where it has saved something; in a picture for everybody that is nobody's own directory.
    with tempfile.TemporaryDirectory(prefix="smtpy-") as directory:
        return max(_make(Path(directory) / theme, theme, pictures) for theme, pictures in _PICTURES.items())


def _make(output: Path, theme: str, pictures: dict[str, str]) -> int:
    """Run the tour in one theme; return the exit status."""
    subprocess.run([str(PROGRAM), "tour", "--theme", theme, "--output", str(output)], check=True)
    for step, name in pictures.items():
        found = sorted(output.glob(f"[0-9]*-{step}.png"))
        if not found:
            print(f"The tour has no step {step}; its picture {name} stays as it was.", file=sys.stderr)
            return 1
        shutil.copyfile(found[0], IMAGES / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
