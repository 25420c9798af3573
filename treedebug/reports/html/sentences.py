"""What each picture says, in a sentence or two, from the numbers it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from treedebug.reports.phrasing import plural, printable, short

_LONGEST = 60
"""Of a name in a sentence."""


def sentence(name: str, picture: Mapping[str, Any]) -> str:
    """Return what a picture says; "" where its numbers say nothing by themselves."""
    say = _SAID.get(name)
    return "" if say is None else say(picture)


def percent(share: float | None) -> str:
    """Say "12 %"."""
    return "-" if share is None else f"{100 * share:.3g} %"


def named(name: Any) -> str:
    """Return a name as it stands in a sentence."""
    text = printable(str(name))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _learning_curves(p: Mapping[str, Any]) -> str:
    if p["deciding"] is None:
        return "No validation metric whose direction is known was recorded, so no best round can be named."
    curve = p["curves"][p["deciding"]]
    name = f"{named(curve['dataset'])} {named(curve['metric'])}"
    best = f"{name} was best in round {p['best_round']} ({short(p['best_value'])})"
    if p["wasted"] is None:
        return f"{best}, the last one: it may still have been improving."
    first, last = p["wasted"]
    return f"{best} and is {short(curve['last_value'])} at the end, {plural(last - first + 1, 'round')} later."


def _tree_anatomy(p: Mapping[str, Any]) -> str:
    ends = [(p[c][0], p[c][-1]) for c in ("leaves", "depth", "gain")]
    if any(v is None for pair in ends for v in pair):
        return ""
    (leaves, leaves_last), (depth, depth_last), (gain, gain_last) = ends
    return (
        f"The first trees have {_leaves(leaves)} and depth {short(depth)}, the last {_leaves(leaves_last)} "
        f"and depth {short(depth_last)}; the gain of a tree goes from {short(gain)} to {short(gain_last)}."
    )


def _leaves(number: float) -> str:
    return f"{short(number)} {'leaf' if number == 1 else 'leaves'}"


def _importance_heatmap(p: Mapping[str, Any]) -> str:
    late = [named(f) for f, rise in zip(p["features"], p["rise"], strict=True) if rise is not None and rise > _RISES]
    used = f"{p['n_used']} of {plural(p['n_features'], 'feature')} are used"
    risen = f"; these gain weight late: {', '.join(late[:4])}" if late else "; none gains much weight late"
    return f"{used}, {named(p['features'][0])} most{risen}."


_RISES = 0.05
"""Share of the gain that a feature wins between the first and the last quarter of the rounds, to be named."""


def _importance_bars(p: Mapping[str, Any]) -> str:
    first = [features[0] for features in p["features"] if features]
    if len(set(first)) == 1:
        return f"{named(first[0])} is first by every kind of importance."
    kinds = [_KINDS.get(k, k.replace("_", " ")) for k in p["kinds"]]
    pairs = ", ".join(f"{named(f[0])} by {k}" for k, f in zip(kinds, p["features"], strict=True) if f)
    return f"The kinds do not agree on the first feature: {pairs}."


_KINDS = {"n_splits": "number of splits"}


def _class_curves(p: Mapping[str, Any]) -> str:
    d = p["datasets"][0]
    if not d["classes"]:
        return ""
    recall, precision = d["recall"][-1][0], d["precision"][-1][0]
    seen = "it is never predicted" if precision is None else f"with a precision of {percent(precision)}"
    return (
        f"On {named(d['dataset'])}, class {d['classes'][0]} of {d['n_classes']} has the lowest recall: "
        f"{percent(recall)} at the end, {seen}."
    )


def _confusion(p: Mapping[str, Any]) -> str:
    m = p["matrices"][0]
    return (
        f"After round {m['round_index']}, {percent(m['accuracy'])} of the {m['n_rows']} rows of {named(m['dataset'])} "
        "are called by their own class."
    )


def _roc(p: Mapping[str, Any]) -> str:
    c = p["curves"][0]
    return f"On {named(c['dataset'])}, the area under the curve of class {c['class_index']} is {short(c['area'])}."


def _precision_recall(p: Mapping[str, Any]) -> str:
    c = p["curves"][0]
    return (
        f"On {named(c['dataset'])}, the average precision of class {c['class_index']} is {short(c['area'])}; "
        f"guessing has {short(c['share'])}."
    )


def _calibration(p: Mapping[str, Any]) -> str:
    c = p["curves"][0]
    return f"On {named(c['dataset'])}, probabilities are off by {percent(c['error'])} on average."


def _score_histogram(p: Mapping[str, Any]) -> str:
    h = p["histograms"][0]
    return f"The {h['of']} on {named(h['dataset'])} after round {h['round_index']}."


def _residuals(p: Mapping[str, Any]) -> str:
    d = p["datasets"][0]
    return (
        f"On {named(d['dataset'])}, labels less predictions are {short(d['mean'])} on average, "
        f"with a standard deviation of {short(d['std'])}."
    )


def _predicted_vs_true(p: Mapping[str, Any]) -> str:
    d = p["datasets"][0]
    return f"On {named(d['dataset'])}, the predictions explain {percent(d['r2'])} of the variance (R squared)."


def _error_by_label_bin(p: Mapping[str, Any]) -> str:
    d = p["datasets"][0]
    known = [(e, i) for i, e in enumerate(d["mean_absolute_error"][-1]) if e is not None]
    if not known:
        return ""
    worst, at = max(known)
    low, high = d["edges"][at], d["edges"][at + 1]
    return (
        f"On {named(d['dataset'])}, the labels from {short(low)} to {short(high)} are missed most: "
        f"by {short(worst)} on average at the end."
    )


def _ranking(p: Mapping[str, Any]) -> str:
    d = p["datasets"][0]
    known = [(v, i) for i, v in enumerate(d["ndcg"]) if v is not None]
    if not known:
        return ""
    worst, at = min(known)
    return (
        f"On {named(d['dataset'])}, queries of {d['smallest'][at]} to {d['largest'][at]} rows are ranked worst: "
        f"NDCG {short(worst)}."
    )


def _time_by_round(p: Mapping[str, Any]) -> str:
    said = f"All rounds took {_seconds(p['total_seconds'])}, {_seconds(p['usual_seconds'])} each as a rule"
    if p["total_evaluation"]:
        said += f"; metrics and callbacks took {_seconds(p['total_evaluation'])} of it"
    return f"{said}."


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3g} s" if value >= 1 or value == 0 else f"{1000 * value:.3g} ms"


def _data_profile(p: Mapping[str, Any]) -> str:
    tables = ", ".join(_table(t) for t in p["tables"][:4])
    told = [named(c["column"]) for c in p["columns"] if c["codes"]]
    found = f" Findings speak of {', '.join(told[:5])}." if told else " No finding speaks of a column."
    return f"{tables}; {plural(p['tables'][0]['n_columns'], 'column')}.{found}"


def _table(table: Mapping[str, Any]) -> str:
    if table["is_partial"]:  # a network's batches: how many rows there are is not recorded
        return f"{named(table['table'])}, as the first batches show it"
    return f"{named(table['table'])} has {plural(table['n_rows'], 'row')}"


def _one_tree(p: Mapping[str, Any]) -> str:
    rounds = list(dict.fromkeys(str(t["round_index"]) for t in p["trees"]))
    if len(p["trees"]) == 1:
        return f"The tree of round {rounds[0]}."
    return f"Choose a tree, of round {', '.join(rounds)}."


def _layer_norms(p: Mapping[str, Any]) -> str:
    ratio = p["update_ratio"]
    last = next((row for row in reversed(ratio["values"]) if any(v is not None for v in row)), ())
    known = [(v, name) for v, name in zip(last, ratio["layers"], strict=False) if v is not None]
    if not known:
        return ""
    (low, slowest), (high, fastest) = min(known), max(known)
    said = f"At the end a step moves {named(fastest)} by {percent(high)} of its size"
    said += f", and {named(slowest)} by {percent(low)}" if slowest != fastest else ""
    usual = f"; usual are {' to '.join(percent(v) for v in p['usual'])}" if p["usual"] else ""
    return f"{said}{usual}."


def _activation_shares(p: Mapping[str, Any]) -> str:
    silent = p["silent"]
    known = [
        (v, name) for v, name in zip((silent["values"] or [()])[-1], silent["layers"], strict=False) if v is not None
    ]
    if not known:
        return ""
    most, layer = max(known)
    rest = ", more than in any other layer" if len(known) > 1 else ""
    return f"At the end, {percent(most)} of the units of layer {named(layer)} are silent{rest}."


def _latent_space(p: Mapping[str, Any]) -> str:
    s = p["spaces"][0]
    if s["own_nearest"] is None:
        return f"{plural(len(s['x']), 'row')}, of unknown classes, as layer {named(s['layer'])} sees them."
    before = (
        "" if s["own_nearest_in_input"] is None else f", in the input itself for {percent(s['own_nearest_in_input'])}"
    )
    return (
        f"In layer {named(s['layer'])} the row nearest to a row is of its own class for {percent(s['own_nearest'])} of "
        f"{plural(len(s['x']), 'row')}{before}; by chance it would be some {percent(s['largest_class'])}. Worst "
        f"is class {s['mixed_class']}, with {percent(s['mixed_share'])}."
    )


def _saliency(p: Mapping[str, Any]) -> str:
    if not any(p["strength"]) and not any(v for row in p["mean_map"] for v in row):
        return f"The output follows no input: all gradients are 0 on {plural(p['n_rows'], 'row')}."
    most = f" the largest output follows {named(p['inputs'][0])} most;" if p["inputs"] else ""
    held = f"{p['half']} of {plural(p['n_inputs'], 'input')} hold half of all influence"
    return f"On {plural(p['n_rows'], 'row')}{most or ','} {held}."


_SAID: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "learning_curves": _learning_curves,
    "tree_anatomy": _tree_anatomy,
    "one_tree": _one_tree,
    "importance_heatmap": _importance_heatmap,
    "importance_bars": _importance_bars,
    "class_curves": _class_curves,
    "confusion": _confusion,
    "roc": _roc,
    "precision_recall": _precision_recall,
    "calibration": _calibration,
    "score_histogram": _score_histogram,
    "residuals": _residuals,
    "predicted_vs_true": _predicted_vs_true,
    "error_by_label_bin": _error_by_label_bin,
    "ranking_by_query_size": _ranking,
    "time_by_round": _time_by_round,
    "data_profile": _data_profile,
    "layer_norms": _layer_norms,
    "activation_shares": _activation_shares,
    "latent_space": _latent_space,
    "saliency": _saliency,
}
