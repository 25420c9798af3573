"""Parts of the benchmark of learning-rate schedules."""
