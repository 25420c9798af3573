"""Public helpers for testing rules, runs and stores."""

from treedebug.testing.builders import classes, compared, curves, ending, header, labels, margins, rounds, scheduled
from treedebug.testing.hostile_runs import hostile_runs
from treedebug.testing.rule_test import rule_test
from treedebug.testing.tables import classes_of, data_sets, date, flag, number, numbers_of, table, text, weights_of
from treedebug.testing.tree_builders import Node, grown, leaf, split, tree_table, trees

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
    "scheduled",
    "split",
    "table",
    "text",
    "tree_table",
    "trees",
    "weights_of",
]
