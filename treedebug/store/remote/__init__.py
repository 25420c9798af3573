"""Runs in object storage: shipped in parts from a local spool, and read back through a local copy."""
