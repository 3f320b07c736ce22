"""The way into the program."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the program and return its exit status."""
    from smtpy_desktop import app

    return app.main()


if __name__ == "__main__":
    sys.exit(main())
