import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import treedebug
from treedebug.core.data.column_profile import Dependence
from treedebug.core.data.data_sets import Between, DataSets, Drift
from treedebug.core.data.table_profile import LabelNoise
from treedebug.engine.resolve import Missing, Resolver
from treedebug.signals.data.chance_repeats import are_copies, expected_repeats
from treedebug.signals.data.checked_tables import ClassLabels, Splits, correlated_groups
from treedebug.signals.data.copied_features import Copies
from treedebug.signals.data.feature_dependence import LabelDependence
from treedebug.signals.data.noise_rate import noise_fit, noise_share, surest
from treedebug.signals.data.set_drift import difference, differences
from treedebug.signals.data.suspect_labels_of_table import ProfileSuspects
from treedebug.testing import classes_of, data_sets, number, table, text


def measured(run, signal):
    return Resolver(run.at(0)).get(signal)


@pytest.mark.parametrize("levels", [(4,), (6, 5), (30, 40)])
def test_expected_repeats_of_independent_columns_is_an_upper_estimate(levels):
    """Independent columns repeat least: the estimate, which knows that columns hang together, lies above."""
    rng, n = np.random.default_rng(0), 800
    frame = pd.DataFrame({f"c{i}": rng.integers(0, k, n).astype(str) for i, k in enumerate(levels)})
    train = treedebug.profile(frame).train
    repeated = frame.duplicated().mean()
    assert train.repeats.n_duplicates == frame.duplicated().sum()
    assert repeated * 0.99 <= expected_repeats(train) <= 1.0


@pytest.mark.parametrize(("uneven", "copied"), [(0.0, 0.0), (1.5, 0.0), (0.0, 0.1), (1.5, 0.1), (0.0, 0.4)])
def test_copies_stand_there_twice_and_chance_three_times_too(uneven, copied):
    """Positions listed once each, some of them copied; and draws from few combinations, even and uneven ones."""
    rng, n = np.random.default_rng(1), 2000
    weights = 1.0 / np.arange(1, 5001) ** uneven
    cells = rng.permutation(5000)[:n] if copied else rng.choice(5000, n, p=weights / weights.sum())
    cells = np.append(cells, rng.permutation(cells)[: int(copied * n)])
    frame = pd.DataFrame({"a": (cells // 100).astype(str), "b": (cells % 100).astype(str)})
    assert are_copies(treedebug.profile(frame).train.repeats) is (copied > 0)


def test_nothing_repeats_by_chance_among_amounts():
    assert expected_repeats(table(*(number(f"x{i}") for i in range(8)))) < 1e-4


def test_groups_of_pairs():
    pairs = [("a", "b"), ("d", "e"), ("b", "c")]
    assert correlated_groups(pairs) == [["a", "b", "c"], ["d", "e"]]
    assert correlated_groups([]) == []


def test_weights_that_balance_classes_give_each_the_same():
    labels = measured(data_sets(table(label=classes_of({"a": 600, "b": 300, "c": 100}))), ClassLabels)
    sums = [labels.balancing[n] * c for n, c in zip(labels.names, labels.counts, strict=True)]
    assert sums == pytest.approx([1000 / 3] * 3)


def test_reasons_for_what_is_missing_say_what_to_pass():
    for signal, word in ((ClassLabels, "target="), (Splits, "valid="), (LabelDependence, "target=")):
        with pytest.raises(Missing, match=word):
            measured(data_sets(table()), signal)


@pytest.mark.parametrize("classes", [(300, 30), (200, 100, 20, 10)])
def test_the_error_of_a_score_is_how_far_chance_moves_it(classes):
    rng, seen = np.random.default_rng(2), []
    labels, scored = np.repeat(np.arange(len(classes)), classes), range(len(classes) == 2, len(classes))
    for _ in range(300):
        guess = rng.normal(size=(len(labels), len(classes))) + 1.6 * (labels[:, None] == np.arange(len(classes)))
        areas = [roc_auc_score(labels == k, guess[:, k]) for k in scored]
        seen.append(2.0 * np.mean(areas) - 1.0)
    dependence = Dependence("auc", float(np.mean(seen)), 0.0, sum(classes))
    run = data_sets(table(number("a", dependence=dependence), label=classes_of(dict(enumerate(classes)))))
    told = measured(run, LabelDependence)
    assert told.error(dependence.score) == pytest.approx(np.std(seen), rel=0.35)


@pytest.mark.parametrize("kind", ["number", "text"])
def test_the_expected_distance_is_what_two_samples_have(kind):
    rng, n, m, k = np.random.default_rng(1), 300, 200, 25
    seen = []
    for _ in range(200):
        if kind == "number":
            a, b = np.sort(rng.normal(size=n)), np.sort(rng.normal(size=m))
            both = np.concatenate([a, b])
            seen.append(np.abs(np.searchsorted(a, both, "right") / n - np.searchsorted(b, both, "right") / m).max())
        else:
            a, b = (np.bincount(rng.integers(0, k, size), minlength=k) / size for size in (n, m))
            seen.append(np.abs(a - b).sum() / 2)
    drift = Drift(column="a", kind=kind, n_train=n, n_other=m, distance=0.5, psi=0.0, p_value=0.5)
    assert difference(drift, k).expected == pytest.approx(np.mean(seen), rel=0.1)


def test_rows_of_a_group_count_once():
    columns = (number("a"), text("patient", [5] * 200, role="group"))
    drift = Drift(column="a", kind="number", n_train=1000, n_other=1000, distance=0.2, psi=0.0, p_value=1e-10)
    sets = {"train": table(*columns, group="patient"), "valid": table(*columns, group="patient")}
    splits = measured(data_sets(sets["train"], valid=sets["valid"], between=Between(drifts=(drift,))), Splits)
    (found,) = differences(splits.pairs[0])
    assert found.p_value == pytest.approx(1e-2)
    assert found.expected == pytest.approx(difference(drift, 0).expected * 5**0.5)


def test_agreement_is_beyond_the_most_frequent_value():
    frame = pd.DataFrame({"a": [0.0] * 80 + list(range(1, 21)), "b": [0.0] * 80 + list(range(1, 20)) + [3.0]})
    copies = measured(_run(frame), Copies)
    (pair,) = copies.correlated
    assert pair.equal_share == pytest.approx(0.99)
    assert copies.agreement(pair) == pytest.approx(0.95)


def _run(frame, **options):
    run = data_sets(table())
    run.add_stream(DataSets, treedebug.profile(frame, **options))
    return run


def parts(wrong, *, leads=(6.0, 4.0, 3.0, 2.0, 1.0), n=200):
    """Label noise as it is measured: the surest part first."""
    sureness = tuple((lead, n, w) for lead, w in zip(leads, wrong, strict=True))
    return LabelNoise(n_rows=5 * n, n_suspects=0, suspects=(), accuracy=0.9, base_accuracy=0.5, model="none",
                      n_classes=2, sureness=sureness)  # fmt: skip


def test_overlap_is_no_noise_and_noise_is():
    overlap, _ = noise_share([noise_fit(parts([0, 3, 8, 23, 50]).sureness, 2)])
    noise, deviation = noise_share([noise_fit(parts([20, 22, 26, 38, 60]).sureness, 2)])
    assert overlap < 0.02
    assert noise == pytest.approx(0.1, abs=2 * deviation)
    assert deviation < 0.03


def test_suspects_of_a_real_table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    wrong = rng.random(600) < 0.1
    frame = pd.DataFrame(x, columns=list("abc")).assign(y=np.where(wrong, 1 - y, y))
    suspects = measured(_run(frame, target="y"), ProfileSuspects)
    noise, _ = noise_share([noise_fit(suspects.parts, suspects.n_classes)])
    assert noise == pytest.approx(0.1, abs=0.05)
    assert surest(suspects.parts)[0] > 5
    rows = {s.row for s in suspects.suspects[:40]}
    assert len(rows & set(np.flatnonzero(wrong).tolist())) > 30
    with pytest.raises(Missing, match="target="):
        measured(_run(frame.drop(columns="y")), ProfileSuspects)
