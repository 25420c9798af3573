"""Tables that live elsewhere: Dask and Spark scan their partitions themselves, and only the scans come back."""

from __future__ import annotations

from treedebug.profiles.lazy import DuckSource as DaskSource
from treedebug.profiles.lazy import DuckSource as SparkSource
