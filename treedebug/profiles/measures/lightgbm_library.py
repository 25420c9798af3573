"""LightGBM by its C API (stable since version 3), without its Python package, which takes a second to import."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

_FLOAT32, _BY_ROW, _NORMAL, _ALL_ROUNDS = 0, 1, 0, -1
_FILES = ("lib_lightgbm.so", "lib_lightgbm.dylib", "lib_lightgbm.dll")
_FOLDERS = ("lib", "bin", "..")
_NEEDED = ("LGBM_DatasetCreateFromMat", "LGBM_DatasetGetSubset", "LGBM_BoosterPredictForMat", "LGBM_GetLastError")
Matrix = NDArray[np.float32]


@functools.cache
def library() -> ctypes.CDLL | None:
    """Return the installed LightGBM, or None where there is none that can be used so."""
    found = importlib.util.find_spec("lightgbm")
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        for path in (Path(place) / folder / file for folder in _FOLDERS for file in _FILES):
            if not path.is_file():
                continue
            try:
                loaded = ctypes.CDLL(str(path))
            except OSError:  # it lacks a library of its own
                return None
            if not all(hasattr(loaded, name) for name in _NEEDED):
                return None
            loaded.LGBM_GetLastError.restype = ctypes.c_char_p
            return loaded
    return None


class _Handle:
    """What the library holds for us, freed with this object."""

    def __init__(self, lib: ctypes.CDLL, free: str) -> None:
        self.lib, self.free, self.pointer = lib, free, ctypes.c_void_p()

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function of the library. Raise RuntimeError with its words where it fails."""
        if getattr(self.lib, name)(*arguments) != 0:
            raise RuntimeError(f"LightGBM: {self.lib.LGBM_GetLastError().decode(errors='replace')}")

    def __del__(self) -> None:
        if self.pointer.value:
            getattr(self.lib, self.free)(self.pointer)


class BinnedRows(_Handle):
    """A matrix (n, k) in bins, with its labels (n,)."""

    def __init__(self, lib: ctypes.CDLL, parameters: Mapping[str, Any]) -> None:
        super().__init__(lib, "LGBM_DatasetFree")
        self.parameters = _written(parameters)

    @classmethod
    def of(cls, lib: ctypes.CDLL, x: Matrix, y: NDArray[np.int64], parameters: Mapping[str, Any]) -> Self:
        """Return the matrix in bins."""
        made = cls(lib, parameters)
        x, labels = np.ascontiguousarray(x, dtype=np.float32), np.ascontiguousarray(y, dtype=np.float32)
        n, k = (ctypes.c_int32(size) for size in x.shape)
        made.call(
            "LGBM_DatasetCreateFromMat", _at(x), _FLOAT32, n, k, _BY_ROW, made.parameters, None, _out(made)
        )  # fmt: skip
        made.call("LGBM_DatasetSetField", made.pointer, b"label", _at(labels), ctypes.c_int(len(labels)), _FLOAT32)
        return made

    def subset(self, rows: Sequence[int] | NDArray[np.int64], parameters: Mapping[str, Any]) -> BinnedRows:
        """Return some of the rows, in the same bins."""
        part, chosen = BinnedRows(self.lib, parameters), np.ascontiguousarray(rows, dtype=np.int32)
        part.call(
            "LGBM_DatasetGetSubset", self.pointer, _at(chosen), ctypes.c_int32(len(chosen)), part.parameters, _out(part)
        )  # fmt: skip
        return part


class Trained(_Handle):
    """A booster trained for `rounds`, or until no tree can be split."""

    def __init__(self, data: BinnedRows, parameters: Mapping[str, Any], rounds: int) -> None:
        super().__init__(data.lib, "LGBM_BoosterFree")
        self.data = data
        self.n_outputs = int(parameters.get("num_class", 1))
        self.call("LGBM_BoosterCreate", data.pointer, _written(parameters), _out(self))
        finished = ctypes.c_int(0)
        for _ in range(rounds):
            self.call("LGBM_BoosterUpdateOneIter", self.pointer, ctypes.byref(finished))
            if finished.value:
                break

    def predict(self, x: Matrix) -> NDArray[np.float64]:
        """Return (n,) probabilities of the second of two classes, or (n, n_classes)."""
        x = np.ascontiguousarray(x, dtype=np.float32)
        n, k = (ctypes.c_int32(size) for size in x.shape)
        predicted = np.zeros(len(x) * self.n_outputs)
        length = ctypes.c_int64(0)
        self.call(
            "LGBM_BoosterPredictForMat", self.pointer, _at(x), _FLOAT32, n, k, _BY_ROW, _NORMAL, 0, _ALL_ROUNDS,
            b"num_threads=1", ctypes.byref(length), _at(predicted),
        )  # fmt: skip
        return predicted if self.n_outputs == 1 else predicted.reshape(len(x), self.n_outputs)


def _written(parameters: Mapping[str, Any]) -> bytes:
    return " ".join(f"{name}={value}" for name, value in parameters.items()).encode()


def _at(array: NDArray[Any]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


def _out(handle: _Handle) -> Any:
    return ctypes.byref(handle.pointer)
