"""TrainerRecorder: a callback that records what a Trainer of transformers trains, as TorchRecorder does."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch
from torch import nn

from nn_bridge.model.loss_graph import loss_node
from nn_bridge.reading.net_run import NetRun
from nn_bridge.recorders.torch import TorchRecorder
from treedebug.core.errors import ConfigError, NotRecordedError, did_you_mean, missing_extra

_SETTINGS = tuple(
    name for name, p in inspect.signature(TorchRecorder).parameters.items()
    if p.kind is p.KEYWORD_ONLY and name != "criterion"
)  # fmt: skip
_SUM = 2
_PREFIX, _LOSS = "eval_", "_loss"
_NOT_METRICS = ("runtime", "samples_per_second", "steps_per_second", "model_preparation_time")


def _callback_class() -> Any:
    """Return the Trainer's callback class. Raise MissingExtraError without transformers."""
    try:
        return import_module("transformers.trainer_callback").TrainerCallback
    except ModuleNotFoundError as error:
        if error.name != "transformers":
            raise
        raise missing_extra("transformers", "transformers") from error


_Callback: Any = _callback_class()


class TrainerRecorder(_Callback):  # type: ignore[misc]
    """Records every `train` of a transformers Trainer to the folder `path`, or to memory for None.

        recorder = nn_bridge.TrainerRecorder("runs/net")
        trainer = Trainer(model, args, ..., callbacks=[recorder])
        trainer.train()
        recorder.run.findings

    The training loss is seen before each `backward`, where the model returns it; where the Trainer computes it
    (`compute_loss_func`, label smoothing), the losses that the Trainer logs are recorded. What an evaluation returns
    (`eval_loss`) ends a round as `loss` of "valid"; without evaluations a round is an epoch. `settings` are those of
    `TorchRecorder` (`layers`, `whole`, `every`, `select`, `actions`, ...).

    Raise ConfigError for settings that TorchRecorder has not; as the training starts, what TorchRecorder raises.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, **settings: Any) -> None:
        for name in settings:
            if name not in _SETTINGS:
                hint = did_you_mean(name, _SETTINGS)
                raise ConfigError(f"TrainerRecorder has no setting {name!r}.{hint} It takes: {', '.join(_SETTINGS)}")
        self._path = path
        self._settings = settings
        self._recorder: TorchRecorder | None = None
        self._is_open = False
        self._handle: Any = None
        self._n_together = 1
        """Batches whose gradients one step takes together."""
        self._loss_is_seen = False

    @property
    def run(self) -> NetRun:
        """What was recorded so far, of the latest training. Raises NotRecordedError before the first."""
        if self._recorder is None:
            raise NotRecordedError("nothing is recorded yet: pass this callback to a Trainer, and train")
        return self._recorder.run

    def predictions(self, dataset: str, outputs: Any, targets: Any) -> None:
        """Count predictions as `TorchRecorder.predictions` does, from `compute_metrics`; ignored outside a training."""
        if self._recorder is not None and self._is_open:
            self._recorder.predictions(dataset, torch.as_tensor(outputs), torch.as_tensor(targets))

    # -- beginning and end -----------------------------------------------------------------------------------------

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002 - a hook
        """Begin the record: the optimiser exists by now."""
        self._end(interrupted="a new training began before it ended")
        settings = dict(self._settings)
        if str(getattr(args.eval_strategy, "value", args.eval_strategy)) == "no":
            settings.setdefault("round_steps", max(round(state.max_steps / max(args.num_train_epochs, 1)), 1))
        model, optimizer = given["model"], given["optimizer"]
        self._recorder = TorchRecorder(model, getattr(optimizer, "optimizer", optimizer), self._path, **settings)
        self._is_open, self._loss_is_seen = True, False
        self._n_together = max(int(args.gradient_accumulation_steps), 1)
        self._handle = model.register_forward_hook(self._on_output)

    def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002 - a hook
        """Close the run: the training is over."""
        self._end()

    def _end(self, interrupted: str = "") -> None:
        recorder, is_open, self._is_open = self._recorder, self._is_open, False
        if self._handle is not None:
            self._handle.remove()
            self._handle = None
        if recorder is not None and is_open:
            error = InterruptedError(interrupted) if interrupted else None
            recorder.__exit__(None if error is None else type(error), error, None)

    # -- training --------------------------------------------------------------------------------------------------

    def _on_output(self, model: nn.Module, inputs: Any, output: Any) -> None:  # noqa: ARG002 - a hook
        """Record the loss of the batch as the model returned it, while its graph still holds the labels."""
        loss = output.get("loss") if isinstance(output, Mapping) else getattr(output, "loss", None)
        if self._recorder is None or not self._is_open or not model.training or not isinstance(loss, torch.Tensor):
            return
        if torch.is_grad_enabled() and loss.numel() == 1 and loss.requires_grad:
            self._loss_is_seen = True
            self._recorder.log("train", loss=self._of_one_batch(loss))

    def _of_one_batch(self, loss: torch.Tensor) -> torch.Tensor:
        """Undo the division of a sum by the items of all batches of a step, which some models make."""
        is_divided = self._n_together > 1 and getattr(loss_node(loss), "_saved_reduction", 0) == _SUM
        return loss * self._n_together if is_divided else loss

    def on_log(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002 - a hook
        """Record the loss that the Trainer logs, where the model returns none."""
        loss = (given.get("logs") or {}).get("loss")
        if self._recorder is not None and self._is_open and not self._loss_is_seen and isinstance(loss, int | float):
            self._recorder.log("train", loss=loss)

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002 - a hook
        """Stop the training if an action asks for it."""
        if args.world_size == 1 and self._recorder is not None and self._is_open and self._recorder.should_stop:
            control.should_training_stop = True

    def on_epoch_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002 - a hook
        """Stop all processes together if an action of the one that records asks for it."""
        if args.world_size > 1 and self._recorder is not None and self._is_open:
            asked = torch.tensor(float(self._recorder.should_stop), device=args.device)
            torch.distributed.all_reduce(asked, torch.distributed.ReduceOp.MAX)
            control.should_training_stop |= bool(asked)

    # -- evaluation ------------------------------------------------------------------------------------------------

    def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002 - a hook
        """Record what the evaluation returned, which ends the round."""
        dataset, metrics = _evaluation(given.get("metrics") or {})
        if self._recorder is not None and self._is_open and metrics:
            self._recorder.log(dataset, **metrics)


def _evaluation(returned: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    """Return a dataset and its metrics: `eval_loss` is the loss on "valid", `eval_de_loss` that on "valid de"."""
    losses = [n.removesuffix(_LOSS) for n in returned if n.startswith(_PREFIX) and n.endswith(_LOSS)]
    prefix = min(losses, key=len, default="eval") + "_"
    name = prefix.removeprefix(_PREFIX).removesuffix("_")
    metrics = {
        n.removeprefix(prefix): float(v)
        for n, v in returned.items()
        if n.startswith(prefix) and isinstance(v, int | float) and not n.endswith(_NOT_METRICS)
    }
    return f"valid {name}".rstrip(), metrics
