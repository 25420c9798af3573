"""Names of strangers, from every place a name comes from, in every output: none gets to a terminal or CI server raw."""

import json
import re
import unicodedata

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.cli import main
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.run_data import Note
from treedebug.reports.formats import FORMATS
from treedebug.store import run_records as kinds
from treedebug.store.disk_store import DiskSink

RAW = "\x1b[31mred\x07 \u202egnp.exe\u2066 \u200b\n::error::smuggled\r\n##[error]smuggled ::set-output name=x::y\x9b1m"
LONG = "n" * 5000
OUTPUTS = ("text", *FORMATS)


def named(where):
    """The name, marked with the place it stands in."""
    return f"{where} {RAW} {LONG}"


def record(path):
    """A run whose every text is hostile."""
    header = {
        "library": "xgboost", "booster": named("booster"), "objective": named("objective"), "run_id": named("run_id"),
        "name": named("name"), "tags": [named("tag"), "b"], "description": named("description"),
        "command": named("command"), "started": named("started"), "n_features": 2, "n_classes": 2,
        "feature_names": [named("feature"), "b"],
        "params": {named("parameter"): named("value"), "max_depth": named("depth")},
        "versions": {"xgboost": named("version")}, "host": {"name": named("host"), "pid": 1, "heartbeat": named("h")},
        "git": {"commit": named("commit")}, "data": {named("dataset"): {"n_rows": 3, "is_training": False}},
        "extra": {named("extra"): named("more")},
    }  # fmt: skip
    finding = Finding(
        code="ZZ901", name=named("rule"), severity=Severity.WARNING, message=named("message"), subject=named("subject"),
        rounds=(0, 1), evidence={named("key"): named("evidence"), "columns": [named("column")]},
    )  # fmt: skip
    sink = DiskSink(path)
    sink.append([kinds.encode_header(header)])
    valid, train = named("dataset"), named("training")
    for i in range(45):
        values = {(valid, named("metric")): 0.5 + abs(i - 5) / 20, (train, named("metric")): 0.5 - i / 100}
        sink.append(kinds.encode_rounds([kinds.RoundRow(i, 0.3, 0.1, i + 1, values)], training=[train]))
        confusion = np.array([[50, 0], [50, 0]])
        sink.append([kinds.encode_classes(ClassRecord(i, valid, confusion, np.full(2, 50.0), np.full(2, 0.5)))])
    sink.append([kinds.encode_finding(finding, event=kinds.OPENED, n_rounds=10)])
    sink.append([kinds.encode_note(Note(named("topic"), named("note"), 3, is_damage=True))])
    sink.append([kinds.encode_end(state=named("state"), best_round=5, reason=named("reason"), n_rounds=45)])
    sink.close()
    return path


def table(path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=80)
    head = json.dumps(
        [{named("column"): float(v), "b": named("cell"), "y": named("yes") if v > 0 else "no"} for v in x]
    )
    path.write_text("\n".join(json.dumps(row) for row in json.loads(head)))
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    top = tmp_path_factory.mktemp("hostile")
    odd = top / RAW.replace("\x00", "").replace("/", "_")[:90]
    odd.mkdir()
    record(odd / "run")
    record(odd / "other")
    table(odd / "rows.jsonl")
    torn = (odd / "run" / "records.treedebug").read_bytes()
    (odd / "torn").mkdir()
    (odd / "torn" / "records.treedebug").write_bytes(torn[:9000] + b"x" + torn[9001:])
    (odd / "model.json").write_text('{"learner": {"' + "x" * 10 + '": 1}}')
    (odd / "broken.treedebug").write_bytes(RAW.encode() * 3)
    (odd / "pyproject.toml").write_text(f"[tool.treedebug]\nselect = [{json.dumps(RAW)}]\n")
    return odd


def assert_harmless(text, *, github=False):
    raw = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") and c not in "\n\t"}
    assert not raw, [hex(ord(c)) for c in raw]
    assert "##[" not in text
    for line in text.splitlines():
        own = re.match(r"::(error|warning|notice) title=[^:]*::", line) if github else None
        rest = line[own.end() :] if own else line
        assert not re.search(r"::\w", rest), rest[:200]
        assert not line.lstrip().startswith(("smuggled", "::error::smuggled")), line[:200]


def run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert code in (0, 1, 2)
    assert "Traceback" not in out + err
    assert all(line.startswith("treedebug: ") and len(line) < 5000 for line in err.splitlines())
    assert_harmless(err)
    return out


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize(
    "what",
    [
        ["run", "--damaged", "ok"], ["run"], ["rows.jsonl", "--target", "y"], ["rows.jsonl"], ["."], ["model.json"],
        ["broken.treedebug"], ["none"], ["run", "--config", "pyproject.toml"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_check(place, capsys, what, output):
    named_paths = [place / w if not w.startswith("--") and w not in ("ok", "y") else w for w in what]
    out = run(capsys, "check", *named_paths, "--output", output)
    assert_harmless(out, github=output == "github")
    if output == "text":
        assert len(out) < 60_000, "what is printed of one name is limited"


@pytest.mark.parametrize("option", ["--select", "--ignore", "--target", "--group", "--time", "--weight", "--sep"])
def test_options(place, capsys, option):
    assert_harmless(run(capsys, "check", place / "rows.jsonl", option, RAW))


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "run", "other"],
        ["compare", "."],
        ["compare", "run", "other", "--output", "json"],
        ["salvage", "run", "-o", "run"],
        ["salvage", "torn", "-o", "saved"],
    ],
)
def test_other_commands(place, capsys, arguments):
    command, *rest = arguments
    assert_harmless(run(capsys, command, *(r if r.startswith("-") or r == "json" else place / r for r in rest)))


def test_words_of_the_command_line(capsys):
    for arguments in ([RAW], ["explain", RAW], ["check", "x", RAW], ["check", "x", "--output", RAW], ["rules", RAW]):
        assert_harmless(run(capsys, *arguments))


class Raises(treedebug.Rule):
    """Raises with a hostile text.

    ## What it does
    Raises.
    ## Why is this bad
    It is not.
    ## When to ignore it
    Always.
    """

    code = "ZZ998"
    name = "raises"

    def check(self, run: treedebug.Header):
        raise ValueError(RAW)


class Speaks(Raises):
    """Finds something of a hostile name.

    ## What it does
    Fires.
    ## Why is this bad
    It is not.
    ## When to ignore it
    Always.
    """

    code = "ZZ997"
    name = "speaks"

    def check(self, run: treedebug.Header):
        yield self.finding(RAW, subject=RAW, try_next=(treedebug.Change(RAW, RAW, RAW),), severity=Severity.ERROR)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_live_lines_and_errors_of_a_training(tmp_path, capfd, library):
    X = np.random.default_rng(0).normal(size=(80, 2))
    y = (X[:, 0] > 0).astype(int)
    settings = {"rules": [Raises, Speaks], "select": ["ZZ"], "name": RAW, "tags": [RAW], "description": RAW}
    place = tmp_path / RAW.replace("/", "_")[:80]
    name = "a" + RAW.replace("-", " ")
    if library == "xgboost":
        name = "".join(name.split()).replace(":", ";")  # XGBoost itself cannot read a line with others
        callback = treedebug.XGBoostCallback(place, **settings)
        data = xgb.DMatrix(X, y)
        xgb.train({"nthread": 1}, data, 3, evals=[(data, name)], verbose_eval=False, callbacks=[callback])
    else:
        callback = treedebug.LightGBMCallback(place, **settings)
        data = lgb.Dataset(X, y)
        lgb.train(
            {"num_threads": 1, "verbosity": -1}, data, 3, valid_sets=[data], valid_names=[name], callbacks=[callback]
        )
    err = capfd.readouterr().err
    assert "ZZ997" in err
    assert "ZZ998" in err
    assert_harmless(err)
