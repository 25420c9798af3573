"""What a user calls: PyTorch, Lightning, scikit-learn, and the look before training."""
