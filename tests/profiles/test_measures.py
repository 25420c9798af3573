"""What is measured, against slow and obvious twins."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import treedebug
from treedebug.profiles.measures import label_noise
from treedebug.profiles.measures.column_pairs import ranks
from treedebug.profiles.measures.p_values import chi_square, chi_square_tail, kolmogorov


def table(n=400, seed=0, **columns):
    rng = np.random.default_rng(seed)
    made = {"x": rng.normal(size=n), "z": rng.normal(size=n), "y": rng.integers(0, 2, n)}
    return pd.DataFrame(made | columns)


def test_repeated_rows_as_counted_by_hand():
    rng = np.random.default_rng(1)
    data = pd.DataFrame(
        {"a": rng.integers(0, 6, 60), "b": rng.choice(["u", "v", None], 60), "y": rng.integers(0, 2, 60)}
    )
    found = treedebug.profile(data, target="y").train.repeats
    filled = data.fillna("-")
    assert found.n_duplicates == int(filled.duplicated().sum())
    assert found.n_groups == int((filled.value_counts() > 1).sum())
    assert found.largest == int(filled.value_counts().max())
    labels = filled.groupby(["a", "b"])["y"].nunique()
    assert found.n_conflict_groups == int((labels > 1).sum())
    assert found.n_conflicting == sum(len(g) for _, g in filled.groupby(["a", "b"]) if len(set(g["y"])) > 1)
    for rows in found.duplicates:
        assert len(filled.iloc[list(rows)].drop_duplicates()) == 1
    for rows, given in zip(found.conflicts, found.conflict_labels, strict=True):
        assert filled.loc[list(rows), "y"].tolist() == list(given)
        assert len(filled.loc[list(rows), ["a", "b"]].drop_duplicates()) == 1


def test_rows_in_both_sets_are_found_and_compared():
    train = table()
    valid = pd.concat([table(200, seed=9), train.iloc[[3, 8, 15]].assign(y=1)], ignore_index=True)
    found = treedebug.profile(train, target="y", valid=valid).between["valid"].overlap
    assert found.n_rows == found.n_compared == 3
    assert found.examples == ((3, 200), (8, 201), (15, 202))
    assert found.n_same_label == int(train.iloc[[3, 8, 15]]["y"].sum())
    assert found.is_exact


def test_whole_numbers_are_the_same_row_as_integers_and_as_floats():
    train = pd.DataFrame({"x": [1, 2, 3], "y": [0, 1, 0]})
    valid = pd.DataFrame({"y": [0.0, 1.0], "x": np.array([3, 9], dtype=np.float32)})
    assert treedebug.profile(train, target="y", valid=valid).between["valid"].overlap.examples == ((2, 0),)


def test_groups_in_both_sets():
    train = table(group=np.repeat(np.arange(40), 10))
    valid = table(100, seed=2, group=np.repeat(np.arange(38, 48), 10))
    found = treedebug.profile(train, target="y", valid=valid, group="group").between["valid"].groups
    assert (found.n_groups, found.n_shared, found.n_rows_shared, set(found.examples)) == (10, 2, 20, {38, 39})


@pytest.mark.parametrize("as_text", [False, True])
def test_time_order(as_text):
    days = pd.date_range("2024-01-01", periods=500, freq="D")
    when = days.strftime("%Y-%m-%d") if as_text else days
    train, valid = table(when=when[:400]), table(150, seed=1, when=when[350:])
    found = treedebug.profile(train, target="y", valid=valid, time="when").between["valid"].time
    assert (found.n_not_after, found.n_before, found.n_rows) == (50, 0, 150)
    assert found.train_end == days[399].timestamp()


def test_what_one_column_tells_of_the_label():
    rng = np.random.default_rng(0)
    data = table(3000)
    data["leak"] = data["y"] + rng.normal(size=3000) * 0.01
    data["name"] = [f"n{i}" for i in range(3000)]  # each value once: nothing to learn from
    data["code"] = np.where(data["y"] == 1, rng.choice(list("abc"), 3000), rng.choice(list("cde"), 3000))
    columns = {c.name: c.dependence for c in treedebug.profile(data, target="y").train.columns}
    assert columns["leak"].score == pytest.approx(1.0, abs=0.01)
    assert abs(columns["x"].score) < 0.12
    assert abs(columns["name"].score) < 0.12
    assert 0.6 < columns["code"].score < 0.95
    assert columns["leak"].n_rows == 3000


def test_what_one_column_tells_of_numbers():
    data = table(2000)
    data["y"] = data["x"] ** 2 + np.random.default_rng(3).normal(size=2000) * 0.5
    columns = {c.name: c for c in treedebug.profile(data, target="y").train.columns}
    assert columns["x"].dependence.metric == "r2"
    assert 0.7 < columns["x"].dependence.score < 2 / 2.25  # the best that anything can do
    assert columns["z"].dependence.score < 0.05
    assert abs(columns["x"].rank_correlation) < 0.1


@pytest.mark.parametrize("missing", [False, True])
def test_correlations_as_pandas_computes_them(missing):
    rng = np.random.default_rng(5)
    data = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
    data["d"] = np.exp(data["a"]) + rng.normal(size=300) * 0.1
    data["e"] = -data["b"] + rng.normal(size=300) * 0.2
    if missing:
        data.loc[::7, "d"] = np.nan
    found = {(p.first, p.second): p.correlation for p in treedebug.profile(data).train.pairs}
    assert set(found) == {("a", "d"), ("b", "e")}
    for (first, second), value in found.items():
        assert value == pytest.approx(data[[first, second]].corr(method="spearman").iloc[0, 1], abs=0.02)


def test_ranks_of_ties():
    assert ranks(np.array([3.0, 1.0, 3.0, np.nan, 2.0])).tolist()[:3] == [3.5, 1.0, 3.5]


def test_flipped_labels_are_suspected_and_named():
    rng = np.random.default_rng(0)
    data = table(1500)
    true = (data["x"] > 0).map({True: "yes", False: "no"})
    flipped = rng.choice(np.flatnonzero(data["x"].abs() > 0.5), 40, replace=False)
    data["y"] = true
    data.loc[flipped, "y"] = true[flipped].map({"yes": "no", "no": "yes"})
    noise = treedebug.profile(data, target="y").train.noise
    assert len(set(flipped) & {s.row for s in noise.suspects}) >= 25
    assert all(s.given != s.suggested for s in noise.suspects)
    assert noise.n_suspects < 60
    clean = treedebug.profile(data.assign(y=true), target="y").train.noise
    assert clean.n_suspects < 15


def test_label_noise_says_why_it_was_not_measured():
    assert "two classes" in treedebug.profile(table(40), target="y").train.unmeasured["noise"]
    numbers = table(300).assign(y=np.random.default_rng(0).normal(size=300))
    assert "number" in treedebug.profile(numbers, target="y").train.unmeasured["noise"]


def test_equal_columns_are_equal_in_every_row():
    data = table()
    data["same"], data["nearly"], data["text"] = data["x"], data["x"], data["x"].astype(str)
    data.loc[17, "nearly"] = 0.0
    assert treedebug.profile(data, target="y").train.equal_columns == (("x", "same"),)


def test_drift_of_numbers_and_texts_as_scipy_computes_it():
    stats = pytest.importorskip("scipy.stats")
    train, valid = table(600), table(400, seed=4).assign(x=lambda t: t["x"] + 0.3)
    train["c"], valid["c"] = np.resize(list("aabbc"), 600), np.resize(list("aabcc"), 400)
    drifts = {d.column: d for d in treedebug.profile(train, target="y", valid=valid).between["valid"].drifts}
    exact = stats.ks_2samp(train["x"], valid["x"])
    assert drifts["x"].distance == pytest.approx(exact.statistic)
    assert drifts["x"].p_value == pytest.approx(exact.pvalue, rel=0.2)
    assert drifts["x"].shift == pytest.approx((valid["x"].mean() - train["x"].mean()) / train["x"].std(), rel=0.01)
    counts = np.array([t["c"].value_counts().sort_index().to_numpy() for t in (train, valid)])
    assert drifts["c"].p_value == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue, rel=1e-6)
    assert drifts["c"].distance == pytest.approx(0.2)
    assert (drifts["c"].value, drifts["c"].share_train) in (("b", 0.4), ("c", 0.2))


@pytest.mark.parametrize(("x", "k"), list(itertools.product([0.5, 3.0, 40.0, 900.0], [1, 4, 60])))
def test_chi_square_tail_as_scipy(x, k):
    special = pytest.importorskip("scipy.special")
    assert chi_square_tail(x, k) == pytest.approx(special.chdtrc(k, x), rel=1e-9, abs=1e-200)


def test_chances_without_data():
    assert np.isnan(kolmogorov(0.5, 0, 3))
    assert np.isnan(chi_square(np.zeros(2), np.ones(2)))


def test_unseen_values_are_counted():
    train, valid = table(c="old"), table(90, seed=1, c=np.resize(["old", "new", "newer"], 90))
    (found,) = treedebug.profile(train, target="y", valid=valid).between["valid"].unseen
    assert (found.column, found.n_values, found.n_rows, set(found.values)) == ("c", 2, 60, {"new", "newer"})


def test_unseen_values_among_very_many():
    names = np.array([f"n{i}" for i in range(3000)])
    train, valid = table(2000, c=names[:2000]), table(1500, seed=1, c=names[1500:])
    (found,) = treedebug.profile(train, target="y", valid=valid).between["valid"].unseen
    assert (found.n_values, found.n_rows) == (1000, 1000)
    assert set(found.values) <= set(names[2000:])


def test_tokens_of_columns_and_of_rows():
    data = table(4, tokens=[[0, 0, 1], [0], [2, 3], []])
    (found,) = treedebug.profile(data, target="y", tokens={"tokens": [0]}).train.tokens
    assert (found.n_sequences, found.n_elements, found.n_of_token) == (4, 6, 3)
    assert found.mean_share == pytest.approx((2 / 3 + 1) / 4)
    padded = np.array([[5, 0, 0, 0], [5, 6, 7, 0]])
    (found,) = treedebug.profile(padded, [0, 1], tokens=[0]).train.tokens
    assert (found.n_of_token, found.n_over[4], found.n_over[9]) == (4, 1, 0)


def test_weights():
    data = table(100, w=np.concatenate([[-1.0, 0.0, np.nan, np.inf], np.ones(95), [905.0]]))
    found = treedebug.profile(data, target="y", weight="w").train
    weight = found.weight
    assert (weight.n_negative, weight.n_zero, weight.n_missing, weight.n_infinite) == (1, 1, 1, 1)
    assert (weight.total, weight.median) == (1000.0, 1.0)
    assert weight.effective_rows == pytest.approx(1000**2 / (95 + 905**2))
    assert sum(c.weight for c in found.label.classes) == pytest.approx(999.0)
    by_array = treedebug.profile(data.drop(columns="w"), target="y", weight=data["w"].to_numpy()).train.weight
    assert by_array.total == weight.total


@pytest.mark.parametrize("library", ["lightgbm", "xgboost", "sklearn"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_any_installed_library_predicts_out_of_fold(library, n_classes):
    pytest.importorskip(library)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3)).astype(np.float32)
    y = np.digitize(x[:, 0], [0.0] if n_classes == 2 else [-0.5, 0.5])
    fit = getattr(label_noise, f"_{library}")
    predicted = label_noise._out_of_fold(x, y, rng.integers(0, 3, 600), n_classes, fit)
    assert predicted.shape == (600, n_classes)
    assert (predicted.argmax(axis=1) == y).mean() > 0.95
    assert np.allclose(predicted.sum(axis=1), 1, atol=1e-5)


def test_label_noise_without_any_library_says_what_to_install(monkeypatch):
    monkeypatch.setattr(label_noise, "fitter", lambda: None)
    assert "treedebug[lightgbm]" in treedebug.profile(table(), target="y").train.unmeasured["noise"]


@pytest.mark.parametrize("size", [2, 3])
def test_exact_averages_of_the_label_as_counted_by_hand(size):
    rng = np.random.default_rng(6)
    label = rng.lognormal(size=500)
    data = table(500, y=label, g=rng.permutation(500) // size)
    data["m"] = data.groupby("g")["y"].transform("mean")
    data = data.iloc[:400].drop(columns="g")  # some groups are not whole
    found = {c.name: c.average for c in treedebug.profile(data, target="y").train.columns}
    groups = [g["y"] for _, g in data.groupby("m") if len(g) > 1]
    assert found["m"].n_exact == sum(abs(g.mean() - m) < 1e-9 for g, m in zip(groups, _shared(data), strict=True))
    assert (found["m"].size, found["m"].n_rows, found["m"].n_chance < 1, found["m"].n_expected) == (size, 400, True, 0)
    assert found["m"].slope == pytest.approx(np.polyfit(data["m"], data["y"], 1)[0])
    assert found["x"] is found["z"] is None


def _shared(data):
    return [m for m, g in data.groupby("m") if len(g) > 1]


@pytest.mark.parametrize("wrong", [0, 3])
def test_rows_that_an_average_of_whole_numbers_forbids(wrong):
    rng = np.random.default_rng(7)
    data = table(600, y=rng.integers(0, 3, 600), g=rng.permutation(600) // 3)
    data["m"] = data.groupby("g")["y"].transform("mean")
    low = data.index[data["m"] < 0.5][:wrong]
    data.loc[low, "y"] = 2
    found = treedebug.profile(data.drop(columns="g"), target="y", task="classes").train.column("m").average
    possible = [{a + b + y for a in range(3) for b in range(3)} for y in range(3)]
    total = (3 * data["m"]).round().astype(int)
    assert found.n_impossible == wrong == sum(t not in possible[y] for t, y in zip(total, data["y"], strict=True))
    by_chance = sum((data["y"].map(lambda y, t=t: t not in possible[y])).mean() for t in total)
    assert (found.size, found.n_expected) == (3, pytest.approx(by_chance))


def test_codes_among_dates_written_as_text_and_among_labels_are_found():
    rng = np.random.default_rng(0)
    days = (pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 900, 1000), unit="D")).strftime("%d.%m.%Y")
    coded = rng.random(1000) < 0.08
    data = table(1000, seen=np.where(coded, "01.01.1900", days)).assign(
        y=lambda t: np.where(t["x"] > 1.8, -999.0, t["x"])
    )
    codes = {f.code: f.message for f in treedebug.check(data, target="y").findings}
    assert "seen" in codes["DA623"]
    assert "-999" in codes["DA617"]


def test_labels_that_are_plain_numbers_in_text_are_numbers():
    data = table(400)
    data["y"] = [f"{v:.2f} " for v in data["x"] * 100]
    report = treedebug.check(data, target="y")
    assert report.facts["task"] == "numbers"
    assert "DA617" in [f.code for f in report.findings]


def test_copies_behind_a_time_stamp_are_found():
    train, valid = table(600), table(300, seed=1)
    valid = pd.concat([valid, train.sample(100, random_state=0)], ignore_index=True)
    train["loaded"] = pd.date_range("2024-01-01", periods=600, freq="s")
    valid["loaded"] = pd.date_range("2024-02-01", periods=400, freq="s")
    assert "DA606" in [f.code for f in treedebug.check(train, target="y", valid=valid).findings]


def test_a_stretch_of_values_of_one_class_is_taken_as_one():
    rng = np.random.default_rng(3)
    data = table(3000)
    marked = (data["y"] == 1) & (rng.random(3000) < 0.3)
    data["minutes"] = np.where(marked, rng.uniform(90, 100, 3000), rng.uniform(0, 90, 3000))
    pure = treedebug.profile(data, target="y").train.column("minutes").pure
    assert pure.label == 1
    assert pure.n_rows == pytest.approx(marked.sum(), rel=0.12)
    assert abs(pure.rest_score) < 0.15


def test_lightgbm_by_its_c_api_predicts_what_its_package_does():
    lgb = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 5)).astype(np.float32)
    y, folds = (np.digitize(x[:, 0], [-0.5, 0.5])).astype(np.int64), rng.integers(0, 3, 900)
    found = label_noise._out_of_fold(x, y, folds, 3, label_noise._lightgbm)
    params = {
        "objective": "multiclass", "num_class": 3, "num_leaves": 15, "learning_rate": 0.15, "min_data_in_leaf": 10,
        "max_bin": 63, "verbosity": -1, "seed": 0, "deterministic": True, "force_row_wise": True, "num_threads": 1,
    }  # fmt: skip
    binned = lgb.Dataset(x, y, params=params, free_raw_data=False).construct()
    rows = np.flatnonzero(folds != 0).tolist()
    booster = lgb.train(params, binned.subset(rows), num_boost_round=label_noise._rounds(3))
    assert np.array_equal(found[folds == 0], booster.predict(x[folds == 0]))
