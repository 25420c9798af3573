"""Stochastic non-negative matrix factorisation: the proved ceiling of its rate, and a policy learned under it."""

from treedebug.schedules.nmf.ceiling import THETA, balanced, ceiling, curvature, joint_step, sampled_step
from treedebug.schedules.nmf.factorize import Factorization, factorize
from treedebug.schedules.nmf.training import generated, train_policy, trained_policy

__all__ = [
    "THETA",
    "Factorization",
    "balanced",
    "ceiling",
    "curvature",
    "factorize",
    "generated",
    "joint_step",
    "sampled_step",
    "train_policy",
    "trained_policy",
]
