"""Public helpers for testing rules, runs and stores."""
