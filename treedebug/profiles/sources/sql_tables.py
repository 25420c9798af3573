"""Tables that a data base gives: a query through DuckDB, or through SQLAlchemy by its URL."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from treedebug.core.errors import ConfigError, missing_extra
from treedebug.profiles.sources.lazy_frames import DuckSource, computed
from treedebug.profiles.sources.local_frames import FrameSource
from treedebug.profiles.sources.source import TableSource

_QUERY = re.compile(r"\s*(select|with|from)\s", re.IGNORECASE)
_DIALECTS = (
    "postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql", "snowflake", "bigquery", "redshift", "trino",
    "databricks", "clickhouse",
)  # fmt: skip
_URL = re.compile(rf"({'|'.join(_DIALECTS)})(\+\w+)?://")


def is_query(text: str) -> bool:
    """Return whether a text is an SQL query and no path."""
    return bool(_QUERY.match(text))


def is_data_base(text: str) -> bool:
    """Return whether a text is the URL of a data base."""
    return bool(_URL.match(text))


def open_query(query: str) -> TableSource:
    """Return what DuckDB makes of a query, over its files and tables."""
    try:
        import duckdb  # noqa: PLC0415 - optional
    except ImportError as error:
        raise missing_extra("duckdb to run a query", "duckdb") from error
    connection = duckdb.connect()
    source = DuckSource(computed(lambda: connection.sql(query), "the query"))
    source.keep = connection  # closed with the source
    return source


def open_data_base(url: str, query: str | None) -> TableSource:
    """Return what a data base gives for a query. Raise ConfigError without one."""
    if not query:
        raise ConfigError("a data base needs a query: query='select * from churn' (in the shell: --query)")
    try:
        import sqlalchemy  # noqa: PLC0415 - optional
    except ImportError as error:
        raise missing_extra("sqlalchemy to read from a data base", "sql") from error

    def load() -> Any:
        engine = sqlalchemy.create_engine(url)
        try:
            with engine.connect() as connection:
                return pd.read_sql(sqlalchemy.text(query), connection)
        finally:
            engine.dispose()

    return FrameSource(computed(load, f"the query on {url.partition('@')[2] or url}"), "sql")
