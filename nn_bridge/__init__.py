"""The bridge to neural networks: recorders, signals and rules (NN9xx) for training loops over tensors.

It stands beside the floors of treedebug and imports `treedebug.core`, `.engine`, `.store`, `.reports`, `.actions` and
`.testing` only; treedebug never imports it. Its streams are keyed by their own types and its rules register through
the entry-point group `treedebug.rules`, as anyone's may.
"""
