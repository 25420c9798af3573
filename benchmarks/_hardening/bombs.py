"""Small files that say large things: each is built here, byte by byte, and given to check."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import treedebug
from _hardening.cage import run
from _hardening.frames import HEAD, NAME, Frame, frame, join
from _hardening.judging import Steps
from _hardening.rows import Arena, Flaw, Row

_HEADER = frame("header", {"library": "xgboost", "booster": "gbtree", "n_features": 3})
_END = frame("end", {"state": "finished", "best_round": None, "reason": "", "n_rounds": 5})
_TREE = {
    "base_weights": [0.0], "categories": [], "categories_nodes": [], "categories_segments": [], "categories_sizes": [],
    "default_left": [0], "id": 0, "left_children": [-1], "loss_changes": [0.0], "parents": [2147483647],
    "right_children": [-1], "split_conditions": [0.5], "split_indices": [0], "split_type": [0], "sum_hessian": [1.0],
    "tree_param": {"num_deleted": "0", "num_feature": "3", "num_nodes": "1", "size_leaf_vector": "1"},
}  # fmt: skip


def _rounds(start: int, n: int = 1, **more: Any) -> Frame:
    blob = struct.pack("<4d", 0.1, 0.01, 1.0, 0.5) * n
    return frame("rounds", {"start": start, "n": n, "columns": [["valid", "logloss"]], **more}, blob)


def _model(n_trees: int = 1, **params: Any) -> dict[str, Any]:
    """An XGBoost model of single leaves; `params` are those of the learner."""
    learner = {"base_score": "5E-1", "num_class": "0", "num_feature": "3", "num_target": "1", **params}
    body = {
        "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": str(n_trees)},
        "iteration_indptr": list(range(n_trees + 1)), "tree_info": [0] * n_trees,
        "trees": [{**_TREE, "id": i} for i in range(n_trees)],
    }  # fmt: skip
    return {
        "learner": {
            "attributes": {}, "feature_names": [], "feature_types": [], "learner_model_param": learner,
            "gradient_booster": {"model": body, "name": "gbtree"},
            "objective": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}},
        },
        "version": [3, 2, 0],
    }  # fmt: skip


def _linear(rounds: int, features: str = "3") -> bytes:
    model = _model(num_feature=features)
    model["learner"]["gradient_booster"] = {
        "model": {"boosted_rounds": rounds, "param": {}, "weights": [0.1] * 4}, "name": "gblinear",
    }  # fmt: skip
    return _json(model)


def _grown(n_trees: int) -> dict[str, Any]:
    """A model of 4 million features, each tree one split on another of them."""
    model = _model(n_trees, num_feature=str(1 << 22))
    three = {"base_weights": [0.0, 0.1, 0.2], "default_left": [0, 0, 0], "left_children": [1, -1, -1],
             "right_children": [2, -1, -1], "loss_changes": [1.0, 0.0, 0.0], "parents": [2147483647, 0, 0],
             "split_conditions": [0.5, 0.1, 0.2], "split_type": [0, 0, 0], "sum_hessian": [2.0, 1.0, 1.0],
             "tree_param": {**_TREE["tree_param"], "num_nodes": "3", "num_feature": str(1 << 22)}}  # fmt: skip
    for i, tree in enumerate(model["learner"]["gradient_booster"]["model"]["trees"]):
        tree |= {**three, "split_indices": [(1 << 22) - 1 - 997 * i, 0, 0]}
    return model


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _markers(size: int) -> bytes:
    """A damaged frame, then places that each look like a frame reaching to the end."""
    unit = struct.pack("<II", 0, 20) + b'{"kind":'
    n = size // (len(unit) + 4)
    data = bytearray(HEAD + struct.pack("<II", 64, 1) + b"damaged.")
    for i in range(n):
        reach = (n - i) * 20 - 8
        data += struct.pack("<I", max(reach // 2, 20)) + unit
    return bytes(data)


def _lightgbm(key: str, value: str) -> Callable[[Path], bytes]:
    """A seed with one number of its text changed."""

    def make(seeds: Path) -> bytes:
        lines = (seeds / "models" / "binary.txt").read_text(encoding="utf-8").split("\n")
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{key}="))
        lines[at] = f"{key}={value}"
        return "\n".join(lines).encode()

    return make


def _profile(seeds: Path) -> bytes:
    """A `data` record that inflates to a gigabyte."""
    del seeds
    pack = zlib.compressobj(9)
    blob = b"".join(
        [
            pack.compress(b'{"train":{"name":"' + b"x" * (1 << 20)),
            *(pack.compress(b"x" * (1 << 20)) for _ in range(900)),
        ]
    )
    return join([_HEADER, frame("data", {"train": "train"}, blob + pack.flush())])


def _margins(n_rows: int) -> list[Frame]:
    """Five rounds of margins of four rows, of a dataset that is said to have more."""
    place = {"dataset": "valid", "n_rows": n_rows, "columns": ["margin", "loss"]}
    blob = struct.pack("<8f", *range(8))
    kept = [frame("margins", {"round_index": i, **place}, blob) for i in range(5)]
    labels = frame("margin_labels", {"dataset": "valid"}, struct.pack("<4f", 0, 1, 0, 1))
    return [labels, *(_rounds(i) for i in range(5)), *kept]


Make = Callable[[Path], bytes]
BOMBS: dict[str, tuple[str, Make]] = {
    "run of round 1e8": (NAME, lambda _: join([_HEADER, _rounds(10**8)])),
    "run of round 1e8, ended": (NAME, lambda _: join([_HEADER, _rounds(10**8), _END])),
    "run that ends at round 1e15": (NAME, lambda _: join([_HEADER, _rounds(10**15), _END])),
    "start_round 1e9": (NAME, lambda _: join([frame("header", {"start_round": 10**9}), _rounds(10**9 + 1), _END])),
    "23 batches of 16 million rounds": (NAME, lambda _: join([_HEADER, *(
        frame("trees", {"library": "xgboost", "rounds": [i << 24, ((i + 1) << 24) - 1], "first_tree": 0})
        for i in range(23)
    )])),
    "trees cover 1e9 rounds": (NAME, lambda _: join([_HEADER, _rounds(0), frame(
        "trees", {"library": "xgboost", "rounds": [0, 0], "first_tree": 0, "covers": 10**9}, _json(_model())
    ), _rounds(10**8), _END])),
    "run of 1e9 features": (NAME, lambda _: join([
        frame("header", {"library": "xgboost", "booster": "gbtree", "n_features": 10**9}), _rounds(0),
        frame("trees", {"library": "xgboost", "rounds": [0, 0], "first_tree": 0}, _json(_model())), _END,
    ])),
    "run of 4 million features": (NAME, lambda _: join([
        frame("header", {"library": "xgboost", "booster": "gbtree", "n_features": 1 << 22}), _rounds(0, 400),
        frame("trees", {"library": "xgboost", "rounds": [0, 399], "first_tree": 0}, _json(_grown(400))), _END,
    ])),
    "run of 1e9 classes": (NAME, lambda _: join([
        frame("header", {"library": "xgboost", "n_classes": 10**9, "trees_per_round": 10**9, "planned_rounds": 10**12}),
        _rounds(0, 5), _END,
    ])),
    "classes record of 1e5 classes": (NAME, lambda _: join([
        _HEADER, _rounds(0), frame("classes", {"round_index": 0, "dataset": "valid", "n_classes": 10**5}), _END,
    ])),
    "margins of 1e12 rows": (NAME, lambda _: join([_HEADER, *_margins(10**12), _END])),
    "profile that inflates to 0.9 GB": (NAME, _profile),
    "JSON nested 100,000 deep": (NAME, lambda _: join([Frame(b'{"kind":"note","fields":' + b"[" * 100_000)])),
    "header nested 900 deep": (NAME, lambda _: join([
        frame("header", {"params": json.loads("[" * 900 + "]" * 900)}), _rounds(0), _END,
    ])),
    "number of 5,000 digits": (NAME, lambda _: join([
        Frame(b'{"kind":"rewind","fields":{"n_rounds":' + b"9" * 5000 + b"}}"),
    ])),
    "60 MB of markers": (NAME, lambda _: _markers(60_000_000)),
    "gblinear of 1e8 rounds": ("linear.json", lambda _: _linear(10**8)),
    "gblinear of 1e12 features": ("linear.json", lambda _: _linear(3, str(10**12))),
    "JSON model of 1e8 features": ("model.json", lambda _: _json(_model(9, num_feature="100000000"))),
    "JSON model of 1e12 features": ("model.json", lambda _: _json(_model(1, num_feature="1000000000000"))),
    "JSON model of 1e9 classes": ("model.json", lambda _: _json(_model(1, num_class="1000000000"))),
    "JSON model nested 100,000 deep": ("model.json", lambda _: b'{"learner":' + b"[" * 100_000),
    "UBJSON array of 2**31 bytes": ("model.ubj", lambda _: b"{i\x07learner[$U#l\x7f\xff\xff\xff"),
    "UBJSON array of 2**60 nothings": ("model.ubj", lambda _: b"{i\x07learner[$Z#L" + struct.pack(">q", 1 << 60)),
    "UBJSON nested 100,000 deep": ("model.ubj", lambda _: b"{i\x07learner" + b"[" * 100_000),
    "LightGBM tree of 1e9 leaves": ("model.txt", _lightgbm("num_leaves", "1000000000")),
    "LightGBM of 1e9 features": ("model.txt", _lightgbm("max_feature_idx", "1000000000")),
    "LightGBM of 1e9 classes": ("model.txt", _lightgbm("num_class", "1000000000")),
    "LightGBM of 1e9 trees a round": ("model.txt", _lightgbm("num_tree_per_iteration", "1000000000")),
    "LightGBM tree of 1e9 categories": ("model.txt", _lightgbm("num_cat", "1000000000")),
    "table of 80,000 columns": ("rows.csv", lambda _: b"\n".join([
        b",".join(b"c%d" % i for i in range(80_000)), b",".join([b"1"] * 80_000),
    ])),
    "JSON lines of 80,000 keys": ("rows.jsonl", lambda _: _json({f"c{i}": 1 for i in range(80_000)})),
    "table of one line of 1 MB": ("rows.csv", lambda _: b"a,y\n" + b"1" * 1_000_000 + b",0\n1,1\n"),
}  # fmt: skip


class Bombs:
    """Each one given to check, and a run to load and booster as well."""

    name = "tiny bombs"
    point = "6"

    def __init__(self, seeds: Path) -> None:
        self.seeds = seeds
        self.names = list(BOMBS)

    def write(self, index: int, folder: Path) -> Path:
        file, make = BOMBS[self.names[index]]
        path = folder / file
        path.write_bytes(make(self.seeds))
        return path

    def judge(self, path: Path) -> list[Flaw]:
        step = Steps()
        target = path.parent if path.name == NAME else path
        step.report("check", lambda: treedebug.check(target, config=treedebug.Config()))
        if path.name == NAME:
            found: Any = step("load", lambda: treedebug.load(target))
            if found is not None:
                step("booster", found.booster, may_print=True)
        return step.flaws


class _One:
    """One bomb alone, so that each has a row."""

    point = "6"

    def __init__(self, bombs: Bombs, index: int) -> None:
        self.bombs, self.index = bombs, index
        self.name = f"bomb: {bombs.names[index]}"

    def write(self, index: int, folder: Path) -> Path:
        del index
        return self.bombs.write(self.index, folder)

    def judge(self, path: Path) -> list[Flaw]:
        return self.bombs.judge(path)


def bombs(arena: Arena) -> Iterator[Row]:
    """A row a bomb."""
    every = Bombs(arena.seeds)
    yield from (run(_One(every, i), arena, 1) for i in range(len(every.names)))
