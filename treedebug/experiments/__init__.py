"""Experiments that train again and again: learning curves."""
