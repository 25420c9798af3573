"""Notify: mail, text message, Slack and many more, through apprise."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from treedebug.actions.message import Message
from treedebug.actions.sending_action import DeliveryError, SendingAction
from treedebug.core.errors import ConfigError, missing_extra

_ONE_AT_A_TIME = threading.Lock()


class Notify(SendingAction):
    """Sends findings through apprise: e-mail, text messages, Slack, Teams, Telegram and 130 more.

    Where to is never said in code, for such addresses hold secrets: `variable` names the environment variable with
    apprise's URLs, parted by blanks; or `config` is the path of apprise's own configuration file, `tag` the tag of the
    entries to use. Needs the extra `notify`.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        on: Sequence[str] = ("warning",),
        *,
        variable: str = "TREEDEBUG_NOTIFY",
        config: str | os.PathLike[str] | None = None,
        tag: str | None = None,
        once: bool = True,
        every: float = 0.0,
        dry_run: bool = False,
    ) -> None:
        if not isinstance(variable, str) or not variable.isidentifier():
            raise ConfigError("Notify(variable=...) names an environment variable that holds apprise's URLs")
        if tag is not None and not isinstance(tag, str):
            raise ConfigError("Notify(tag=...) is the tag of entries in apprise's configuration file")
        if config is None and not os.environ.get(variable):
            raise ConfigError(
                f"Notify takes apprise's URLs from the environment variable {variable}, which is not set: set it, or "
                "pass config='apprise.yml', apprise's own configuration file"
            )
        if config is not None and not Path(config).expanduser().is_file():
            raise ConfigError(f"Notify(config=...): there is no file {os.fspath(config)!r}")
        if importlib.util.find_spec("apprise") is None:
            raise missing_extra("apprise", "notify")
        super().__init__(on, once=once, every=every, dry_run=dry_run)
        self._variable, self._tag = variable, tag
        self._config = None if config is None else str(Path(config).expanduser().absolute())

    def deliver(self, message: Message) -> str:
        """Send it to every address. Nothing that apprise and urllib3 log is let out: they name them."""
        apprise = importlib.import_module("apprise")
        with _ONE_AT_A_TIME, _silenced("apprise", "urllib3.connectionpool"):
            service = self._service(apprise)
            n = len(service)
            arrived = service.notify(body=message.text, title=message.title, tag=self._tag or "all")
        if not n:
            raise DeliveryError("apprise knows none of the addresses given")
        if not arrived:
            raise DeliveryError(f"apprise could not reach {'it' if n == 1 else f'all of {n} services'}")
        return f"apprise reached {n} service{'' if n == 1 else 's'}"

    def _service(self, apprise: Any) -> Any:
        service = apprise.Apprise()
        if self._config is not None:
            config = apprise.AppriseConfig()
            config.add(self._config)
            service.add(config)
        else:
            for url in os.environ.get(self._variable, "").split():
                service.add(url)
        return service


@contextlib.contextmanager
def _silenced(*names: str) -> Iterator[None]:
    """Let these loggers say nothing meanwhile."""
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.disabled for logger in loggers]
    try:
        for logger in loggers:
            logger.disabled = True
        yield
    finally:
        for logger, was_disabled in zip(loggers, before, strict=True):
            logger.disabled = was_disabled
