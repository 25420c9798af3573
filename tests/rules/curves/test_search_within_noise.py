from treedebug.rules.curves.search_within_noise import SearchWithinNoise
from treedebug.testing import compared, curves, header, labels, rule_test


def search(scores, *, n_rows=100, metric="logloss"):
    data = labels([500, 500]) | labels([n_rows // 2, n_rows // 2], dataset="valid")
    runs = tuple(
        curves(valid=[0.69, score], metric=metric, data=data, params={"max_depth": i}) for i, score in enumerate(scores)
    )
    return compared(runs[-1], runs[0], runs)


CLOSE = [0.60, 0.605, 0.598, 0.603, 0.607]

test_search_within_noise = rule_test(
    SearchWithinNoise(),
    fires={"a hundred rows": (search(CLOSE), {"n_tied": 4, "n_runs": 5}), "one far off": search([*CLOSE, 1.9])},
    silent={
        "a hundred thousand rows": search(CLOSE, n_rows=100_000),
        "half of them are far off": search([*CLOSE, 1.9, 2.0, 2.1]),
    },
    skipped={
        "four runs": search(CLOSE[:4]),
        "two runs": compared(curves(valid=[0.9, 0.5]), curves(valid=[0.9, 0.4])),
        "one run": header(),
    },
)
