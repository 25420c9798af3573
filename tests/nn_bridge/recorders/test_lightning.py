"""LightningRecorder: every kind of fit is recorded, and trains to the same bits as without it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader

import nn_bridge
import treedebug
from nn_bridge.record.whole_tensors import WholeTensors
from tests.nn_bridge.fits import (
    CLASSES,
    FITS,
    INPUTS,
    N_EPOCHS,
    ROWS,
    Dead,
    Failing,
    Parts,
    Plain,
    Two,
    fit,
    lightning,
    recorded,
)  # fmt: skip
from treedebug.core.errors import ConfigError, NotRecordedError

# Lightning calls what torch has deprecated, and has advice on workers and loggers.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("name", FITS)
def test_the_same_bits_with_and_without(name):
    module, settings = FITS[name]
    weights, states, numbers = [], [], []
    recorder = nn_bridge.LightningRecorder(quiet=True, every=2)
    for one in (None, recorder):
        fitted, trainer = fit(module, one, **{k: v() if callable(v) else v for k, v in settings.items()})
        weights.append(fitted.state_dict())
        states.append([o.state_dict()["state"] for o in trainer.optimizers])
        numbers.append(torch.get_rng_state())
    assert all(torch.equal(weights[0][n], weights[1][n]) for n in weights[0])
    torch.testing.assert_close(*states, rtol=0, atol=0)
    assert torch.equal(*numbers)
    assert recorder.run.state == "finished"
    assert recorder.run.data.notes == []


def test_rounds_are_validations_and_metrics_keep_their_names():
    run = recorded()
    assert run.n_rounds == N_EPOCHS  # the sanity check before training is none
    assert run.data.rounds.iterations.tolist() == [8, 16, 24]
    assert set(zip(run.metrics.dataset, run.metrics.metric, strict=True)) == {
        ("train", "loss"), ("train", "seen"), ("valid", "loss"), ("valid", "accuracy"),
    }  # fmt: skip
    assert run.data.evals.series("train", "seen").values == pytest.approx([3.5] * N_EPOCHS)
    assert run.header.objective == "cross_entropy"
    assert (run.header.booster, run.header.library) == ("Plain", "torch")
    assert set(run.tensors[run.tensors.kind == "activation"].layer) == {"net.0", "net.1", "net.3"}
    assert run.findings == []


def test_what_a_loop_by_hand_records():
    """Losses, gradients, updates and labels are those of the same steps made without a Trainer."""
    torch.manual_seed(0)
    net = Plain()
    optimizer = net.configure_optimizers()
    with nn_bridge.TorchRecorder(net, optimizer, quiet=True) as recorder:
        for _ in range(N_EPOCHS):
            for x, y in DataLoader(ROWS, 32):
                loss = net.criterion(net(x), y)
                recorder.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 0.1)
                optimizer.step()
            recorder.log("valid", loss=1.0)
    torch.manual_seed(0)
    callback = nn_bridge.LightningRecorder(quiet=True)
    trainer = lightning.Trainer(
        max_epochs=N_EPOCHS, accelerator="cpu", callbacks=[callback], gradient_clip_val=0.1, logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
    )  # fmt: skip
    trainer.fit(Plain(), DataLoader(ROWS, 32), DataLoader(ROWS, 128))
    ours, theirs = (r.run.tensors for r in (recorder, callback))
    kinds = ["loss", "gradient", "update", "labels", "weight"]
    # the Trainer draws random numbers for its loaders: dropout differs, the first step's other numbers do not
    for kind in kinds:
        one, other = (
            t[(t.kind == kind) & (t.step < 24)].sort_values(["step", "layer", "statistic"]) for t in (ours, theirs)
        )
        assert len(one) == len(other) > 0
        assert (one.layer.tolist(), one.statistic.tolist()) == (other.layer.tolist(), other.statistic.tolist())
    norms = theirs[(theirs.kind == "gradient") & (theirs.statistic == "norm")]
    total = np.sqrt((norms.value**2).groupby(norms.step).sum())
    assert total.to_numpy() == pytest.approx(np.full(len(total), 0.1), rel=1e-3)  # as clipped, not as computed


@pytest.mark.parametrize("name", ["accumulated", "scaled"])
def test_the_loss_is_as_the_module_returned_it(name):
    module, settings = FITS[name]
    run = recorded(module, **{k: v() if callable(v) else v for k, v in settings.items()})
    assert 0.8 < run.data.evals.series("train", "loss").values[0] < 1.4
    assert run.facts.loss.first == pytest.approx(run.tensors[run.tensors.kind == "loss"].value.iloc[0], rel=0.5)
    assert run.facts.loss.function == "cross_entropy"
    assert run.data.rounds.iterations.tolist() == ([3, 6, 9] if name == "accumulated" else [8, 16, 24])


def test_a_module_whose_parts_are_called():
    run = recorded(Parts)
    frame = run.tensors
    assert run.facts.layer("net.0").activation == "relu"
    assert len(frame[(frame.kind == "input") & (frame.layer == "")]) > 0
    assert len(frame[(frame.kind == "input") & (frame.layer == "evaluation")]) > 0
    shares = frame[(frame.kind == "mode") & frame.statistic.isin(["eval_mode_share", "train_mode_share"])].value
    assert len(shares) == 2 * N_EPOCHS
    assert not shares.any()


def test_two_optimisers_have_a_loss_each():
    run = recorded(Two)
    assert {"loss", "loss 2"} <= set(run.metrics.metric)
    assert run.data.rounds.iterations.tolist() == [8, 16, 24]
    assert {o.type for o in run.facts.optimizers} == {"SGD"}
    assert len(run.facts.optimizers) == 2


def test_rounds_without_validation_are_epochs():
    run = recorded(valid=0)
    assert run.data.rounds.iterations.tolist() == [8, 16, 24]
    assert set(run.metrics.dataset) == {"train"}


def test_rounds_of_several_validations_an_epoch():
    assert recorded(val_check_interval=0.5).data.rounds.iterations.tolist() == [4, 8, 12, 16, 20, 24]


def test_each_loader_is_a_dataset():
    assert list(dict.fromkeys(recorded(valid=2).metrics.dataset)) == ["train", "valid 0", "valid 1"]


def test_a_compiled_module_says_what_is_missing():
    class Silent(Plain):  # what Lightning does within `log` cannot be compiled by this torch
        def training_step(self, batch, batch_idx):
            return functional.cross_entropy(self(batch[0]), batch[1])

    weights = []
    recorder = nn_bridge.LightningRecorder(quiet=True)
    for one in (None, recorder):
        module, _ = fit(lambda: torch.compile(Silent(), backend="eager"), one, valid=0)
        weights.append(module.state_dict())
    assert all(torch.equal(weights[0][n], weights[1][n]) for n in weights[0])
    frame = recorder.run.tensors
    assert {"weight", "gradient", "update", "loss"} <= set(frame.kind)
    assert "activation" not in set(frame.kind)
    assert "is compiled" in recorder.run.data.notes[0].message


# -- how it ends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "raised"), [(ValueError("too bad"), ValueError), (KeyboardInterrupt(), SystemExit)])
def test_a_fit_that_breaks_off_leaves_a_run(tmp_path, error, raised):
    with pytest.raises(raised):
        recorded(lambda: Failing(error), tmp_path / "r")
    run = nn_bridge.load(tmp_path / "r")
    assert run.state == "interrupted"
    assert type(error).__name__ in run.data.ending["reason"]
    assert run.data.rounds.iterations[-1] == 10
    treedebug.check(tmp_path / "r")


def test_an_action_stops_the_trainer(tmp_path):
    stop = treedebug.StopTraining(["NN901"])
    recorder = nn_bridge.LightningRecorder(tmp_path / "r", quiet=True, actions=[stop])
    _, trainer = fit(Dead, recorder, max_epochs=9)
    assert trainer.current_epoch < 9
    assert nn_bridge.load(tmp_path / "r").state == "stopped"
    assert recorder.run.n_rounds == 1


def test_one_recorder_for_two_fits(tmp_path):
    recorder = nn_bridge.LightningRecorder(quiet=True)
    first, second = recorded(recorder=recorder), recorded(recorder=recorder)
    assert first.header.run_id != second.header.run_id
    recorded(path=tmp_path / "r")
    assert recorded(path=tmp_path / "r").path == tmp_path / "r-2"


def test_class_balance_from_the_validation_step():
    recorder = nn_bridge.LightningRecorder(quiet=True)

    class Telling(Plain):
        def validation_step(self, batch, batch_idx):
            out = self(batch[0])
            self.log("val_loss", functional.cross_entropy(out, batch[1]))
            recorder.predictions("valid", out, batch[1])

    run = recorded(Telling, recorder=recorder)
    assert [r.n_rows for r in run.data.classes.of("valid")] == [256] * N_EPOCHS
    recorder.predictions("valid", INPUTS, CLASSES)  # after the fit: ignored


def test_rows_are_probed_from_a_hook_of_the_module():
    recorder = nn_bridge.LightningRecorder(quiet=True)
    recorder.probe(INPUTS, CLASSES)  # before the fit: ignored

    class Looking(Plain):
        def on_validation_end(self):
            recorder.probe(INPUTS, CLASSES)

    run = recorded(Looking, recorder=recorder)
    refs = run.data.stream(WholeTensors).of("", "saliency")
    assert len(refs) == N_EPOCHS
    assert refs[-1].load().values.shape == (min(len(INPUTS), 500), INPUTS.shape[1])
    assert run.data.notes == []
    recorder.probe(INPUTS, CLASSES)  # after it: ignored


def test_pytorch_lightning_under_its_old_name():
    old = pytest.importorskip("pytorch_lightning")

    class Old(old.LightningModule):
        __init__ = Plain.__init__
        forward, training_step, validation_step = Plain.forward, Plain.training_step, Plain.validation_step
        configure_optimizers = Plain.configure_optimizers

    def module():
        old.LightningModule.__init__(made := Old.__new__(Old))
        made.net, made.criterion, made.rate = Plain().net, nn.CrossEntropyLoss(), 0.01
        return made

    assert recorded(module, package=old).n_rounds == N_EPOCHS


# -- what is refused -----------------------------------------------------------------------------------------------


def test_clear_errors():
    with pytest.raises(ConfigError, match=r"no setting 'layer'\. Did you mean 'layers'"):
        nn_bridge.LightningRecorder(layer=["net"])
    with pytest.raises(NotRecordedError, match="pass this callback to a Trainer"):
        _ = nn_bridge.LightningRecorder().run
    with pytest.raises(ConfigError, match="dense"):
        recorded(recorder=nn_bridge.LightningRecorder(dense=-1))


WITHOUT = """
import sys, treedebug.cli, nn_bridge.recorders.torch
assert not {"lightning", "pytorch_lightning"} & {*sys.modules}
sys.modules["lightning"] = sys.modules["pytorch_lightning"] = None
try:
    nn_bridge.LightningRecorder
except treedebug.MissingExtraError as error:
    print(error)
"""


def test_it_is_imported_at_first_use_and_the_extra_is_named():
    said = subprocess.run([sys.executable, "-c", WITHOUT], check=True, capture_output=True, text=True).stdout
    assert said == "this needs lightning, which is not installed: pip install 'treedebug[lightning]'\n"


SPAWNED = """
import sys, torch, lightning, nn_bridge, treedebug
from tests.nn_bridge.fits import Dead, fit

if __name__ == "__main__":
    stop = treedebug.StopTraining(["NN901"])
    recorder = nn_bridge.LightningRecorder(f"{sys.argv[1]}/run", quiet=True, actions=[stop])
    for n_epochs, one in ((1, None), (5, recorder)):
        module, _ = fit(Dead, one, strategy="ddp_spawn", devices=2, max_epochs=n_epochs)
        torch.save(module.state_dict(), f"{sys.argv[1]}/{n_epochs}.pt")
"""


@pytest.mark.slow
def test_two_processes_stop_together(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(SPAWNED, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path.cwd()), "PYTHONWARNINGS": "ignore"}
    subprocess.run([sys.executable, script, tmp_path], check=True, timeout=280, env=environment)
    plain, watched = (torch.load(tmp_path / f"{n_epochs}.pt") for n_epochs in (1, 5))
    assert all(torch.equal(plain[name], watched[name]) for name in plain)
    run = nn_bridge.load(tmp_path / "run")
    assert run.data.rounds.iterations.tolist() == [4]
    assert (run.state, run.notes) == ("stopped", [])
