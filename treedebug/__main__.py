"""`python -m treedebug`."""

from __future__ import annotations

import sys

from treedebug.cli import main

if __name__ == "__main__":
    sys.exit(main())
