"""NetRun: what was recorded of a network's training, to read: frames, histograms, a picture of a layer's space."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd

from nn_bridge.pictures.value_histograms import no_histogram
from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import ACTIVATION, TensorLog
from nn_bridge.record.whole_tensors import TensorRef, WholeTensors
from treedebug.core.errors import NotRecordedError, did_you_mean, missing_extra
from treedebug.core.run.recorded import Recorded
from treedebug.store.disk_store import DiskSource
from treedebug.store.load_run import load_data

_MAX_POINTS = 2000
_FEWEST = 4


class NetRun(Recorded):
    """One recorded training of a network. `treedebug.load` reads the same run without the tensors' frames."""

    @property
    def trained(self) -> str:
        """The class of the network."""
        return self.header.booster or "a network"

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
            known = ", ".join(kept.layers()) or "none"
            raise NotRecordedError(
                f"no whole tensors of {layer!r} are recorded.{did_you_mean(layer, kept.layers())} Recorded: {known}. "
                "Ask for them: TorchRecorder(..., whole=[layer]), or recorder.tensor(name, value, whole=True)"
            )
        return found

    def latent(self, layer: str, *, max_rows: int = _MAX_POINTS, seed: int = 0) -> pd.DataFrame:
        """Return the layer's latest activations in two dimensions (t-SNE): x, y, class (-1 unknown), step; a row each.

        Raise NotRecordedError without whole activations of the layer, MissingExtraError without scikit-learn.
        """
        try:
            from sklearn.manifold import TSNE  # noqa: PLC0415 - optional, and slow to import
        except ImportError as error:
            raise missing_extra("scikit-learn", "sklearn") from error
        points, classes, steps = _latest(self.whole(layer), max_rows)
        if len(points) < _FEWEST:
            raise NotRecordedError(f"{layer!r}: {len(points)} rows are too few for a picture")
        perplexity = min(30.0, (len(points) - 1) / 3.0)
        flat = TSNE(n_components=2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(points)
        return pd.DataFrame({"x": flat[:, 0], "y": flat[:, 1], "class": classes, "step": steps})

    @property
    def _log(self) -> TensorLog:
        return self.data.stream(TensorLog) or TensorLog()


_TENSOR_COLUMNS = {"step": "int64", "layer": "str", "kind": "str", "statistic": "str", "value": "float64"}


def _latest(refs: list[TensorRef], max_rows: int) -> tuple[Any, Any, Any]:
    """Return the finite rows of the newest tensors, newest first, as (n, n_features), their classes and steps."""
    points, classes, steps, n = [], [], [], 0
    width = 0
    for ref in reversed(refs):
        tensor = ref.load()
        rows = np.asarray(tensor.values, dtype=np.float64).reshape(tensor.values.shape[0], -1)
        if n >= max_rows or (width and rows.shape[1] != width):
            break
        width = rows.shape[1]
        labels = tensor.labels if len(tensor.labels) == len(rows) else np.full(len(rows), -1)
        keep = np.isfinite(rows).all(axis=1)
        points.append(rows[keep][: max_rows - n])
        classes.append(labels[keep][: max_rows - n])
        steps.append(np.full(len(points[-1]), ref.step))
        n += len(points[-1])
    return np.concatenate(points), np.concatenate(classes), np.concatenate(steps)


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
