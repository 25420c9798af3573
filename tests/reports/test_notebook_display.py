"""A real kernel shows a training while it runs, in one output; elsewhere there is a progress line."""

import json

import pytest

import treedebug
from tests.reports.html import pages_of
from treedebug.reports.notebook_display import in_notebook

CELL = """
import time, treedebug, numpy as np, xgboost as xgb
rng = np.random.default_rng(0)
x = rng.normal(size=(300, 4)); y = (x[:, 0] > 0).astype(int)
d = xgb.DMatrix(x, y)

class Slow(xgb.callback.TrainingCallback):
    def after_iteration(self, model, epoch, evals_log):
        time.sleep(0.03)
        return False

recorder = treedebug.XGBoostCallback(evals=[(d, "train")]).show()
xgb.train({"nthread": 1}, d, 60, evals=[(d, "train")], callbacks=[Slow(), recorder], verbose_eval=False)
"""


def test_a_kernel_shows_the_training_in_one_output():
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL), nbformat.v4.new_code_cell("recorder.run")])
    updates = []

    class Client(nbclient.NotebookClient):
        def process_message(self, msg, cell, cell_index):
            if msg["msg_type"] == "update_display_data":
                updates.append(msg["content"]["data"]["text/html"])
            return super().process_message(msg, cell, cell_index)

    Client(book, timeout=120, kernel_name="python3").execute()
    first, second = book.cells
    shown = [o for o in first.outputs if o.output_type == "display_data"]
    assert len(shown) == 1
    assert "round 60/60" in shown[0]["data"]["text/html"]
    assert "<svg" in shown[0]["data"]["text/html"]
    assert 1 <= len(updates) <= 12  # two seconds: at most twice a second, and the end
    assert second.outputs[0]["data"]["text/plain"].startswith("<Run of xgboost")
    assert "<svg" in second.outputs[0]["data"]["text/html"]
    assert "<script" not in json.dumps([dict(o) for o in first.outputs + second.outputs])


def test_elsewhere_there_is_a_progress_line(capsys):
    assert not in_notebook()
    run = pages_of.record(pages_of.amounts, {}, n_rounds=5)
    recorder = treedebug.XGBoostCallback()
    assert recorder.show() is recorder
    assert run.n_rounds == 5
    import xgboost as xgb

    d = xgb.DMatrix([[0.0], [1.0]], [0.0, 1.0])
    xgb.train({"nthread": 1}, d, 5, evals=[(d, "train")], callbacks=[recorder], verbose_eval=False)
    assert "round 5/5" in capsys.readouterr().err
