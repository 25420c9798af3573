"""`treedebug ui RUNS`: all runs of a folder or bucket in a browser, followed as they train."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import webbrowser
from pathlib import Path

from treedebug.api.known_rules import chosen_rules
from treedebug.cli import OK
from treedebug.core.errors import RunNotFoundError, missing_extra
from treedebug.engine.config import load_config
from treedebug.profiles.sources.remote_files import is_url
from treedebug.store.remote.remote_place import checked_url

_NICENESS = 5
"""Trainings on the same machine go first."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", metavar="RUNS", help="a folder, or the URL of one, with runs at or below it")
    parser.add_argument("--port", type=_port, default=8764, help="default: 8764; 0: any free one")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default: this machine only); any other asks for the token that is printed",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--config", metavar="FILE", type=Path, help="a pyproject.toml to read [tool.treedebug] from")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    if is_url(args.path):
        checked_url(args.path)
    elif not Path(args.path).expanduser().is_dir():
        raise RunNotFoundError(f"there is no folder {args.path}: give the folder that runs are recorded to")
    try:
        server = importlib.import_module("treedebug.live.server")
    except ImportError as error:
        raise missing_extra("Starlette, uvicorn and Jinja2", "ui") from error
    opened = server.open_server(args.path, chosen_rules(load_config(args.config)), host=args.host, port=args.port)
    with contextlib.suppress(AttributeError, OSError):  # not everywhere
        os.nice(_NICENESS)
    print(f"treedebug ui: {opened.address} (Ctrl-C ends it)", flush=True)
    if not args.no_browser:
        webbrowser.open(opened.address)
    opened.run()
    return OK


def _port(text: str) -> int:
    if not text.isdecimal() or not int(text) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is no port: give a number from 0 to 65535")
    return int(text)
