"""Narrower networks that do the same."""
