"""Measurements on recorded tensors, without thresholds."""
