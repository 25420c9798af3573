"""Learning-rate schedules and optimisers that find their own rate, for PyTorch."""
