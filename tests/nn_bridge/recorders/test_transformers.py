"""TrainerRecorder on a tiny BERT: the same bits as without it, its losses, and the Trainer's evaluations."""

from __future__ import annotations

import pytest
import torch

import nn_bridge
import treedebug
from treedebug.core.errors import ConfigError, NotRecordedError

transformers = pytest.importorskip("transformers")

# The Trainer has advice on pinned memory and workers.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]

TINY = {
    "vocab_size": 30, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
    "num_labels": 3, "max_position_embeddings": 8,
}  # fmt: skip


def rows(n):
    X = torch.randint(1, 30, (n, 6), generator=torch.Generator().manual_seed(1))
    return [{"input_ids": x, "labels": (x > 15).sum().clamp(2, 4) - 2} for x in X]


def trained(tmp_path, callback=None, **settings):
    torch.manual_seed(0)
    model = transformers.BertForSequenceClassification(transformers.BertConfig(**TINY))
    usual = {
        "num_train_epochs": 2, "per_device_train_batch_size": 16, "learning_rate": 3e-3, "eval_strategy": "epoch",
        "report_to": [], "save_strategy": "no", "use_cpu": True, "disable_tqdm": True, "logging_strategy": "epoch",
    }  # fmt: skip
    args = transformers.TrainingArguments(str(tmp_path), **usual | settings)
    callbacks = [] if callback is None else [callback]

    def metrics(p):
        callback.predictions("valid", p.predictions, p.label_ids)
        return {}

    trainer = transformers.Trainer(
        model, args, train_dataset=rows(64), eval_dataset=rows(32), callbacks=callbacks,
        compute_metrics=None if callback is None else metrics,
    )  # fmt: skip
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    return model, trainer


def test_the_same_bits_and_what_is_recorded(tmp_path):
    recorder = nn_bridge.TrainerRecorder(tmp_path / "run", quiet=True)
    model, _ = trained(tmp_path, recorder)
    plain, _ = trained(tmp_path)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), plain.parameters(), strict=True))
    run = nn_bridge.load(tmp_path / "run")
    assert (run.state, run.trained, run.notes) == ("finished", "BertForSequenceClassification", [])
    assert run.data.rounds.iterations.tolist() == [4, 8]
    assert set(zip(run.metrics.dataset, run.metrics.metric, strict=True)) == {("train", "loss"), ("valid", "loss")}
    assert run.facts.loss.is_plain
    assert run.facts.loss.n_classes == 3
    assert [r.confusion.sum() for r in run.data.classes if r.dataset == "valid"] == [32, 32]
    assert not [f for f in treedebug.check(run).findings if f.code.startswith("NN")]


def test_accumulated_batches_and_no_evaluation(tmp_path):
    recorder = nn_bridge.TrainerRecorder(quiet=True)
    trained(tmp_path, recorder, eval_strategy="no", gradient_accumulation_steps=2)
    assert recorder.run.data.rounds.iterations.tolist() == [2, 4]
    assert recorder.run.metrics.value.between(0.8, 1.4).all(), "of one batch, not of two"


def test_a_loss_that_the_trainer_computes_is_taken_from_its_log(tmp_path):
    recorder = nn_bridge.TrainerRecorder(quiet=True)
    trained(tmp_path, recorder, label_smoothing_factor=0.1)
    assert set(recorder.run.metrics.dataset) == {"train", "valid"}


def test_stop_training(tmp_path):
    recorder = nn_bridge.TrainerRecorder(quiet=True, actions=[treedebug.StopTraining(on=["error"])], round_steps=2)
    _, trainer = trained(tmp_path, recorder, learning_rate=1e38, num_train_epochs=20, eval_strategy="no")
    assert trainer.state.global_step < 80


def test_several_evaluation_sets_have_names():
    from nn_bridge.recorders.transformers import _evaluation

    assert _evaluation({"eval_de_loss": 1.0, "eval_de_runtime": 2.0, "epoch": 1}) == ("valid de", {"loss": 1.0})
    assert _evaluation({"eval_loss": 1.0, "eval_f1": 0.5}) == ("valid", {"loss": 1.0, "f1": 0.5})


def test_what_cannot_be_recorded():
    with pytest.raises(ConfigError, match="Did you mean"):
        nn_bridge.TrainerRecorder(evry=3)
    with pytest.raises(NotRecordedError, match="nothing is recorded"):
        _ = nn_bridge.TrainerRecorder().run
