"""Many runs checked side by side, in processes of their own or on a Dask cluster."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from treedebug.api.check import judged
from treedebug.api.dask_pool import mapped
from treedebug.api.known_rules import chosen_rules
from treedebug.core.errors import ConfigError, TreedebugError
from treedebug.core.report import CheckReport
from treedebug.engine.config import Config
from treedebug.engine.rule import Rule

_MOST_AT_ONCE = 16
"""Subjects that a process gets at a time."""


def check_many(
    subjects: Sequence[str], *, config: Config, options: Mapping[str, Any], jobs: int = 1, dask: str = ""
) -> Iterator[tuple[str, CheckReport | str]]:
    """Yield each subject with its report, or with the reason why it cannot be checked, in the order given.

    `jobs` processes share the work, or the workers of the scheduler at `dask`, which must see the same paths. Raise
    ConfigError for settings that make no sense, StoreError where no scheduler answers.
    """
    if jobs < 1:
        raise ConfigError(f"jobs must be 1 or more; got {jobs}")
    if dask:
        pieces = [subjects[i : i + _MOST_AT_ONCE] for i in range(0, len(subjects), _MOST_AT_ONCE)]
        for piece, found in mapped(dask, _checked_all, pieces, config, dict(options)):
            yield from zip(piece, found, strict=True)
        return
    if jobs == 1 or len(subjects) < 2:
        rules = chosen_rules(config)
        for subject in subjects:
            yield subject, _checked(subject, rules, config, options)
        return
    # A fork would inherit the threads of the libraries, which do not go on there.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(min(jobs, len(subjects)), mp_context=context) as pool:
        size = max(1, min(_MOST_AT_ONCE, len(subjects) // (2 * jobs)))
        chunks = [subjects[i : i + size] for i in range(0, len(subjects), size)]
        waiting = [pool.submit(_checked_all, chunk, config, options) for chunk in chunks]
        try:
            for chunk, done in zip(chunks, waiting, strict=True):
                yield from zip(chunk, done.result(), strict=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _checked_all(subjects: Sequence[str], config: Config, options: Mapping[str, Any]) -> list[CheckReport | str]:
    rules = chosen_rules(config)
    return [_checked(subject, rules, config, options) for subject in subjects]


def _checked(subject: str, rules: Sequence[Rule], config: Config, options: Mapping[str, Any]) -> CheckReport | str:
    try:
        return judged(subject, None, options, rules, config)
    except ConfigError:
        raise
    except (TreedebugError, OSError) as error:
        return str(error)
