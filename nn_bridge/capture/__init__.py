"""The hooks of one training: what is read of a network while it trains."""
