"""LightGBM's model text, cut into header, tree sections and tail; no numbers are read here but counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from treedebug.core.errors import FormatError

MAX_DIGITS = 9
"""Of a count or size: enough for any tree, and no overflow to think of."""
_END = b"\nend of trees"
_NUMBER = rb"[-+]?(?>(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?|nan|inf)"
_NUMBERS = re.compile(rb"[a-z_]++=(?:" + _NUMBER + rb"(?: ++" + _NUMBER + rb")*+)? *+")
_PARAMETER = re.compile(rb"\[\w++: [^\n]*\]")
_TREE_KEYS = (
    b"num_leaves",
    b"num_cat",
    b"split_feature",
    b"split_gain",
    b"threshold",
    b"decision_type",
    b"left_child",
    b"right_child",
    b"leaf_value",
    b"leaf_weight",
    b"leaf_count",
    b"internal_weight",
    b"internal_count",
    b"cat_boundaries",
    b"cat_threshold",
    b"is_linear",
    b"leaf_const",
    b"num_features",
    b"leaf_features",
    b"leaf_coeff",
)
"""Lines of a tree section that are read; others (internal_value, shrinkage) are passed over unparsed."""


@dataclass(frozen=True)
class ModelText:
    """The three parts of a model text."""

    head: bytes
    """Everything before the first tree."""
    trees: list[bytes]
    """One section a tree, without its line `Tree=i`."""
    tail: bytes
    """From the line `end of trees` on."""
    header: dict[str, str]
    """The lines `key=value` of the head; a line without `=` is a key with an empty value."""

    @property
    def trees_per_round(self) -> int:
        """Trees in one boosting iteration."""
        return header_int(self.header, "num_tree_per_iteration", least=1)

    @property
    def n_features(self) -> int:
        """Columns of the training table, used or not."""
        return header_int(self.header, "max_feature_idx", least=0) + 1

    @property
    def n_rounds(self) -> int:
        """Boosting iterations in the text."""
        return len(self.trees) // self.trees_per_round


def split_text(raw: bytes) -> ModelText:
    """Cut a model text into its parts; raise FormatError if it is foreign, cut off, or miscounts its trees."""
    if not raw.startswith(b"tree\n"):
        raise FormatError(
            f"expected a LightGBM model text, whose first line is 'tree'; this one starts with {raw[:20]!r}"
        )
    end = raw.find(_END)
    if end < 0:
        raise FormatError(
            f"expected a line 'end of trees'; the text stops before it, after {len(raw)} bytes: cut off or damaged"
        )
    first = raw.find(b"\nTree=", 0, end)
    head, tail = raw[: end if first < 0 else first + 1], raw[end + 1 :]
    _check_tail(tail)
    text = ModelText(head, [] if first < 0 else _trees(raw[first:end]), tail, _header(head))
    _check_counts(text)
    return text


def check_for_lightgbm(raw: bytes) -> None:
    """Raise FormatError for what ends the process in LightGBM's parser.

    That is a line of a tree that holds anything but numbers, an empty line among them, at which LightGBM stops, or
    parameters that do not end or have no value.
    """
    text = split_text(raw)
    _, begun, params = text.tail.partition(b"\nparameters:")
    params, ended, _ = params.partition(b"\nend of parameters")
    wrong = [line for line in params.split(b"\n") if line and not _PARAMETER.fullmatch(line)]
    if begun and (wrong or not ended):
        raise FormatError(
            f"expected '[name: value]' and 'end of parameters' after the trees, got {[*wrong, b''][0][:60]!r}"
        )
    for i, tree in enumerate(text.trees):
        for line in tree.rstrip(b"\n").split(b"\n"):
            if not _NUMBERS.fullmatch(line):
                raise FormatError(f"expected 'name=' and numbers in tree {i} of a LightGBM model, got {line[:60]!r}")


def _trees(body: bytes) -> list[bytes]:
    trees = []
    for i, section in enumerate(body.split(b"\nTree=")[1:]):
        number, _, rest = section.partition(b"\n")
        if number != b"%d" % i:
            raise FormatError(f"expected 'Tree={i}' as the next tree section, got {number[:20]!r}")
        trees.append(rest)
    return trees


def _header(head: bytes) -> dict[str, str]:
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError as error:
        raise FormatError(f"expected UTF-8 in the header of a LightGBM model text: {error}") from None
    pairs = (line.partition("=") for line in lines if line)
    return {key: value for key, _, value in pairs}


def _check_tail(tail: bytes) -> None:
    # The importances and parameters follow the trees; Python's writer then adds the line of pandas categories.
    whole = b"\nend of parameters" in tail or b"\npandas_categorical:" in tail
    if b"\nfeature_importances:" not in tail or not whole:
        raise FormatError(
            "expected feature importances and parameters after the trees of a LightGBM model text: it is cut off"
        )


def _check_counts(text: ModelText) -> None:
    per_round, found = text.trees_per_round, len(text.trees)
    if found % per_round:
        raise FormatError(f"expected whole rounds of {per_round} trees, got {found} trees")
    if "tree_sizes" not in text.header:
        return
    sizes = text.header["tree_sizes"].split()
    actual = [str(section_size(i, tree)) for i, tree in enumerate(text.trees)]
    if sizes != actual:
        wrong = next((i for i, (a, b) in enumerate(zip(sizes, actual, strict=False)) if a != b), min(len(sizes), found))
        raise FormatError(
            f"expected the tree sections that 'tree_sizes' announces ({len(sizes)}), got {found}; "
            f"the first to differ in size is tree {wrong}: the text was cut or edited"
        )


def section_size(index: int, tree: bytes) -> int:
    """Return the bytes of a tree section as the line `tree_sizes` counts them, its line `Tree=i` included."""
    return len("Tree=") + len(str(index)) + 1 + len(tree) + 1


def header_int(header: dict[str, str], key: str, *, least: int) -> int:
    """Return the integer of a header line; raise FormatError if it is missing or less than `least`."""
    value = header.get(key, "nothing")
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS and int(value) >= least):
        raise FormatError(f"expected '{key}=' and an integer of at least {least} in the header, got {value[:40]!r}")
    return int(value)


def columns(trees: Sequence[bytes], keys: Sequence[bytes] = _TREE_KEYS) -> dict[bytes, list[bytes]]:
    """Return the values of each key over all trees, empty where a tree has no such line."""
    found: dict[bytes, list[bytes]] = {key: [] for key in keys}
    layout: list[tuple[bytes, list[bytes] | None, int]] = []
    for i, tree in enumerate(trees):
        lines = tree.rstrip(b"\n").split(b"\n")
        # Nearly all trees have the same lines in the same order: those need no search for their keys.
        if len(lines) == len(layout) and all(map(bytes.startswith, lines, [start for start, _, _ in layout])):
            for line, (_, column, length) in zip(lines, layout, strict=True):
                if column is not None:
                    column.append(line[length:])
        else:
            layout = _by_key(i, lines, found)
        for column in found.values():
            if len(column) == i:
                column.append(b"")
    return found


def _by_key(
    i: int, lines: Sequence[bytes], found: dict[bytes, list[bytes]]
) -> list[tuple[bytes, list[bytes] | None, int]]:
    """Take the values of tree i line by line; returns what each line began with, its column, and where values start."""
    layout: list[tuple[bytes, list[bytes] | None, int]] = []
    for line in lines:
        key, equals, value = line.partition(b"=")
        column = found.get(key)
        layout.append((key + equals, column, len(key) + 1))
        if column is None:
            continue
        if len(column) > i:
            raise FormatError(f"expected one line '{key.decode()}=' in tree {i}, got two")
        column.append(value)
    return layout if all(start.endswith(b"=") for start, _, _ in layout) else []
