import hypothesis.strategies as st
import torch
from hypothesis import given, settings

from treedebug.schedules import ReduceOnPlateau


@settings(deadline=None)
@given(
    values=st.lists(st.floats(0.01, 100), max_size=80),
    patience=st.integers(0, 4),
    cooldown=st.integers(0, 3),
    threshold_mode=st.sampled_from(["rel", "abs"]),
    mode=st.sampled_from(["min", "max"]),
)
def test_it_is_pytorchs(values, patience, cooldown, threshold_mode, mode):
    options = {
        "factor": 0.5,
        "patience": patience,
        "cooldown": cooldown,
        "threshold_mode": threshold_mode,
        "mode": mode,
    }
    if mode == "max" and threshold_mode == "rel":
        values = [round(v) for v in values]  # PyTorch has best * (1 + threshold), we best + threshold * abs(best)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    torchs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, min_lr=1e-3, eps=0.0, **options)
    ours = ReduceOnPlateau(1.0, min_lr=1e-3, **options)
    for value in values:
        torchs.step(value)
        assert ours.observe(value) == optimizer.param_groups[0]["lr"]


def test_a_constant_negative_loss_is_a_plateau():
    ours = ReduceOnPlateau(1.0, patience=2)
    assert [ours.observe(-1.0) for _ in range(5)] == [1.0, 1.0, 1.0, 0.5, 0.5]
    assert ours.history[0].why == "cut: no improvement in 3 observations"
