"""A recorded run read back."""
