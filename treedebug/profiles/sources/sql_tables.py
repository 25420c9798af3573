"""Tables that a data base gives: a query through DuckDB, or through SQLAlchemy by its URL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from treedebug.core.errors import ConfigError, MissingExtraError, RunNotFoundError, missing_extra
from treedebug.profiles.sources.lazy_frames import DuckSource, computed
from treedebug.profiles.sources.local_frames import FrameSource
from treedebug.profiles.sources.source import TableSource

_QUERY = re.compile(r"\s*(select|with|from)\s", re.IGNORECASE)
_DIALECTS = (
    "postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql", "snowflake", "bigquery", "redshift", "trino",
    "databricks", "clickhouse", "duckdb",
)  # fmt: skip
_URL = re.compile(rf"({'|'.join(_DIALECTS)})(\+\w+)?://")


def is_query(text: str) -> bool:
    """Return whether a text is an SQL query and no path."""
    return bool(_QUERY.match(text))


def is_data_base(text: str) -> bool:
    """Return whether a text is the URL of a data base."""
    return bool(_URL.match(text))


def open_query(query: str, data_base: str = "") -> TableSource:
    """Return what DuckDB makes of a query, over files and over the tables of a data base of its own."""
    try:
        import duckdb  # noqa: PLC0415 - optional
    except ImportError as error:
        raise missing_extra("duckdb to run a query", "duckdb") from error
    if data_base and not Path(data_base).is_file():
        raise RunNotFoundError(f"there is no data base at {data_base}")
    connection = computed(
        lambda: duckdb.connect(data_base, read_only=True) if data_base else duckdb.connect(), f"a query on {data_base}"
    )
    source = DuckSource(computed(lambda: connection.sql(query), "the query"))
    source.keep = connection  # closed with the source
    return source


def open_data_base(url: str, query: str | None) -> TableSource:
    """Return what a data base gives for a query. Raise ConfigError without one."""
    if not query:
        raise ConfigError("a data base needs a query: query='select * from churn' (in the shell: --query)")
    if url.startswith("duckdb:"):
        return open_query(query, re.sub(r"^duckdb:(///)?", "", url))
    try:
        import sqlalchemy  # noqa: PLC0415 - optional
    except ImportError as error:
        raise missing_extra("sqlalchemy to read from a data base", "sql") from error

    def load() -> Any:
        try:
            engine = sqlalchemy.create_engine(url)
        except ImportError as error:
            raise MissingExtraError(
                f"{url.partition(':')[0]} needs a driver that is not installed: pip install {error.name}"
            ) from error
        try:
            with engine.connect() as connection:
                return pd.read_sql(sqlalchemy.text(query), connection)
        finally:
            engine.dispose()

    return FrameSource(computed(load, f"the query on {url.partition('@')[2] or url}"), "sql")
