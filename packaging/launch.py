"""The packaged program's way in."""

import sys

from smtpy_desktop.__main__ import main

sys.exit(main())
