import numpy as np
import pytest

from treedebug.core.errors import ConfigError
from treedebug.schedules import Cosine, GreedyLR
from treedebug.schedules.learning.policy import Policy, Search, read_policy
from treedebug.schedules.nmf import THETA, factorize, generated, train_policy, trained_policy

ALWAYS = (50.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_the_ceiling_factorises_at_every_scale():
    found = [factorize(generated(3, scale=scale), 5).loss for scale in (1e-3, 1.0, 1e3)]
    assert found == pytest.approx([found[0]] * 3)
    assert found[0] < 0.02


@pytest.mark.parametrize("scale", [0.1, 1.0, 100.0])
@pytest.mark.parametrize("seed", range(5))
def test_it_never_diverges(scale, seed):
    shape = {"m": 20 + 5 * seed, "n": 30, "rank": 2 + seed}
    found = factorize(generated(seed, scale=scale, **shape), 3, n_steps=200, seed=seed, balance=bool(seed % 2))
    assert found.loss < 1.0
    assert (found.W >= 0).all()
    assert (found.H >= 0).all()
    assert found.losses[-1] < found.losses[0]


def test_a_policy_that_always_wants_most_is_the_ceiling():
    X = generated(1)
    assert factorize(X, 5, rate=Policy(ALWAYS, THETA)).loss == pytest.approx(factorize(X, 5).loss)


def test_rates_over_the_ceiling_are_cut_to_it():
    X = generated(1)
    held = factorize(X, 5, rate=1e9)
    assert np.array_equal(held.rates, factorize(X, 5).rates)
    assert not factorize(X, 5, rate=1e9, clip=False, n_steps=50).loss < 1.0
    assert np.array_equal(factorize(X, 5, rate=Policy(ALWAYS, 100.0)).rates, factorize(X, 5).rates)


def test_schedules_set_the_rate():
    X = generated(1)
    rates = factorize(X, 5, rate=Cosine(1e-4, 1e-5), n_steps=100).rates
    assert rates[0] == pytest.approx(1e-4)
    assert rates[-1] == pytest.approx(1e-5)
    schedule = GreedyLR(1e-4, patience=1)
    factorize(X, 5, rate=schedule, n_steps=100)
    assert schedule.t == 10
    assert schedule.now > 1e-4


def test_the_same_seed_is_the_same_factorisation():
    assert np.array_equal(factorize(generated(2), 4, seed=7).W, factorize(generated(2), 4, seed=7).W)


def test_a_policy_is_trained_saved_and_read():
    search = Search(n_candidates=6, n_generations=3, n_elite=2, n_problems=2)
    problems = [generated(i, m=12, n=20, rank=2) for i in range(4)]
    policy = train_policy(problems, rank=2, n_steps=60, search=search)
    assert policy == train_policy(problems, rank=2, n_steps=60, search=search)
    assert read_policy(policy.to_json()) == policy
    assert policy.n_seen == 4
    untrained = Policy((0.0,) * 6, THETA)
    ours, theirs = (
        np.mean([np.log(factorize(X, 2, rate=p, n_steps=60).loss) for X in problems]) for p in (policy, untrained)
    )
    assert ours < theirs


def test_the_policy_that_comes_along_stays_under_the_ceiling():
    policy = trained_policy()
    assert policy.most <= THETA
    X = generated(99)
    ours, ceiling = factorize(X, 5, rate=policy), factorize(X, 5)
    assert ours.loss < 0.1
    assert ours.rates[0] <= ceiling.rates[0]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: factorize(-np.ones((3, 3)), 1),
        lambda: factorize(np.zeros((3, 3)), 1),
        lambda: factorize(np.full((3, 3), np.nan), 1),
        lambda: factorize(np.ones(3), 1),
        lambda: factorize(np.ones((3, 3)), 0),
        lambda: factorize(np.ones((3, 3)), 1, rate=-1),
        lambda: factorize(np.ones((3, 3)), 1, n_steps=0),
        lambda: Policy((1.0,), 1.0),
        lambda: Policy(ALWAYS, float("nan")),
        lambda: read_policy("[]"),
        lambda: read_policy('{"theta": [1, 2]}'),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError):
        wrong()
