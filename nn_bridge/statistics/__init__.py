"""Numbers of tensors; knows no training."""
