from nn_bridge.record.network_facts import OptimizerFacts
from nn_bridge.rules.unfinished_schedule import UnfinishedSchedule
from tests.nn_bridge.nets_of import BARE, facts, net
from treedebug.testing import ending, rule_test


def scheduled(last, *, rates=0.1, ended=True, **group):
    optimizer = OptimizerFacts(type="SGD", n_params=6, groups=({"lr": 0.004, "n": 6, **group},))
    run = net(net_facts=facts(optimizers=(optimizer,)), ended=False)
    n = run.n_rounds
    run.rounds.truncate(0)
    for i in range(n):
        rate = last if i == n - 1 else rates
        run.rounds.append(i, learning_rate=rate, seconds=0.1, iterations=4 * (i + 1))
    return ending(run, ended=ended)


test_unfinished_schedule = rule_test(
    UnfinishedSchedule(),
    fires={
        "at its peak": (scheduled(0.1, max_lr=0.1), {"last_rate": 0.1, "peak": 0.1}),
        "never at half of it": (scheduled(0.02, rates=0.01, max_lr=0.1), {"last_rate": 0.02, "peak": 0.1}),
    },
    silent={
        "came to its end": scheduled(0.00001, max_lr=0.1),
        "half of it was reached": scheduled(0.001, rates=0.05, max_lr=0.1),
        "no schedule": scheduled(0.1),
        "still training": scheduled(0.1, ended=False, max_lr=0.1),
    },
    skipped={"no network": BARE, "no rate": scheduled(float("nan"), rates=float("nan"))},
)
