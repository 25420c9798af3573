"""A finished model with fewer leaves and bytes, without training again."""
