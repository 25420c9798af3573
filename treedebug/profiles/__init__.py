"""Tables of any kind as a `DataProfile`, in a fixed number of passes."""
