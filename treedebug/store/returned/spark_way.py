"""The way back through Spark: an accumulator of the driver, to which the worker that records adds the bytes."""

from __future__ import annotations

import sys
from typing import Any


class LatestBytes:
    """How Spark puts values together: the last one counts."""

    def zero(self, _: bytes) -> bytes:
        """Return what a worker begins with."""
        return b""

    def addInPlace(self, held: bytes, added: bytes) -> bytes:  # noqa: N802 - Spark calls it so
        """Return what is held after a value came."""
        return added or held


def open_way() -> Any:
    """Return an accumulator of the session that is active in this driver; None without one, and on workers."""
    spark = sys.modules.get("pyspark")
    context = None if spark is None else getattr(spark.SparkContext, "_active_spark_context", None)
    return None if context is None or spark is None else context.accumulator(b"", LatestBytes())


def send(accumulator: Any, data: bytes) -> bool:
    """Add the bytes to the driver's accumulator; return False outside a task of Spark's."""
    spark = sys.modules.get("pyspark")
    if accumulator is None or spark is None or spark.TaskContext.get() is None:
        return False
    accumulator.add(data)
    return True


def fetch(accumulator: Any) -> bytes | None:
    """Return what has come; None where nothing has."""
    return None if accumulator is None else accumulator.value or None
