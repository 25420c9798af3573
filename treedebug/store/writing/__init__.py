"""Writing one run: what is recorded waits in an outbox, and goes to a sink once a second."""
