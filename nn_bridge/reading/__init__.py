"""A recorded run read back, and its plots."""
