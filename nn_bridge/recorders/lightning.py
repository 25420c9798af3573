"""LightningRecorder: a callback that records what a Lightning Trainer fits, as TorchRecorder does."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import torch

from nn_bridge.reading.net_run import NetRun
from nn_bridge.recorders.torch import TorchRecorder
from treedebug.core.errors import ConfigError, NotRecordedError, did_you_mean, missing_extra

_PACKAGES = ("lightning.pytorch", "pytorch_lightning")
_ROLE = re.compile(r"^(val|valid|validation|eval|train|training)[_/. -]+(?=.)")
_LOADER = re.compile(r"/dataloader_idx_(\d+)$")
_SETTINGS = tuple(
    name for name, p in inspect.signature(TorchRecorder).parameters.items()
    if p.kind is p.KEYWORD_ONLY and name != "criterion"
)  # fmt: skip


def _callback_class() -> Any:
    """Return Lightning's Callback, of the package in use. Raise MissingExtraError if none is installed."""
    for package in sorted(_PACKAGES, key=lambda name: name not in sys.modules):
        try:
            return import_module(package).Callback
        except ModuleNotFoundError as error:
            if error.name not in (package, package.partition(".")[0]):
                raise
    raise missing_extra("lightning", "lightning")


_Callback: Any = _callback_class()


class LightningRecorder(_Callback):  # type: ignore[misc]
    """Records every `fit` of a Lightning Trainer to the folder `path`, or to memory for None.

        recorder = nn_bridge.LightningRecorder("runs/net")
        trainer = L.Trainer(max_epochs=20, callbacks=[recorder])
        trainer.fit(module, train_loader, valid_loader)
        recorder.run.findings

    The whole LightningModule is recorded, so that names are those of its `state_dict`. The training loss is seen before
    each `backward`; what the module logs in a validation (`self.log("val_loss", ...)`) ends a round as `loss` of
    "valid", and what it logs in training is recorded with it. The sanity check before training is left out.
    `settings` are those of `TorchRecorder` (`layers`, `whole`, `every`, `select`, `actions`, ...).

    Raise ConfigError for settings that TorchRecorder has not; as the training starts, what TorchRecorder raises.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, **settings: Any) -> None:
        super().__init__()
        for name in settings:
            if name not in _SETTINGS:
                hint = did_you_mean(name, _SETTINGS)
                raise ConfigError(f"LightningRecorder has no setting {name!r}.{hint} It takes: {', '.join(_SETTINGS)}")
        self._path = path
        self._settings = settings
        self._recorder: TorchRecorder | None = None
        self._is_open = False
        self._batch: Any = None
        self._n_losses = 0
        """Losses of the batch under way: the optimisers of one module may each have their own."""
        self._parts_only = False
        """The module is never called itself: `training_step` calls its parts."""
        self._known: dict[str, Any] = {}
        """What was logged before the validation under way."""
        self._validated: set[str] = set()

    @property
    def run(self) -> NetRun:
        """What was recorded so far, of the latest fit. Raises NotRecordedError before the first."""
        if self._recorder is None:
            raise NotRecordedError("nothing is recorded yet: pass this callback to a Trainer, and fit")
        return self._recorder.run

    def predictions(self, dataset: str, outputs: Any, targets: Any) -> None:
        """Count predictions as `TorchRecorder.predictions` does, from `validation_step`; ignored outside a fit."""
        if self._recorder is not None and self._is_open:
            self._recorder.predictions(dataset, outputs, targets)

    def probe(self, x: torch.Tensor, labels: Any = None, *, layers: Sequence[str] | None = None) -> None:
        """Look at rows as `TorchRecorder.probe` does, such as in `on_train_epoch_end`; ignored outside a fit."""
        if self._recorder is not None and self._is_open:
            self._recorder.probe(x, labels, layers=layers)

    # -- beginning and end -----------------------------------------------------------------------------------------

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Begin the record: after the sanity check, when the optimisers exist."""
        settings = dict(self._settings)
        if not _validates(trainer):
            settings.setdefault("round_steps", _steps_an_epoch(trainer))
        self._recorder = TorchRecorder(pl_module, list(trainer.optimizers), self._path, **settings)
        self._is_open, self._parts_only, self._validated = True, False, set()

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - a hook
        """Close the run: the fit is over."""
        self._end(None)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:  # noqa: ARG002 - a hook
        """Close the run: the fit failed, or was interrupted."""
        self._end(exception)

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:  # noqa: ARG002 - a hook
        """Close the run if it is still open: the Trainer is done."""
        self._end(None)

    def _end(self, error: BaseException | None) -> None:
        recorder, is_open, self._batch, self._is_open = self._recorder, self._is_open, None, False
        if recorder is not None and is_open:
            recorder.__exit__(None if error is None else type(error), error, None)

    # -- training --------------------------------------------------------------------------------------------------

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002 - a hook
        """Remember the batch that begins."""
        self._batch, self._n_losses = batch, 0

    def on_before_backward(self, trainer: Any, pl_module: Any, loss: torch.Tensor) -> None:
        """Record the loss as the module returned it, unscaled, while its graph still holds the labels."""
        if self._recorder is None or not self._is_open or loss.numel() != 1:
            return
        self._parts_only = self._recorder.forwarded(self._batch) or self._parts_only
        self._n_losses += 1
        name = "loss" if self._n_losses == 1 else f"loss {self._n_losses}"
        self._recorder.log("train", **{name: _unscaled(trainer, pl_module, loss)})

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002 - a hook
        """Stop the training if an action asks for it; after an epoch's last batch its metrics are logged first."""
        self._batch = None
        if not trainer.is_last_batch and trainer.world_size == 1:
            self._heed(trainer)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - a hook
        """Record what the training steps of the epoch logged."""
        if self._recorder is None or not self._is_open:
            return
        fresh = {n: v for n, v in trainer.callback_metrics.items() if n not in self._validated}
        for name, value in fresh.items():
            metric = _ROLE.sub("", name).removesuffix("_epoch")
            if metric != "loss" and not name.endswith("_step"):
                self._recorder.log("train", **{metric: value})
        self._heed(trainer)

    def _heed(self, trainer: Any) -> None:
        if self._recorder is None or not self._is_open:
            return
        is_wanted = self._recorder.should_stop
        if trainer.world_size > 1:  # only one of the processes records, and all must end together
            is_wanted = trainer.strategy.reduce_boolean_decision(is_wanted, all=False)
        if is_wanted:
            trainer.should_stop = True

    # -- validation ------------------------------------------------------------------------------------------------

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - a hook
        """Remember the metrics so far, to find those that this validation logs."""
        self._known = dict(trainer.callback_metrics) if self._is_open else {}

    def on_validation_batch_start(
        self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0  # noqa: ARG002 - a hook
    ) -> None:  # fmt: skip
        """Count a pass without gradients where the module itself is never called."""
        if self._recorder is not None and self._is_open and self._parts_only:
            self._recorder.forwarded(batch)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - a hook
        """Record what the validation logged, which ends the round."""
        if self._recorder is None or not self._is_open:
            return
        logged = trainer.callback_metrics
        fresh = {n: v for n, v in logged.items() if self._known.get(n) is not v}
        self._validated |= fresh.keys()
        for dataset, metrics in _by_dataset(fresh).items():
            self._recorder.log(dataset, **metrics)


def _by_dataset(logged: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return metrics by dataset: `val_loss` is the loss on "valid", `val_loss/dataloader_idx_1` that on "valid 1"."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in logged.items():
        loader = _LOADER.search(name)
        dataset = f"valid {loader[1]}" if loader else "valid"
        found.setdefault(dataset, {})[_ROLE.sub("", _LOADER.sub("", name))] = value
    return found


def _unscaled(trainer: Any, module: Any, loss: torch.Tensor) -> torch.Tensor:
    """Undo the division by accumulated batches and the factor of a GradScaler, without waiting for the device."""
    if module.automatic_optimization and trainer.accumulate_grad_batches > 1:
        loss = loss * trainer.accumulate_grad_batches
    scaler = getattr(trainer.precision_plugin, "scaler", None)
    return loss if scaler is None else loss / scaler.scale(torch.ones((), device=loss.device))


def _validates(trainer: Any) -> bool:
    batches = trainer.num_val_batches
    return bool(sum(batches) if isinstance(batches, list) else batches)


def _steps_an_epoch(trainer: Any) -> int | None:
    """Return the optimiser's steps in an epoch, which are a round without validation; None if unknown."""
    n_batches, together = trainer.num_training_batches, int(trainer.accumulate_grad_batches)
    return -(-n_batches // max(together, 1)) if isinstance(n_batches, int) and n_batches else None
