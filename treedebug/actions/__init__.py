"""Does what the user asked for when a finding opens: stop the training, tell somebody, run a program."""
