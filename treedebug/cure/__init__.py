"""The cure: `fix` trains again and proves what it gained, `slim` makes a finished model small."""
