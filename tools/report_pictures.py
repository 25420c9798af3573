"""Draw the pictures of docs/report.md and docs/nn.md: pages of real trainings, as a headless Chromium shows them.

python tools/report_pictures.py
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import xgboost as xgb
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn import functional

import nn_bridge
import treedebug

HERE = Path(__file__).parents[1] / "docs" / "report"
_COLORS = 256


@dataclass(frozen=True)
class Shot:
    """One picture: what of which page, how wide, in which light; `selector` is "" for the top of the page."""

    name: str
    page: str
    selector: str = ""
    width: int = 1000
    height: int = 900
    scheme: str = "light"


SHOTS = (
    Shot("top", "tumours", height=1030),
    Shot("phone", "tumours", width=390, height=1030, scheme="dark"),
    Shot("curves", "tumours", "section:has(#learning-curves)"),
    Shot("trees", "tumours", "section:has(#trees)", scheme="dark"),
    Shot("features", "tumours", "section:has(#features)"),
    Shot("probabilities", "tumours", "section:has(#probabilities)"),
    Shot("errors", "diabetes", "section:has(#errors)"),
    Shot("compared", "compared", height=1180),
    Shot("layers", "net", "section:has(#network)"),
    Shot("network", "net", "section:has(#what-the-network-sees)"),
)


def trained(path: Path, table: Any, n_rounds: int, **params: Any) -> treedebug.Run:
    """Return the run of a training on seven tenths of a table."""
    strata = table.target if params["objective"].startswith("binary") else None
    x, x_valid, y, y_valid = train_test_split(table.data, table.target, test_size=0.3, random_state=0, stratify=strata)
    train, valid = xgb.DMatrix(x, y), xgb.DMatrix(x_valid, y_valid)
    evals = [(train, "train"), (valid, "valid")]
    callback = treedebug.XGBoostCallback(path, evals=evals, quiet=True, row_margins=True)
    params |= {"nthread": 1, "seed": 0}
    xgb.train(params, train, n_rounds, evals=evals, callbacks=[callback], verbose_eval=False)
    return callback.run


def trained_net(path: Path) -> nn_bridge.NetRun:
    """Return the run of the net of docs/nn.md, without its flaws."""
    X, y = load_digits(return_X_y=True)
    X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
    x_train, x_valid, y_train, y_valid = train_test_split(X, torch.tensor(y), random_state=0)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    with nn_bridge.TorchRecorder(model, optimizer, path, quiet=True) as recorder:
        for _ in range(10):
            model.train()
            order = torch.randperm(len(x_train))
            for rows in (order[i : i + 64] for i in range(0, len(order), 64)):
                loss = functional.cross_entropy(model(x_train[rows]), y_train[rows])
                recorder.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            model.eval()
            with torch.no_grad():
                outputs = model(x_valid)
            recorder.log("valid", loss=functional.cross_entropy(outputs, y_valid))
            recorder.predictions("valid", outputs, y_valid)
        recorder.probe(x_valid, y_valid)
    return recorder.run


def pages(folder: Path) -> dict[str, Path]:
    """Return the pages by name."""
    tumours = load_breast_cancer(as_frame=True)
    first = trained(folder / "tumours", tumours, 500, objective="binary:logistic", max_depth=8, eta=0.3)
    table = load_diabetes(as_frame=True)
    deep = trained(folder / "deep", table, 200, objective="reg:squarederror", max_depth=8, eta=0.3)
    flat = trained(folder / "flat", table, 200, objective="reg:squarederror", max_depth=2, eta=0.05)
    return {
        "tumours": first.report(folder / "tumours.html"),
        "diabetes": flat.report(folder / "diabetes.html"),
        "net": trained_net(folder / "digits").report(folder / "digits.html"),
        "compared": treedebug.compare(deep, flat).report(folder / "compared.html"),
    }


def shoot(browser: Browser, shot: Shot, page: Path) -> bytes:
    """Return the picture as PNG of few colours."""
    size = {"width": shot.width, "height": shot.height}
    context = browser.new_context(viewport=size, color_scheme=shot.scheme)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.goto(page.as_uri())
    opened.wait_for_function("document.documentElement.dataset.drawn")
    raw = opened.locator(shot.selector).screenshot() if shot.selector else opened.screenshot()
    context.close()
    made = io.BytesIO()
    Image.open(io.BytesIO(raw)).convert("RGB").quantize(_COLORS).save(made, "PNG", optimize=True)
    return made.getvalue()


def main() -> int:
    """Write the pictures, and say how large they are."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        made = pages(Path(name))
        for page in made.values():  # as it stands where the runs lie in runs/
            text = page.read_text(encoding="utf-8")
            page.write_text(text.replace(f"{name}/", "runs/"), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for shot in SHOTS:
            picture = shoot(browser, shot, made[shot.page])
            (HERE / f"{shot.name}.png").write_bytes(picture)
            print(f"{shot.name}.png: {len(picture) // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
