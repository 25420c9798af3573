"""Does what the user asked for when a finding opens: stop the training."""
