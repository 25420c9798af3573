"""A training as a run: one recorder, and a thin port for each library."""
