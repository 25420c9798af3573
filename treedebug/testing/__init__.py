"""Public helpers for testing rules, runs and stores."""

from treedebug.testing.builders import (
    Node,
    classes,
    compared,
    curves,
    ending,
    grown,
    header,
    labels,
    leaf,
    margins,
    rounds,
    split,
    tree_table,
    trees,
)
from treedebug.testing.rule_test import hostile_runs, rule_test

__all__ = [
    "Node",
    "classes",
    "compared",
    "curves",
    "ending",
    "grown",
    "header",
    "hostile_runs",
    "labels",
    "leaf",
    "margins",
    "rounds",
    "rule_test",
    "split",
    "tree_table",
    "trees",
]
