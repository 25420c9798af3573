"""The run on disk or in memory: an append-only log of records, readable while it is written."""
