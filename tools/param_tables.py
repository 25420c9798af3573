"""Write the tables of every parameter that the installed XGBoost and LightGBM know, and its aliases.

python tools/param_tables.py            write it
python tools/param_tables.py --check    exit 1 if it is not what the installed libraries say
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import xgboost
from lightgbm.basic import _ConfigAliases

PATH = Path(__file__).parents[1] / "treedebug" / "core" / "params" / "parameter_tables.py"
BOOSTERS = ("gbtree", "dart", "gblinear")
TREE_METHODS = ("hist", "approx", "exact")
OBJECTIVES = (
    "reg:squarederror", "reg:squaredlogerror", "reg:logistic", "reg:pseudohubererror", "reg:absoluteerror",
    "reg:quantileerror", "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson",
    "survival:cox", "survival:aft", "multi:softmax", "multi:softprob", "rank:ndcg", "rank:map", "rank:pairwise",
    "reg:gamma", "reg:tweedie",
)  # fmt: skip
LEARNER = ("eval_metric", "verbosity", "num_class", "base_score", "num_target", "feature_selector", "top_k")
"""Taken by every XGBoost learner although its configuration lists them for some boosters only, or not at all."""
INTERNAL = {"num_feature", "num_trees", "name", "updater_seq", "specified_updater", "boost_from_average"}
_LINE, _INDENT = 110, 8


def lightgbm_aliases() -> dict[str, tuple[str, ...]]:
    """Return the aliases of each native name, as the library's own C interface lists them."""
    _ConfigAliases.get("num_leaves")
    return {name: tuple(sorted(set(found) - {name})) for name, found in sorted((_ConfigAliases.aliases or {}).items())}


def xgboost_names() -> tuple[set[str], dict[str, set[str]], dict[str, set[str]]]:
    """Return the names that every learner takes, those of each booster, and those of each objective alone."""
    boosters = {b: _names(_config(b, "reg:squarederror", None)) for b in BOOSTERS}
    for method in TREE_METHODS:
        for booster in ("gbtree", "dart"):
            boosters[booster] |= _names(_config(booster, "reg:squarederror", method))
    common = set.intersection(*(_generic(_config(b, "reg:squarederror", None)) for b in BOOSTERS)) | set(LEARNER[:5])
    of_booster = {b: names - common - {"scale_pos_weight"} for b, names in boosters.items()}
    of_booster["gblinear"] |= set(LEARNER[5:])
    known = common | set.union(*of_booster.values())
    objectives = {}
    for objective in OBJECTIVES:
        config = _config("gbtree", objective, None)["learner"]["objective"]
        objectives[objective] = _names(config) - {"name"} - (known - {"max_delta_step"}) - common
    return common, of_booster, objectives


def _config(booster: str, objective: str, method: str | None) -> dict[str, Any]:
    params: dict[str, Any] = {"booster": booster, "objective": objective, "verbosity": 0, "nthread": 1}
    if method:
        params["tree_method"] = method
    if objective.startswith("multi"):
        params["num_class"] = 2
    if "quantile" in objective:
        params["quantile_alpha"] = 0.5
    label = np.tile([0.0, 1.0], 10)
    data = xgboost.DMatrix(np.arange(20.0).reshape(20, 1), label + ("gamma" in objective))
    if objective == "survival:aft":
        data.set_float_info("label_lower_bound", label + 1)
        data.set_float_info("label_upper_bound", label + 1)
    if objective.startswith("rank"):
        data.set_group([10, 10])
    found: dict[str, Any] = json.loads(xgboost.train(params, data, 1).save_config())
    return found


def _generic(config: Mapping[str, Any]) -> set[str]:
    learner = config["learner"]
    return {
        n for part in ("generic_param", "learner_model_param", "learner_train_param") for n in learner[part]
    } - INTERNAL


def _names(config: Any) -> set[str]:
    """Return the keys with a plain value, at any depth."""
    return set(_walk(config)) - INTERNAL - {"version"}


def _walk(node: Any) -> Iterator[str]:
    items: Iterable[tuple[str, Any]] = node.items() if isinstance(node, Mapping) else ()
    for key, value in items:
        if isinstance(value, Mapping):
            yield from _walk(value)
        elif isinstance(value, list):
            for entry in value:
                yield from _walk(entry)
        elif key != "name":
            yield key


def render() -> str:
    """Return the module's text."""
    common, boosters, objectives = xgboost_names()
    parts = [
        '"""Every parameter of the two libraries, written by tools/param_tables.py as they tell it."""',
        "\n# fmt: off\n\nfrom __future__ import annotations\n",
        f'LIGHTGBM_VERSION, XGBOOST_VERSION = "{lightgbm.__version__}", "{xgboost.__version__}"',
        "LIGHTGBM: dict[str, tuple[str, ...]] = {",
        *(_entry(name, aliases) for name, aliases in lightgbm_aliases().items()),
        '}\n"""Native name to its aliases."""',
        f"XGBOOST_COMMON: tuple[str, ...] = {_tuple(sorted(common), 60)}",
        '"""Taken whatever the booster."""',
        "XGBOOST_BOOSTERS: dict[str, tuple[str, ...]] = {",
        *(_entry(name, sorted(found)) for name, found in boosters.items()),
        '}\n"""Taken by one booster, tree methods together."""',
        "XGBOOST_OBJECTIVES: dict[str, tuple[str, ...]] = {",
        *(_entry(name, sorted(found)) for name, found in objectives.items()),
        '}\n"""Taken by one objective."""',
    ]
    return "\n".join(parts) + "\n"


def _tuple(names: Iterable[str], width: int) -> str:
    quoted = [f'"{n}"' for n in names]
    flat = f"({', '.join(quoted)}{',' if len(quoted) == 1 else ''})"
    if len(flat) <= width:
        return flat
    lines = [""]
    for word in quoted:
        if len(lines[-1]) + len(word) > _LINE - _INDENT:
            lines.append("")
        lines[-1] += f"{word}, "
    return "(\n" + "\n".join(" " * _INDENT + line.rstrip() for line in lines) + "\n    )"


def _entry(name: str, names: Iterable[str]) -> str:
    return f'    "{name}": {_tuple(names, _LINE - len(name) - _INDENT)},'


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    text = render()
    if "--check" in arguments:
        is_stale = text != PATH.read_text(encoding="utf-8")
        if is_stale:
            versions = f"LightGBM {lightgbm.__version__}, XGBoost {xgboost.__version__}"
            print(f"{PATH.name} is not what {versions} say: run python tools/param_tables.py", file=sys.stderr)
        return int(is_stale)
    PATH.write_text(text, encoding="utf-8")
    print(f"{PATH.name}: LightGBM {lightgbm.__version__}, XGBoost {xgboost.__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
