"""Whatever a reader of files raises, as one clear error."""

from __future__ import annotations

import csv
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from treedebug.core.errors import FormatError, TreedebugError


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever a reader raises as one clear error."""
    try:
        yield
    except TreedebugError:
        raise
    except MemoryError as error:
        raise FormatError(f"{path} asks for more memory than there is; is the file whole?") from error
    except pd.errors.ParserWarning as error:
        raise FormatError(f"{path} cannot be read as a table: lines have more fields than the header") from error
    except pd.errors.EmptyDataError as error:
        raise FormatError(f"{path} is empty: expected a table with a header line") from error
    except _RAISED as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise FormatError(f"{path} cannot be read as a table: {reason}; is the file whole?") from error


_RAISED = (
    OSError, ValueError, ArithmeticError, TypeError, LookupError, AttributeError, NotImplementedError, EOFError,
    RuntimeError, SyntaxError, csv.Error, zipfile.BadZipFile, lzma.LZMAError, zlib.error,
)  # fmt: skip
