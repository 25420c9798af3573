"""NetRun: what was recorded of a network's training, to read: frames, histograms, a picture of a layer's space."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import treedebug
from nn_bridge.pictures.latent_space import no_outputs, space_of
from nn_bridge.pictures.value_histograms import no_histogram
from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import ACTIVATION, TensorLog
from nn_bridge.record.whole_tensors import TensorRef, WholeTensors
from treedebug.core.changes import Plan
from treedebug.core.errors import NotRecordedError
from treedebug.core.run.recorded import Recorded
from treedebug.engine.plan import make_plan
from treedebug.reports.html.notebook import run_card
from treedebug.store.disk_store import DiskSource
from treedebug.store.load_run import load_data

_MAX_POINTS = 2000


class NetRun(Recorded):
    """One recorded training of a network. `treedebug.load` reads the same run without the tensors' frames."""

    @property
    def trained(self) -> str:
        """The class of the network."""
        return self.header.booster or "a network"

    @property
    def plan(self) -> Plan:
        """What to do next, made of all findings so far: it can be followed as it stands."""
        return make_plan(self.findings, self.header)

    @property
    def facts(self) -> NetFacts:
        """The net as it was made. Raises NotRecordedError if the run is not a network's."""
        facts = self.data.stream(NetFacts)
        if facts is None:
            raise NotRecordedError(
                "this run holds no facts of a network: nn_bridge did not record it; treedebug.load reads any run"
            )
        return facts

    @property
    def metrics(self) -> pd.DataFrame:
        """A row a value: round_index, step, dataset, metric, value; `step` is how many steps there were by then."""
        after = dict(zip(self.data.rounds.rounds.tolist(), self.data.rounds.iterations.tolist(), strict=True))
        rows = [
            (r, after.get(r, -1), s.dataset, s.metric, v)
            for s in self.data.evals
            for r, v in zip(s.rounds.tolist(), s.values.tolist(), strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["round_index", "step", "dataset", "metric", "value"])
        return frame.sort_values("round_index", kind="stable", ignore_index=True)

    @property
    def tensors(self) -> pd.DataFrame:
        """A row a statistic and sampled step: step, layer, kind, statistic, value."""
        parts = []
        for keys, steps, values in self._log.blocks():
            names = pd.DataFrame(keys, columns=["layer", "kind", "statistic"])
            parts.append(
                pd.DataFrame(
                    {
                        "step": np.repeat(steps, len(keys)),
                        **{c: np.tile(names[c].to_numpy(), len(steps)) for c in names},
                        "value": values.reshape(-1),
                    }
                )
            )
        if not parts:
            return pd.DataFrame({c: pd.Series(dtype=t) for c, t in _TENSOR_COLUMNS.items()})
        return pd.concat(parts, ignore_index=True).sort_values("step", kind="stable", ignore_index=True)

    def histogram(self, layer: str, kind: str) -> pd.DataFrame:
        """Return a row a bin and recorded step: step, low, high, count; bins are powers of two by sign, and zero.

        Raise NotRecordedError, with "did you mean", where there is none.
        """
        found = self._log.histograms(layer, kind)
        if not found:
            raise NotRecordedError(no_histogram(self._log, layer, kind))
        edges = found[0].edges
        low = np.concatenate([-edges[:0:-1], [0.0], edges[:-1]])
        high = np.concatenate([-edges[-2::-1], [0.0], edges[1:]])
        parts = [
            pd.DataFrame({"step": h.step, "low": low, "high": high, "count": [*h.negative[::-1], h.zeros, *h.positive]})
            for h in found
        ]
        frame = pd.concat(parts, ignore_index=True)
        return frame[frame["count"] > 0].reset_index(drop=True)

    def whole(self, layer: str) -> list[TensorRef]:
        """Return the whole tensors recorded of a layer or of a named tensor, by step. Raise NotRecordedError."""
        kept = self.data.stream(WholeTensors) or WholeTensors()
        found = kept.of(layer)
        if not found:
            raise NotRecordedError(no_outputs(kept, layer))
        return found

    def latent(self, layer: str, *, max_rows: int = _MAX_POINTS, seed: int = 0) -> pd.DataFrame:
        """Return rows as the layer sees them, in two dimensions (t-SNE): x, y, class (-1 unknown), step; a row each.

        They are those of the latest `recorder.probe`, else the latest activations that were recorded whole.
        Raise NotRecordedError without any of the layer, MissingExtraError without scikit-learn.
        """
        found = space_of(self.data.stream(WholeTensors) or WholeTensors(), layer, most=max_rows, seed=seed)
        return pd.DataFrame({"x": found.x, "y": found.y, "class": found.classes, "step": found.steps})

    def report(self, path: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Check the run and write a page that shows it; return the page's path. See `treedebug.report`."""
        return treedebug.report(self, path, force=force)

    def _repr_html_(self) -> str:
        """Return the run as a notebook shows it."""
        return run_card(self)

    @property
    def _log(self) -> TensorLog:
        return self.data.stream(TensorLog) or TensorLog()


_TENSOR_COLUMNS = {"step": "int64", "layer": "str", "kind": "str", "statistic": "str", "value": "float64"}


def load(path: str | os.PathLike[str]) -> NetRun:
    """Return the network's run recorded at a path, in any process, during or after the training.

    Raise RunNotFoundError and FormatError, and NotRecordedError for the run of a booster.
    """
    run = NetRun(load_data(path, _no_trees), DiskSource(path).path)
    _ = run.facts
    return run


def _no_trees(batch: Any) -> Any:
    raise ValueError(f"a network's run has no trees, but a record of some: {batch!r}")


__all__ = ["ACTIVATION", "NetRun", "load"]
