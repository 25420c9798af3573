"""Measurements without thresholds, in families as the rules."""
