"""The tangent kernel of a net: which rows it takes for alike at first order."""
