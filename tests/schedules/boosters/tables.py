import lightgbm as lgb
import numpy as np
import xgboost as xgb


def table(n=400, seed=0):
    """A binary label with noise, so that the validation loss turns up."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 8))
    return X, (X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=n) > 0).astype(int)


def matrices(n=400):
    X, y = table(n)
    half = n // 2
    return xgb.DMatrix(X[:half], y[:half]), xgb.DMatrix(X[half:], y[half:])


def sets(n=400):
    X, y = table(n)
    half = n // 2
    train = lgb.Dataset(X[:half], y[:half])
    return train, lgb.Dataset(X[half:], y[half:], reference=train)
