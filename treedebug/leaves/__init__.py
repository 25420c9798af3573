"""What the leaves of recorded trees say of rows: which are alike, what pulls a prediction, how much is fitted."""
