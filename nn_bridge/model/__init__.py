"""What a network is: its modules, parameters, optimiser and first state."""
