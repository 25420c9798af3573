"""The tree array of an XGBoost model -> columns of bytes, one entry a tree.

XGBoost writes the keys of a tree in a fixed order, and nearly all of its typed arrays have one item a node. So the size
of the first array fixes where every later key stands. The fast path compares the keys at those places and cuts the
columns out without decoding a value; whatever does not match (vector leaves, pruned nodes, other versions) is decoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from treedebug.core.errors import FormatError
from treedebug.readers.xgboost.ubjson import Decoder, encode_length
from treedebug.readers.xgboost.xgboost_columns import column, integers, leaf_vectors, leaf_width

COLUMNS: dict[str, np.dtype[Any]] = {
    "default_left": np.dtype(">u1"),
    "left_children": np.dtype(">i4"),
    "loss_changes": np.dtype(">f4"),
    "parents": np.dtype(">i4"),
    "right_children": np.dtype(">i4"),
    "split_conditions": np.dtype(">f4"),
    "split_indices": np.dtype(">i4"),
    "split_type": np.dtype(">u1"),
    "sum_hessian": np.dtype(">f4"),
}
"""What is read of each node, in the file's order and types."""

_AFTER_ID = (  # key, type, bytes a node, in the file's order
    ("left_children", b"l", 4),
    ("loss_changes", b"d", 4),
    ("parents", b"l", 4),
    ("right_children", b"l", 4),
    ("split_conditions", b"d", 4),
    ("split_indices", b"l", 4),
    ("split_type", b"U", 1),
    ("sum_hessian", b"d", 4),
)
_LENGTH_BYTES = 8
_ID_BYTES = {ord("i"): 2, ord("U"): 2, ord("I"): 3, ord("l"): 5, ord("L"): 9}


def _key(name: str) -> bytes:
    return encode_length(len(name)) + name.encode()


def _text(text: bytes) -> bytes:
    return b"S" + encode_length(len(text)) + text


_HEAD = b"{" + _key("base_weights") + b"[$d#L"
_CATEGORIES = (
    (_key("categories") + b"[$l#L", np.dtype(">i4")),
    (_key("categories_nodes") + b"[$l#L", np.dtype(">i4")),
    (_key("categories_segments") + b"[$L#L", np.dtype(">i8")),
    (_key("categories_sizes") + b"[$L#L", np.dtype(">i8")),
)
_DEFAULT = _key("default_left") + b"[$U#L"
_NO_CATEGORIES = b"".join(token + bytes(8) for token, _ in _CATEGORIES) + _DEFAULT
_ID = _key("id")
_PARAM = _key("tree_param")
_AFTER_ID_TOKENS = tuple((_key(name) + b"[$" + kind + b"#L", width) for name, kind, width in _AFTER_ID)
_NUM_NODES = _key("num_nodes")
_SCALAR_LEAVES = _key("size_leaf_vector") + _text(b"1") + b"}}"
_TAIL = _PARAM + b"{" + _key("num_deleted") + _text(b"0") + _key("num_feature") + b"SL"


class Span(NamedTuple):
    """Where a tree stands in the file, and its `id` in it."""

    start: int
    id_start: int
    id_stop: int
    stop: int


class Categories(NamedTuple):
    """The categorical splits of one tree: `values[starts[i] : starts[i] + sizes[i]]` go right at `nodes[i]`."""

    nodes: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    values: NDArray[np.int64]


class _Layout(NamedTuple):
    """Where things stand in a tree of `n_nodes`: before the id from the tree's start, after it from the id's end."""

    n_nodes: int
    before: bytes
    """All between the first array and the values of default_left, in a tree without categories."""
    checks: tuple[tuple[int, bytes], ...]
    columns: tuple[tuple[int, int], ...]
    size: int


class Forest:
    """Trees read so far. Called as a decoder's hook on the array of trees; `add` takes a decoded tree.

    With `collect=False` only `spans` and `sizes` are filled.
    """

    def __init__(self, *, collect: bool = True) -> None:
        self.collect = collect
        self.spans: list[Span] = []
        self.sizes: list[int] = []
        """Nodes of each tree, deleted ones included."""
        self.parts: dict[str, list[bytes]] = {name: [] for name in COLUMNS}
        self.categories: dict[int, Categories] = {}
        """By position of the tree."""
        self.vectors: dict[int, NDArray[np.float64]] = {}
        """By position of the tree: (n_nodes, n_outputs), NaN in splits."""
        self._layouts: dict[bytes, _Layout] = {}
        self._id = (0, 0)

    def column(self, name: str) -> NDArray[Any]:
        """Return a field of all nodes of all trees, in the file's type."""
        return np.frombuffer(b"".join(self.parts[name]), dtype=COLUMNS[name])

    def __call__(self, decoder: Decoder) -> int:
        """Read the array of trees at the decoder's place. Returns their number."""
        decoder.expect(b"[#")
        count = decoder.length()
        for _ in range(count):
            if not self._fast(decoder):
                self._slow(decoder)
        return count

    def _fast(self, decoder: Decoder) -> bool:
        raw, start = decoder.raw, decoder.pos
        matches = raw.startswith
        head = raw[start : start + len(_HEAD) + 8]
        layout = self._layouts.get(head) or self._lay_out(raw, start=start, head=head)
        if layout is None:
            return False
        n_nodes, before, checks, _, size = layout
        place = start + len(head) + 4 * n_nodes
        categories = None
        if matches(before, place):
            default_left = place + len(before)
        else:
            categories, default_left = _categories_at(raw, place, head[-8:])
            if categories is None:
                return False
        id_start = default_left + n_nodes + len(_ID)
        if not matches(_ID, default_left + n_nodes) or id_start >= len(raw):
            return False
        id_stop = id_start + _ID_BYTES.get(raw[id_start], 0)
        for offset, token in checks:
            if not matches(token, id_stop + offset):
                return False
        decoder.pos = id_stop + size
        if self.collect:
            self._collect(raw, default_left=default_left, id_stop=id_stop, layout=layout)
            if categories is not None:
                self.categories[len(self.sizes)] = categories
        self.sizes.append(n_nodes)
        self.spans.append(Span(start, id_start, id_stop, decoder.pos))
        return True

    def _collect(self, raw: bytes, *, default_left: int, id_stop: int, layout: _Layout) -> None:
        parts = self.parts
        parts["default_left"].append(raw[default_left : default_left + layout.n_nodes])
        for (name, _, _), (a, b) in zip(_AFTER_ID, layout.columns, strict=True):
            if name in parts:
                parts[name].append(raw[id_stop + a : id_stop + b])

    def _lay_out(self, raw: bytes, *, start: int, head: bytes) -> _Layout | None:
        count = head[len(_HEAD) :]
        n_nodes = int.from_bytes(count, "big")
        if not head.startswith(_HEAD) or len(count) < _LENGTH_BYTES or not 0 < n_nodes <= len(raw):
            return None
        checks, columns, place = [], [], 0
        for key, width in _AFTER_ID_TOKENS:
            token = key + count
            checks.append((place, token))
            place += len(token)
            columns.append((place, place + width * n_nodes))
            place += width * n_nodes
        tail_start = raw.find(_PARAM, start)
        tail = _tail(raw, tail_start, n_nodes)
        if not raw.startswith(tail, max(tail_start, 0)):
            return None
        checks.append((place, tail))
        layout = _Layout(n_nodes, _NO_CATEGORIES + count, tuple(checks), tuple(columns), place + len(tail))
        self._layouts[head] = layout
        return layout

    def _slow(self, decoder: Decoder) -> None:
        start = decoder.pos
        self._id = (start, start)
        inner = Decoder(decoder.raw, pos=start, hooks={("id",): self._note_id})
        tree = inner.value()
        decoder.pos = inner.pos
        self.add(tree, span=Span(start, *self._id, inner.pos))

    def _note_id(self, decoder: Decoder) -> Any:
        start = decoder.pos
        value = decoder.value(("id",))
        self._id = (start, decoder.pos)
        return value

    def add(self, tree: Any, *, span: Span | None = None) -> None:
        """Take a tree decoded from UBJSON or JSON. Raise FormatError if it is none."""
        if not isinstance(tree, Mapping):
            raise FormatError(f"not a model XGBoost wrote: expected a tree, found {type(tree).__name__}")
        position = len(self.sizes)
        try:
            n_nodes = len(tree["left_children"])
            if self.collect:
                self._add_columns(tree, n_nodes, position)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise FormatError(f"not a model XGBoost wrote: tree {position} of the file: {error!r}") from None
        self.sizes.append(n_nodes)
        self.spans.append(span or Span(0, 0, 0, 0))

    def _add_columns(self, tree: Mapping[str, Any], n_nodes: int, position: int) -> None:
        columns = {name: column(tree, name, dtype, n_nodes) for name, dtype in COLUMNS.items()}
        for name, values in columns.items():
            self.parts[name].append(values.tobytes())
        if len(tree.get("categories_nodes", ())):
            self.categories[position] = Categories(
                nodes=integers(tree["categories_nodes"]),
                starts=integers(tree["categories_segments"]),
                sizes=integers(tree["categories_sizes"]),
                values=integers(tree["categories"]),
            )
        width = leaf_width(tree.get("tree_param", {}), n_nodes)
        if width > 1:
            leaf = columns["left_children"] == -1
            rows = columns["right_children"].astype(np.int64)
            self.vectors[position] = leaf_vectors(tree, width=width, leaf=leaf, rows=rows)


def _categories_at(raw: bytes, place: int, count: bytes) -> tuple[Categories | None, int]:
    """Return the categories that stand here, and where the values of default_left start behind them."""
    arrays = []
    for token, dtype in _CATEGORIES:
        first = place + len(token) + 8
        n_items = int.from_bytes(raw[first - 8 : first], "big")
        if not raw.startswith(token, place) or n_items * dtype.itemsize > len(raw) - first:
            return None, 0
        arrays.append(np.frombuffer(raw, dtype=dtype, count=n_items, offset=first).astype(np.int64))
        place = first + n_items * dtype.itemsize
    if not raw.startswith(_DEFAULT + count, place):
        return None, 0
    values, nodes, starts, sizes = arrays
    return Categories(nodes, starts, sizes, values), place + len(_DEFAULT) + 8


def _tail(raw: bytes, place: int, n_nodes: int) -> bytes:
    """Return the end of a tree of `n_nodes`, with the number of features of the tree whose `tree_param` is at `place`.

    If that tree does not end as expected, neither will it match what is returned.
    """
    start = place + len(_TAIL)
    n_digits = min(int.from_bytes(raw[start : start + 8], "big"), 20)
    n_features = raw[start + 8 : start + 8 + n_digits]
    middle = n_digits.to_bytes(8, "big") + n_features
    return _TAIL + middle + _NUM_NODES + _text(str(n_nodes).encode()) + _SCALAR_LEAVES
