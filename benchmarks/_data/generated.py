"""Tables made here, with the oddities of real ones that are no fault.

Zeros by the thousand, long tails, rare categories, plausible gaps, correlated columns, whole numbers, flags, dates,
exposures, several rows of one person, rows in time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from _faults.tables import BINARY, COUNTS, MULTI, REGRESSION
from numpy.random import Generator

from _data.table import Table


def load() -> Iterator[Table]:
    yield Table("shop", "tune", BINARY, _shop(), "churned")
    yield Table("sensors", "tune", REGRESSION, _sensors(), "load", time="at")
    yield Table("clinic", "tune", MULTI, _visits(22, 500), "outcome", group="patient")
    yield Table("fleet", "tune", COUNTS, _claims(23, 3000), "claims", weight="exposure")
    yield Table("tweets", "tune", BINARY, _tokens(24, 48, 0.7), "liked", tokens=True)
    yield Table("orders", "report", BINARY, _orders(), "returned", time="created")
    yield Table("patients", "report", MULTI, _visits(31, 700), "outcome", group="patient")
    yield Table("claims", "report", COUNTS, _claims(32, 4000), "claims", weight="exposure")
    yield Table("homes", "report", REGRESSION, _homes(), "price")
    yield Table("queries", "report", BINARY, _tokens(33, 24, 0.85), "clicked", tokens=True)


def _choice(rng: Generator, names: list[str], n: int, power: float = 1.0) -> np.ndarray:
    """Categories with Zipf's shares: a few common ones, a long tail."""
    share = 1.0 / np.arange(1, len(names) + 1) ** power
    return np.asarray(names, dtype=object)[rng.choice(len(names), n, p=share / share.sum())]


def _gaps(rng: Generator, values: np.ndarray, share: float) -> pd.Series:
    column = pd.Series(values)
    return column.mask(pd.Series(rng.random(len(values)) < share))


def _labels(rng: Generator, score: np.ndarray, share: float) -> np.ndarray:
    """0 or 1 with odds that rise with the score."""
    odds = 1 / (1 + np.exp(-2.0 * (score - np.quantile(score, 1 - share))))
    return (rng.random(len(score)) < odds).astype(np.int64)


def _shop() -> pd.DataFrame:
    rng = np.random.default_rng(21)
    n = 4000
    visits = rng.poisson(6, n)
    spend = np.where(rng.random(n) < 0.35, 0.0, np.round(np.exp(rng.normal(3.5, 1.1, n)), 2))
    plan = _choice(rng, ["basic", "plus", "family", "trial"], n, 1.6)
    country = _choice(rng, [f"c{i:02d}" for i in range(25)], n)
    age = np.clip(np.round(rng.normal(41, 14, n)), 18, 92)
    score = -0.25 * visits - 0.3 * np.log1p(spend) + 1.1 * (plan == "trial") + 0.01 * age + rng.normal(0, 0.6, n)
    return pd.DataFrame(
        {
            "age": _gaps(rng, age, 0.03),
            "plan": plan,
            "country": country,
            "spend": spend,
            "visits": visits,
            "items": visits * 2 + rng.poisson(3, n),
            "newsletter": rng.random(n) < 0.3,
            "rating": _gaps(rng, rng.integers(1, 6, n).astype(float), 0.15),
            "distance": np.round(np.exp(rng.normal(1, 1.3, n)), 1),
            "churned": _labels(rng, score, 0.25),
        }
    )


def _cycle(rng: Generator, n: int, memory: float) -> np.ndarray:
    """A stationary series that forgets: neighbours are alike, far rows are not."""
    noise = rng.normal(size=n)
    series = np.empty(n)
    series[0] = noise[0]
    for i in range(1, n):
        series[i] = memory * series[i - 1] + np.sqrt(1 - memory**2) * noise[i]
    return series


def _sensors() -> pd.DataFrame:
    rng = np.random.default_rng(20)
    n = 3000
    at = pd.date_range("2024-03-01", periods=n, freq="h")
    hour = at.hour.to_numpy()
    series = {f"s{i}": np.round(_cycle(rng, n, 0.3) * (i + 1) + 10 * i, 3) for i in range(7)}
    day = np.sin(2 * np.pi * hour / 24)
    load = 40 + 8 * day + 2 * series["s0"] + 0.7 * series["s3"] + rng.normal(0, 1.5, n)
    return pd.DataFrame({"at": at, "hour": hour, **series, "valve": rng.random(n) < 0.4, "load": np.round(load, 2)})


def _visits(seed: int, n_patients: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), rng.integers(2, 8, n_patients))
    n = len(patient)
    born = pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.integers(0, 26_000, n_patients), unit="D")
    height = rng.normal(170, 10, n_patients)
    pulse = rng.normal(74, 12, n)
    lab = np.exp(rng.normal(0.4, 0.8, n))
    ward = _choice(rng, ["north", "south", "east", "west", "children", "intensive"], n, 0.9)
    score = 0.04 * (pulse - 74) + 0.9 * np.log(lab) + 0.7 * (ward == "intensive") + rng.normal(0, 0.35, n)
    return pd.DataFrame(
        {
            "patient": [f"P{p + 100_000}" for p in patient],
            "born": born[patient],
            "height": np.round(height[patient]),
            "pulse": np.round(pulse),
            "lab": _gaps(rng, np.round(lab, 2), 0.12),
            "pressure": np.round(rng.normal(128, 17, n)),
            "ward": ward,
            "smoker": rng.random(n_patients)[patient] < 0.25,
            "outcome": np.array(["home", "stay", "transfer"])[np.digitize(score, np.quantile(score, [0.5, 0.82]))],
        }
    )


def _claims(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    power = np.round(np.exp(rng.normal(4.3, 0.4, n)))
    driver = np.round(rng.gamma(6, 7.5, n) + 17).clip(17, 95)
    rate = np.exp(-2.4 + 0.008 * (power - 75) - 0.015 * (driver - 45))
    exposure = np.where(rng.random(n) < 0.6, 1.0, np.round(rng.uniform(0.1, 1.0, n), 2))
    return pd.DataFrame(
        {
            "region": _choice(rng, [f"R{i:02d}" for i in range(20)], n, 0.6),
            "brand": _choice(rng, ["Arno", "Bora", "Cita", "Dorn", "Elka", "Fero", "Gala", "Hexa"], n),
            "power": power,
            "driver_age": driver,
            "car_age": rng.integers(0, 21, n),
            "density": np.round(np.exp(rng.normal(5.5, 1.6, n))),
            "bonus": np.where(rng.random(n) < 0.55, 50, rng.integers(51, 150, n)),
            "diesel": rng.random(n) < 0.45,
            "exposure": exposure,
            "claims": rng.poisson(rate * exposure * 1.5),
        }
    )


def _orders() -> pd.DataFrame:
    rng = np.random.default_rng(30)
    n = 4000
    created = pd.Timestamp("2023-05-01") + pd.to_timedelta(np.sort(rng.integers(0, 300 * 24 * 3600, n)), unit="s")
    price = np.round(np.exp(rng.normal(3.4, 0.9, n)), 2)
    shop = _choice(rng, [f"shop-{i}" for i in range(15)], n, 0.8)
    size = _choice(rng, ["S", "M", "L", "XL", "XXL"], n, 0.5)
    late = rng.exponential(2.0, n)
    score = 0.4 * late + 0.3 * np.log(price) + 0.8 * (size == "XXL") + rng.normal(0, 0.5, n)
    return pd.DataFrame(
        {
            "created": created,
            "price": price,
            "shop": shop,
            "size": size,
            "days_late": np.round(late, 1),
            "weight_kg": _gaps(rng, np.round(rng.gamma(2, 0.8, n), 2), 0.08),
            "weekday": pd.Series(created).dt.day_name().to_numpy(),
            "gift": rng.random(n) < 0.06,
            "returned": _labels(rng, score, 0.3),
        }
    )


def _homes() -> pd.DataFrame:
    rng = np.random.default_rng(34)
    n = 3500
    area = np.round(np.exp(rng.normal(4.5, 0.4, n)))
    rooms = np.clip(np.round(area / 25 + rng.normal(0, 0.8, n)), 1, 12)
    district = _choice(rng, [f"district {i}" for i in range(30)], n, 0.5)
    worth = pd.factorize(district)[0] % 7
    price = area * (2000 + 260 * worth) * np.exp(rng.normal(0, 0.15, n))
    return pd.DataFrame(
        {
            "area": area,
            "rooms": rooms,
            "built": _gaps(rng, rng.integers(1880, 2024, n).astype(float), 0.09),
            "floor": rng.integers(0, 9, n),
            "district": district,
            "heating": _gaps(rng, _choice(rng, ["gas", "district", "oil", "heat pump", "wood"], n), 0.05),
            "garden": np.where(rng.random(n) < 0.7, 0.0, np.round(np.exp(rng.normal(4, 1, n)))),
            "noise": np.round(rng.normal(55, 6, n), 1),
            "price": np.round(price, -3),
        }
    )


def _tokens(seed: int, width: int, filled: float) -> pd.DataFrame:
    """Token numbers of 800 words after Zipf's law, 0 behind the end of a text, 1 for an unknown word."""
    rng = np.random.default_rng(seed)
    n = 2500
    words = rng.zipf(1.3, size=(n, width)) % 800 + 2
    words = np.where(rng.random(words.shape) < 0.02, 1, words)
    length = np.clip(np.round(rng.normal(filled, 0.12, n) * width), 2, width)
    words = np.where(np.arange(width) < length[:, None], words, 0)
    frame = pd.DataFrame(words, columns=[f"t{i:02d}" for i in range(width)])
    frame["clicked" if width < 30 else "liked"] = _labels(rng, (words[:, :5] % 3).sum(axis=1) / 3.0, 0.4)
    return frame
