"""`python -m treedebug`."""

from __future__ import annotations

import os
import sys

# As pip does: with -m the current folder stands first on the path, and a stranger's `numpy.py` there would be run.
if sys.path[:1] in ([""], [os.getcwd()]):  # noqa: PTH109 - before anything else is imported
    del sys.path[0]

from treedebug.cli import main

if __name__ == "__main__":
    sys.exit(main())
