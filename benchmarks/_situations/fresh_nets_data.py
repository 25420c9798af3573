"""Networks: data, labels and validation, after threads that no rule was built on."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from .core import Seen, situation
from .nets_ways import SGD, Adam, amount, away, binary, four, mlp, noisy_four, rows, train

KIND = "networks: data and validation"


@situation("DrexelChatbotGroup/DrexelChatbot #15", KIND, cause="unrelated-labels", misleading=away("labels"),
           measure="log loss")  # fmt: skip
def labels_shuffled_apart(mended: bool) -> Seen:
    """The rows were shuffled, their labels were not."""
    data, model = rows(four), mlp(width=96)
    if not mended:
        data.y = data.y[torch.randperm(len(data.y))]
    return train(model, data, epochs=40)


@situation("pytorch/vision #7818", KIND, cause="sorted|shuffle", misleading=away("order"), measure="log loss")
def rows_sorted_by_class(mended: bool) -> Seen:
    """The rows stand sorted by class, and the loader does not shuffle."""
    data = rows(four)
    order = data.y.argsort()
    data.X, data.y = data.X[order], data.y[order]
    model = mlp()
    return train(model, data, optimizer=SGD(model.parameters(), 0.1, momentum=0.9), shuffle=mended)


@situation("cgrtml/neural-trees #75", KIND, cause="pos_weight|recall|rare|imbalance|balance", misleading=away(),
           measure="error of the rare class")  # fmt: skip
def two_percent_positives(mended: bool) -> Seen:
    """2 % positives: all rows are called negative."""
    rare = lambda X: (X[:, :1] + X[:, 1:2] + 0.8 * torch.randn(len(X), 1) > 3.2).float()
    data = rows(rare, n=1200, n_valid=600)
    weight = torch.tensor([30.0 if mended else 1.0])
    return train(
        mlp(10, 1, 24, 1), data,
        lambda p, y: functional.binary_cross_entropy_with_logits(p, y, pos_weight=weight), epochs=10,
        test_loss=lambda p, y: (p[y > 0] < 0).float().mean(),
    )  # fmt: skip


@situation("BrainJS/brain.js #278", KIND, cause="scale|unscaled-inputs", misleading=away("inputs"),
           measure="log loss")  # fmt: skip
def inputs_in_the_thousands(mended: bool) -> Seen:
    """The inputs have a standard deviation of 3,000."""
    data = rows(four)
    if not mended:
        data.X, data.X_valid, data.X_test = data.X * 3e3, data.X_valid * 3e3, data.X_test * 3e3
    return train(mlp(), data)


@situation("JeasunLok/ResNet-pytorch #1", KIND, cause="scale|evaluation.*input|inputs.*evaluation",
           misleading=away("inputs"), measure="validation log loss as it is shown")  # fmt: skip
def validation_rows_not_normalised(mended: bool) -> Seen:
    """Training rows are normalised, validation rows are not."""
    data, model = rows(four), mlp()
    if not mended:
        data.X_valid, data.X_test = data.X_valid * 40 + 100, data.X_test * 40 + 100
    return train(model, data)


@situation("apache/mxnet #8096", KIND, cause="NaN|missing", misleading=away(), measure="log loss")
def a_missing_value_in_the_inputs(mended: bool) -> Seen:
    """One entry of the training rows is NaN."""
    data = rows(four)
    if not mended:
        data.X[77, 3] = float("nan")
    return train(mlp(), data)


@situation("stats.stackexchange #282160", KIND, cause="overconfident|calibrat", misleading=away(), measure="log loss")
def loss_rises_accuracy_stays(mended: bool) -> Seen:
    """Validation loss rises to several times its best while accuracy stays."""
    blurred = lambda X: four(X + 0.25 * torch.randn_like(X))
    data = rows(blurred, n=400, n_valid=400)
    model = mlp(width=128)
    decay = 0.15 if mended else 0.0
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3 if mended else 5e-3, weight_decay=decay)
    return train(model, data, optimizer=optimizer, epochs=3 if mended else 50)


@situation("keras-team/keras #13864", KIND, cause="rows .*few|few rows|too small|cannot tell|overfit",
           misleading=away(), measure="log loss")  # fmt: skip
def sixty_training_rows(mended: bool) -> Seen:
    """A net of 20,000 weights on 60 rows."""
    data = rows(noisy_four, n=2400 if mended else 60, n_valid=300)
    return train(mlp(width=96), data, epochs=6 if mended else 60, batch=20 if not mended else 50)


@situation(
    "microsoft/CNTK #905",
    KIND,
    cause="batch norm|batches of|few rows|statistics of 2 rows",
    misleading=away(),
    measure="log loss",
)
def batch_norm_on_two_rows(mended: bool) -> Seen:
    """Batches of two rows with batch norm."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(10, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 48), nn.BatchNorm1d(48), nn.ReLU(),
        nn.Linear(48, 4),
    )  # fmt: skip
    return train(model, rows(four), batch=50 if mended else 2, epochs=10 if mended else 3)


@situation("amoodie/StratGAN #3", KIND, cause="unrelated-labels", misleading=away("labels"), measure="squared error")
def labels_one_row_late(mended: bool) -> Seen:
    """Every row has the label of the row before."""
    data = rows(four)
    if not mended:
        data.y, data.y_valid = data.y.roll(1), data.y_valid.roll(1)
    return train(mlp(width=96), data, epochs=40)


@situation("BVLC/caffe #3481", KIND, cause="constant|do not vary|same value|zero|blank", misleading=away("units"),
           measure="squared error")  # fmt: skip
def inputs_are_all_zero(mended: bool) -> Seen:
    """The loader hands out zeros: every row looks the same."""
    data = rows(amount)
    if not mended:
        data.X, data.X_valid, data.X_test = data.X * 0, data.X_valid * 0, data.X_test * 0
    return train(mlp(n_out=1), data, functional.mse_loss)


@situation("keras-team/keras #4246", KIND, cause="recall|rare|class|balance", misleading=away(),
           measure="error of the rare classes")  # fmt: skip
def two_classes_never_predicted(mended: bool) -> Seen:
    """Two of four classes have 2 % of the rows and are never predicted."""

    def skewed(X: torch.Tensor) -> torch.Tensor:
        return (X[:, 0] + 0.7 * torch.randn(len(X)) > 0).long() + 2 * (X[:, 1] + 0.7 * torch.randn(len(X)) > 2.3).long()

    data, model = rows(skewed, n=1500, n_valid=600), mlp(width=24, depth=1)
    weight = torch.tensor([1.0, 1.0, 20.0, 20.0]) if mended else None
    return train(model, data, nn.CrossEntropyLoss(weight=weight), Adam(model.parameters(), 2e-3), epochs=10,
                 test_loss=lambda p, y: (p.argmax(1)[y > 1] < 2).float().mean())  # fmt: skip


@situation("lee-zq/VesselSeg-Pytorch #5", KIND, cause="few|too small|cannot tell|rows", misleading=away(),
           measure="standard error of accuracy")  # fmt: skip
def validation_of_twelve_rows(mended: bool) -> Seen:
    """Twelve validation rows: the best epoch is luck."""
    data, model = rows(noisy_four, n_valid=400 if mended else 12), mlp()
    seen = train(model, data, epochs=20)
    return Seen((0.25 / (400 if mended else 12)) ** 0.5, seen.run, seen.params)


@situation("matterport/Mask_RCNN #1099", KIND, cause="range|cannot reach|sigmoid|targets", misleading=away(),
           measure="squared error")  # fmt: skip
def masks_of_0_and_255(mended: bool) -> Seen:
    """Masks hold 0 and 255, the net ends in a sigmoid."""
    data = rows(lambda X: binary(X) * (1.0 if mended else 255.0))
    model = mlp(10, 1, 48, 2, nn.ReLU, nn.Sigmoid())
    return train(model, data, functional.mse_loss)
