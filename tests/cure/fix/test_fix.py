"""`fix` on small trainings of both libraries: what is tried, kept and proved, and what it must never do."""

from __future__ import annotations

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

import treedebug
from treedebug.cli import main
from treedebug.core.errors import ConfigError
from treedebug.cure.fix import race as race_module
from treedebug.cure.fix.trial import KEPT

RNG = np.random.default_rng(11)
N = 1000
X = RNG.normal(size=(N, 9))
Y = (X[:, 0] + 0.7 * X[:, 1] * X[:, 2] + RNG.logistic(size=N) > 0).astype(float)
DATA, VALID, TEST = ((X[a:b], Y[a:b]) for a, b in ((0, 400), (400, 700), (700, N)))
PARAMS = {
    "xgboost": {"objective": "binary:logistic", "nthread": 1, "eta": 0.5, "max_depth": 7},
    "lightgbm": {"objective": "binary", "num_threads": 1, "verbosity": -1, "learning_rate": 0.4, "num_leaves": 40},
}


def recorded(library: str, path: Path | None = None, n_rounds: int = 60) -> treedebug.Run:
    quiet = {"quiet": True, "select": ["CV101"]}
    if library == "xgboost":
        data, valid = xgb.DMatrix(*DATA), xgb.DMatrix(*VALID)
        evals = [(data, "train"), (valid, "valid")]
        callback = treedebug.XGBoostCallback(path, evals=evals, **quiet)
        xgb.train(PARAMS[library], data, n_rounds, evals=evals, callbacks=[callback], verbose_eval=False)
        return callback.run
    data = lgb.Dataset(*DATA)
    callback = treedebug.LightGBMCallback(path, **quiet)
    sets = [data, lgb.Dataset(*VALID, reference=data)]
    lgb.train(PARAMS[library], data, n_rounds, valid_sets=sets, valid_names=["train", "valid"], callbacks=[callback])
    return callback.run


@pytest.fixture(autouse=True)
def no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the library answers for a file is tested with `slim`; trials are short here."""
    monkeypatch.setattr("treedebug.cure.fix.cure.checked", lambda *_: None)
    monkeypatch.setattr("treedebug.cure.slim.slim.checked", lambda *_: None)
    monkeypatch.setattr("treedebug.cure.fix.plan.MOST_ROUNDS", 80)


@pytest.fixture(scope="module")
def runs() -> dict[str, treedebug.Run]:
    return {library: recorded(library) for library in PARAMS}


@pytest.mark.parametrize("library", PARAMS)
def test_a_hasty_training_is_cured_and_the_proof_names_both_baselines(library, runs) -> None:
    found = treedebug.fix(runs[library], data=DATA, valid=VALID, test=TEST, budget=3, threads=1)
    assert found.is_gain
    assert found.kept is not None
    assert found.kept.verdict == KEPT
    assert [c.name for c in found.proof.contenders] == ["fixed", "stopped early", "yours"]
    assert found.proof.contenders[0].loss < found.proof.contenders[1].loss < found.proof.contenders[2].loss
    assert len(found.results) == 3
    assert {r.trial.why for r in found.results} <= {
        "recipe",
        *(f.code for f in treedebug.check(runs[library]).findings),
    }
    best = min(found.results, key=lambda r: r.difference)
    assert found.kept.trial == best.trial
    ours = found.proof.contenders[0]
    predicted = found.booster.predict(xgb.DMatrix(TEST[0]) if library == "xgboost" else TEST[0])
    loss = -np.log(np.where(TEST[1] > 0, predicted, 1 - predicted)).mean()
    assert ours.loss == pytest.approx(loss, rel=1e-4)
    assert "proof on 300 rows that no step has seen" in str(found)


@pytest.mark.parametrize("library", PARAMS)
def test_smaller_is_smaller_and_no_worse_on_validation(library, runs) -> None:
    found = treedebug.fix(runs[library], data=DATA, valid=VALID, goal="smaller", budget=2, threads=1)
    assert found.n_leaves < found.reference_leaves
    assert found.kept.difference <= 0
    assert found.proof is None
    assert "not proved: give test=" in str(found)


def test_both_keeps_the_gain_with_fewer_leaves(runs) -> None:
    found = treedebug.fix(runs["xgboost"], data=DATA, valid=VALID, goal="both", budget=1, threads=1)
    better = treedebug.fix(runs["xgboost"], data=DATA, valid=VALID, goal="better", budget=1, threads=1)
    assert found.is_gain
    assert found.n_leaves < better.n_leaves


def test_trials_are_recorded_runs(tmp_path) -> None:
    recorded("xgboost", tmp_path / "run", 20)
    found = treedebug.fix(tmp_path / "run", data=DATA, valid=VALID, budget=2, threads=1)
    frame = treedebug.runs(tmp_path / "run-fix").frame
    assert len(frame) == 2
    assert all(treedebug.load(r.trained.path).header.tags == ["fix"] for r in found.results)
    again = treedebug.fix(tmp_path / "run", data=DATA, valid=VALID, budget=1, threads=1)
    assert "run-fix-2" in again.results[0].trained.path


def test_an_estimator_is_judged_by_folds() -> None:
    estimator = xgb.XGBClassifier(n_estimators=40, learning_rate=0.5, n_jobs=1)
    found = treedebug.fix(estimator, pd.DataFrame(X[:500]).add_prefix("c"), Y[:500], budget=1, folds=3, threads=1)
    assert found.judged_by == "3 folds, 500 rows"
    assert found.is_gain
    assert set(found.params) >= {"learning_rate", "subsample", "n_estimators"}
    assert not hasattr(estimator, "_Booster")  # the user's object is left alone


@pytest.mark.parametrize("library", PARAMS)
def test_frames_with_categories_and_texts_as_labels(library: str) -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"number": X[:, 0], "letter": pd.Categorical(rng.choice(list("abcdef"), N))})
    labels = np.where(X[:, 0] + frame.letter.cat.codes % 2 - 0.5 + rng.logistic(size=N) > 0, "yes", "no")
    sets = [(frame[a:b], labels[a:b]) for a, b in ((0, 400), (400, 700), (700, N))]
    if library == "xgboost":
        estimator = xgb.XGBClassifier(n_estimators=20, learning_rate=0.6, n_jobs=1, enable_categorical=True)
    else:
        estimator = lgb.LGBMClassifier(n_estimators=20, learning_rate=0.6, n_jobs=1, verbosity=-1)
    found = treedebug.fix(estimator, *sets[0], valid=sets[1], test=sets[2], budget=1, goal="both")
    assert found.is_gain
    assert found.judged_by == "300 validation rows"
    assert found.proof.contenders[0].error_rate < 0.5
    assert "trained once as the reference" in str(found)


def test_dart_is_not_cut() -> None:
    data, valid = xgb.DMatrix(*DATA), xgb.DMatrix(*VALID)
    callback = treedebug.XGBoostCallback(None, quiet=True, evals=[(valid, "valid")], select=["CV101"])
    params = {**PARAMS["xgboost"], "booster": "dart", "rate_drop": 0.3}
    xgb.train(params, data, 8, evals=[(valid, "valid")], callbacks=[callback], verbose_eval=False)
    found = treedebug.fix(callback.run, data=DATA, valid=VALID, test=TEST, budget=1, threads=1)
    early, yours = found.proof.contenders[-2:]
    assert early.loss == pytest.approx(yours.loss)


def test_what_is_frozen_and_kept_is_not_touched(runs) -> None:
    found = treedebug.fix(
        runs["xgboost"], data=DATA, valid=VALID, budget=3, threads=1, frozen=["eta", "subsample"], keep=["f1"]
    )
    assert found.results
    for result in found.results:
        assert not {"learning_rate", "subsample"} & set(result.trial.changes)
    small = treedebug.fix(runs["xgboost"], data=DATA, valid=VALID, budget=1, threads=1, most_leaves=10)
    assert not small.is_gain
    assert "at most 10 are allowed" in str(small)


def test_noise_that_no_trial_beats_is_no_gain(runs) -> None:
    found = treedebug.fix(runs["xgboost"], data=DATA, valid=VALID, test=TEST, budget=1, threads=1, noise=1e6)
    assert not found.is_gain
    assert "no gain found" in str(found)
    assert [c.name for c in found.proof.contenders] == ["stopped early", "yours"]


def test_ctrl_c_leaves_the_best_so_far(runs, monkeypatch) -> None:
    done = []
    tried = race_module.Race.tried

    def interrupted(self, trial):
        if done:
            raise KeyboardInterrupt
        done.append(trial)
        return tried(self, trial)

    monkeypatch.setattr(race_module.Race, "tried", interrupted)
    found = treedebug.fix(runs["xgboost"], data=DATA, valid=VALID, budget=5, threads=1)
    assert len(found.results) == 1
    assert found.is_gain
    assert "(interrupted)" in str(found)


def test_no_seconds_left_means_no_training(runs) -> None:
    found = treedebug.fix(runs["xgboost"], data=DATA, valid=VALID, budget=5, threads=1, seconds=0.0)
    assert not found.results
    assert not found.is_gain


def test_rows_of_the_training_do_not_judge(runs) -> None:
    mixed = (np.concatenate([VALID[0], DATA[0][:50]]), np.concatenate([VALID[1], DATA[1][:50]]))
    found = treedebug.fix(runs["xgboost"], data=DATA, valid=mixed, budget=1, threads=1)
    assert found.judged_by == "300 validation rows"
    assert "50 of 350 rows of valid stand in data, too (DA606" in str(found)


def test_too_few_rows_are_judged_by_folds_or_refused(runs) -> None:
    few = (VALID[0][:60], VALID[1][:60])
    found = treedebug.fix(runs["xgboost"], data=DATA, valid=few, budget=1, threads=1, folds=3)
    assert found.judged_by == "3 folds, 460 rows"
    assert "valid has 60 rows, fewer than 100" in str(found)
    with pytest.raises(ConfigError, match="60 rows, fewer than 100"):
        treedebug.fix(runs["xgboost"], data=few, budget=1)
    tiny = treedebug.fix(
        runs["xgboost"], data=DATA, valid=VALID, test=(TEST[0][:30], TEST[1][:30]), budget=1, threads=1
    )
    assert "not proved: test has 30 rows" in str(tiny)


def test_groups_and_time_are_respected(runs) -> None:
    groups = {"data": np.arange(400) // 4, "valid": np.arange(300) // 3}
    with pytest.raises(ConfigError, match="100 groups stand in data and in valid"):
        treedebug.fix(runs["xgboost"], data=DATA, valid=VALID, group=groups)
    times = {"data": np.arange(400), "valid": np.arange(300)}
    with pytest.raises(ConfigError, match="valid begins at 0, before data ends"):
        treedebug.fix(runs["xgboost"], data=DATA, valid=VALID, time=times)


def test_a_function_of_the_user_trains(runs) -> None:
    asked = []

    def train(params, rounds, patience, drop):
        asked.append((params, drop))
        data, valid = xgb.DMatrix(*DATA), xgb.DMatrix(*VALID)
        return xgb.train(
            {**params, "nthread": 1}, data, min(rounds, 200), evals=[(valid, "v")], early_stopping_rounds=patience,
            verbose_eval=False,
        )  # fmt: skip

    found = treedebug.fix(runs["xgboost"], train=train, valid=VALID, budget=1)
    assert len(asked) == 1
    assert asked[0][0]["max_depth"] == 7
    assert found.is_gain


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"goal": "nicer"}, "goal is one of"), ({"budget": 0}, "budget"), ({"data": None}, "needs the training rows")],
)
def test_what_cannot_be_done_is_refused(more, reason, runs) -> None:
    with pytest.raises(ConfigError, match=reason):
        treedebug.fix(runs["xgboost"], **({"data": DATA, "valid": VALID} | more))
    with pytest.raises(ConfigError, match="a saved model does not say how it was trained"):
        treedebug.fix(runs["xgboost"].booster(), data=DATA, valid=VALID)


def test_the_commands(tmp_path, capsys) -> None:
    names = [f"f{i}" for i in range(9)]
    for name, (rows, labels) in {"data": DATA, "valid": VALID, "test": TEST}.items():
        pd.DataFrame(rows, columns=names).assign(y=labels).to_csv(tmp_path / f"{name}.csv", index=False)
    recorded("xgboost", tmp_path / "run", 25)
    sets = [x for n in ("data", "valid", "test") for x in (f"--{n}", str(tmp_path / f"{n}.csv"))]
    out = tmp_path / "fixed.ubj"
    command = [
        "fix",
        str(tmp_path / "run"),
        *sets,
        "--target",
        "y",
        "--budget",
        "1",
        "-o",
        str(out),
        "--output",
        "json",
    ]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kept"] == "recipe"
    assert found["proof"]["n_rows"] == 300
    assert xgb.Booster(model_file=out).num_boosted_rounds() == found["tried"][0]["n_rounds"]
    small = tmp_path / "small.json"
    command = ["slim", str(tmp_path / "run"), *sets[:4], "--target", "y", "-o", str(small)]
    assert main(command) == 0
    assert "read back by xgboost" in capsys.readouterr().out
    assert xgb.Booster(model_file=small).num_boosted_rounds() > 0
    assert main([*command[:-2], "-o", str(tmp_path / "no" / "folder.json")]) == 2
