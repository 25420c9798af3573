"""The only wiring place: check, load, compare, and the callbacks."""
