"""Make the pictures of the documentation anew, from the tour: ``make screenshots``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
BUILD = ROOT / "build" / "screenshots"
PROGRAM = ROOT / ".venv" / "bin" / "smtpy-desktop"

# Which step of the tour becomes which picture, per theme.
_PICTURES = {
    "light": {
        "what-needs-attention": "domains-light.png",
        "a-pasted-address-is-understood": "tour-add-domain.png",
        "the-records-to-publish": "tour-records.png",
        "verify-explains-what-is-wrong": "tour-verify-wrong.png",
        "verified": "tour-verified.png",
        "settings": "settings-light.png",
        "why-it-was-not-delivered": "messages-dark.png",
    },
    "dark": {"what-needs-attention": "domains-dark.png"},
}


def main() -> int:
    """Run the tour in each theme and copy the chosen pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for theme, pictures in _PICTURES.items():
        output = BUILD / theme
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
