"""`treedebug sync [SPOOL...]`: bring runs to object storage that did not arrive there while they were recorded."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from treedebug.cli import FAILED, OK, fail
from treedebug.core.errors import StoreError
from treedebug.store.disk_store import DiskSink
from treedebug.store.own_file import BusyError
from treedebug.store.remote.shipment import Shipment
from treedebug.store.remote.spool import spool_root, spooled_runs


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("spools", nargs="*", metavar="SPOOL", type=Path, help="folders of spooled runs; default: all")
    parser.add_argument("--list", action="store_true", help="say what is spooled, and ship nothing")


def run(args: argparse.Namespace) -> int:
    """Ship every spooled run that nobody records any more; return 0, or 2 if one did not arrive."""
    tops = args.spools or [spool_root()]
    found = sorted({folder for top in tops for folder in spooled_runs(top)})
    if not found:
        print(f"nothing is spooled in {', '.join(str(top) for top in tops)}")
    return max([_sync(folder, only_list=args.list) for folder in found], default=OK)


def _sync(folder: Path, *, only_list: bool) -> int:
    try:
        shipment = Shipment(folder)
        if only_list:
            print(f"{folder} -> {shipment.place.url}: {shipment.file.stat().st_size:,} bytes")
            return OK
        # As a writer that goes on with the run: it is nobody else's, and an append that a kill cut off is gone.
        with contextlib.closing(DiskSink(folder, resume=True)) as own:
            size = own.own.end
            while shipment.ship(size):
                pass
            shipment.join()
        shipment.drop()
    except BusyError:
        print(f"{folder}: is being recorded; it is shipped by its training")
        return OK
    except (StoreError, OSError) as error:
        return fail(f"{folder}: {error}") or FAILED
    print(f"{shipment.place.url}: {size:,} bytes are there")
    return OK
