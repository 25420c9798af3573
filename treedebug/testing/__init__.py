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
from treedebug.testing.tables import classes_of, data_sets, date, flag, number, numbers_of, table, text, weights_of

__all__ = [
    "Node",
    "classes",
    "classes_of",
    "compared",
    "curves",
    "data_sets",
    "date",
    "ending",
    "flag",
    "grown",
    "header",
    "hostile_runs",
    "labels",
    "leaf",
    "margins",
    "number",
    "numbers_of",
    "rounds",
    "rule_test",
    "split",
    "table",
    "text",
    "tree_table",
    "trees",
    "weights_of",
]
