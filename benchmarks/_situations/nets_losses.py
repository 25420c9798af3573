"""Networks: losses, targets and shapes. Rules were built on these kinds."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from .core import Seen, situation
from .nets_ways import Adam, amount, away, binary, error_of_classes, four, mlp, rows, train

KIND = "networks: loss and targets"


@situation("timeseriesAI/tsai #22", KIND, cause="shape|broadcast|all pairs|repeated", misleading=away(),
           measure="squared error")  # fmt: skip
def column_against_row(mended: bool) -> Seen:
    """Outputs (n, 1) meet targets (n,): squared differences of all pairs."""
    loss = (lambda p, y: functional.mse_loss(p[:, 0], y)) if mended else functional.mse_loss
    return train(mlp(n_out=1), rows(lambda X: amount(X)[:, 0]), loss,
                 test_loss=lambda p, y: functional.mse_loss(p[:, 0], y))  # fmt: skip


@situation("bkitano/llama-from-scratch #5", KIND, cause="softmax", misleading=away(), measure="error rate")
def softmax_twice(mended: bool) -> Seen:
    """Softmax stands before CrossEntropyLoss, which has its own."""
    model = mlp(10, 4, 48, 2, nn.ReLU, *([] if mended else [nn.Softmax(1)]))
    return train(model, rows(four), epochs=6, test_loss=_as_probabilities(is_logits=mended))


def _as_probabilities(*, is_logits: bool):
    return lambda p, y: functional.nll_loss((p.softmax(1) if is_logits else p).clamp_min(1e-7).log(), y)


@situation("cvg/glue-factory #89", KIND, cause="sigmoid", misleading=away(), measure="log loss")
def sigmoid_twice(mended: bool) -> Seen:
    """Sigmoid stands before BCEWithLogitsLoss."""
    model = mlp(10, 1, 48, 2, nn.ReLU, *([] if mended else [nn.Sigmoid()]))
    return train(model, rows(binary), functional.binary_cross_entropy_with_logits)


@situation("yanx27/Pointnet_Pointnet2_pytorch #30", KIND, cause="log_softmax|negative|logits|cross_entropy",
           misleading=away(), measure="log loss")  # fmt: skip
def nll_of_raw_outputs(mended: bool) -> Seen:
    """nll_loss is given the raw outputs: it falls without end, below zero."""
    loss = functional.cross_entropy if mended else functional.nll_loss
    return train(mlp(), rows(four), loss, test_loss=functional.cross_entropy)


@situation("AnubhavGupta3377/Text-Classification-Models-Pytorch #9", KIND,
           cause="log_softmax|softmax|negative|cross_entropy", misleading=away(), measure="log loss")  # fmt: skip
def nll_of_probabilities(mended: bool) -> Seen:
    """nll_loss is given softmax, not log_softmax."""
    model = mlp(10, 4, 48, 2, nn.ReLU, nn.LogSoftmax(1) if mended else nn.Softmax(1))
    test = functional.nll_loss if mended else _as_probabilities(is_logits=False)
    return train(model, rows(four), functional.nll_loss, epochs=6, test_loss=test)


@situation("FluxML/model-zoo #8", KIND, cause="classes|cross_entropy", misleading=away(), measure="error rate")
def class_numbers_as_amounts(mended: bool) -> Seen:
    """Eight unordered classes are regressed: mse_loss on their numbers."""
    order = torch.tensor([5, 2, 7, 0, 3, 6, 1, 4])
    numbers = lambda X: order[(X[:, 0] > 0).long() + 2 * (X[:, 1] > 0) + 4 * (X[:, 2] > 0)]
    data = rows(numbers)
    if mended:
        return train(mlp(n_out=8), data, epochs=20, test_loss=error_of_classes)
    floats = rows(lambda X: numbers(X).float())
    return train(mlp(n_out=1), floats, lambda p, y: functional.mse_loss(p[:, 0], y), epochs=20,
                 test_loss=lambda p, y: (p[:, 0].round() != y).float().mean())  # fmt: skip


@situation("AntixK/PyTorch-VAE #48", KIND, cause="cannot reach|tanh, the last", misleading=away(),
           measure="squared error")  # fmt: skip
def targets_beyond_tanh(mended: bool) -> Seen:
    """tanh stands last, the targets go from -4 to 4."""
    model = mlp(10, 1, 48, 2, nn.ReLU, *([] if mended else [nn.Tanh()]))
    return train(model, rows(lambda X: 2 * amount(X)), functional.mse_loss)


@situation("jvargasmu/population_estimation #68", KIND, cause="relu.*(cannot reach|last)|last.*relu|dead|silent",
           misleading=away("units"), measure="squared error")  # fmt: skip
def relu_stands_last(mended: bool) -> Seen:
    """ReLU stands last although targets are negative, too."""
    model = mlp(10, 1, 48, 2, nn.ReLU, *([] if mended else [nn.ReLU()]))
    return train(model, rows(amount), functional.mse_loss)


@situation("DeepRank/deeprank #16", KIND, cause="targets have a mean|scale.*targets|targets.*std", misleading=away(),
           measure="squared error / 1e8")  # fmt: skip
def targets_in_tens_of_thousands(mended: bool) -> Seen:
    """Targets are prices around 50,000; the net starts at 0."""
    big = lambda X: 5e4 + 1e4 * amount(X)
    data = rows(amount if mended else big)
    scale = functional.mse_loss if mended else (lambda p, y: functional.mse_loss(p, y) / 1e8)
    return train(mlp(n_out=1), data, functional.mse_loss, test_loss=scale)


@situation("keras-team/keras #500", KIND, cause="softmax over a single|one output", misleading=away(),
           measure="log loss")  # fmt: skip
def softmax_over_one_output(mended: bool) -> Seen:
    """Softmax over a single output is 1 for every row."""
    model = mlp(10, 1, 48, 2, nn.ReLU, nn.Sigmoid() if mended else nn.Softmax(1))
    return train(model, rows(binary), functional.binary_cross_entropy)


@situation("Lackel/DPN #1", KIND, cause="rows influence|dimension 0|dim", misleading=away(), measure="log loss",
           asked="params")  # fmt: skip
def softmax_over_the_batch(mended: bool) -> Seen:
    """Softmax over dimension 0: the rows of a batch share one probability."""
    model = mlp(10, 4, 48, 2, nn.ReLU, nn.LogSoftmax(1) if mended else nn.LogSoftmax(0))
    return train(model, rows(four), functional.nll_loss)


@situation("om-ai-lab/OmDet #19", KIND, cause="rows influence|batch_first", misleading=away(), measure="log loss",
           asked="params")  # fmt: skip
def attention_over_the_batch(mended: bool) -> Seen:
    """MultiheadAttention without batch_first attends over the rows of the batch."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.up, self.out = nn.Linear(2, 16), nn.Linear(16, 4)
            self.attend = nn.MultiheadAttention(16, 2, batch_first=mended)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = self.up(x.view(len(x), 5, 2))
            return self.out((h + self.attend(h, h, h)[0]).flatten(1).view(len(x), 5, 16).mean(1))

    torch.manual_seed(0)
    return train(Net(), rows(lambda X: (X[:, 0] * X[:, 2] > 0).long() + 2 * (X[:, 4] > 0).long()), epochs=30,
                 test_batch=1)  # fmt: skip


@situation("zhouhaoyi/Informer2020 #59", KIND, cause="rows influence|permute|view", misleading=away(),
           measure="log loss", asked="params")  # fmt: skip
def view_for_permute(mended: bool) -> Seen:
    """view() stands where permute() should, so that rows of the batch are mixed."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.out = nn.GRU(2, 24), nn.Linear(24, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = x.view(len(x), 5, 2)
            x = x.permute(1, 0, 2) if mended else x.reshape(5, len(x), 2)
            return self.out(self.rnn(x)[0][-1])

    torch.manual_seed(0)
    return train(Net(), rows(four), epochs=16)


@situation("nothinglo/Deep-Photo-Enhancer #57", KIND, cause="sign|never negative", misleading=away(),
           measure="log loss")  # fmt: skip
def wrong_sign(mended: bool) -> Seen:
    """The loss is negated: training makes it worse."""
    sign = 1.0 if mended else -1.0
    return train(mlp(), rows(four), lambda p, y: sign * functional.cross_entropy(p, y), epochs=4,
                 test_loss=functional.cross_entropy)  # fmt: skip


@situation("wkentaro/pytorch-fcn #17", KIND, cause="sum over|mean", misleading=away("rate"), measure="log loss")
def loss_is_a_sum(mended: bool) -> Seen:
    """reduction="sum" with a learning rate made for the mean."""
    model = mlp()
    loss = nn.CrossEntropyLoss(reduction="mean" if mended else "sum")
    return train(model, rows(four), loss, torch.optim.SGD(model.parameters(), 0.1, momentum=0.9),
                 test_loss=functional.cross_entropy)  # fmt: skip


@situation("huggingface/transformers #2759", KIND, cause="padding|ignore_index|mask", misleading=away(),
           measure="log loss of real tokens")  # fmt: skip
def padding_counts_in_the_loss(mended: bool) -> Seen:
    """Nine tenths of the tokens are padding, and the loss counts them as a class to predict."""

    def make(n: int) -> torch.Tensor:
        X = torch.randint(1, 12, (n, 1)) + 3 * torch.arange(30)[None]
        return (X % 11 + 1) * (torch.arange(30)[None] < torch.randint(3, 5, (n, 1)))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.rnn, self.out = nn.Embedding(12, 16), nn.GRU(16, 24, batch_first=True), nn.Linear(24, 12)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.out(self.rnn(self.embed(x))[0]).transpose(1, 2)

    torch.manual_seed(0)
    model = Net()
    data = rows(lambda X: torch.cat([X[:, 1:], torch.zeros(len(X), 1, dtype=torch.long)], 1), n=300, make=make)
    known = lambda p, y: functional.cross_entropy(p, y, ignore_index=0)
    return train(model, data, known if mended else functional.cross_entropy, Adam(model.parameters(), 3e-3),
                 epochs=6, test_loss=known, accuracy=False)  # fmt: skip


@situation("molecularsets/moses #45", KIND, cause="collapse|posterior|KL|latent", misleading=away(),
           measure="squared error of the reconstruction")  # fmt: skip
def posterior_collapse(mended: bool) -> Seen:
    """The KL term of a VAE is summed over the batch, the reconstruction is a mean: the latents carry nothing."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encode, self.decode = mlp(10, 8, 32, 1), mlp(4, 10, 32, 1)

        def forward(self, x: torch.Tensor):
            mean, log_var = self.encode(x).chunk(2, 1)
            z = mean + torch.randn_like(mean) * (0.5 * log_var).exp() if self.training else mean
            return self.decode(z), mean, log_var

    def loss(out, x: torch.Tensor) -> torch.Tensor:
        made, mean, log_var = out
        kl = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum()
        return functional.mse_loss(made, x) + (1e-4 if mended else 1.0) * kl

    torch.manual_seed(0)
    low = torch.randn(3, 10)
    data = rows(lambda X: X, make=lambda n: torch.randn(n, 3) @ low)
    return train(Net(), data, loss, epochs=20, test_loss=lambda out, x: functional.mse_loss(out[0], x))


@situation("facebookresearch/simsiam #29", KIND, cause="collapse|same output|vary", misleading=away(),
           measure="1 - spread of the embedding")  # fmt: skip
def representations_collapse(mended: bool) -> Seen:
    """Two views are pulled together and nothing keeps other rows apart: all rows get one embedding."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = mlp(10, 16)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return functional.normalize(self.body(x))

    torch.manual_seed(0)
    model = Net()

    def loss(out: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        other = model(x + 0.3 * torch.randn_like(x))
        if mended:
            return functional.cross_entropy(out @ other.T / 0.2, torch.arange(len(x)))
        return -(out * other).sum(1).mean()

    spread = lambda out, _: 1 - out.std(0).mean() * 4
    return train(model, rows(lambda X: X), loss, epochs=16, test_loss=spread)
