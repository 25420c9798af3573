import pandas as pd
import pytest

from treedebug.core.data.text_reading import AMOUNT, CODE, DATE_TEXT
from treedebug.profiles.measures.text_readings import read_texts
from treedebug.profiles.scan.text_dates import date_format


@pytest.mark.parametrize(
    ("texts", "lowest", "highest", "words"),
    [
        (["71,090.00 EUR", "5.50 EUR"], 5.5, 71090.0, "EUR"),
        (["12 %", "3.5 %"], 3.5, 12.0, "%"),
        (["1.234,56", "-2,5"], -2.5, 1234.56, "decimal mark"),
        (["1 234", "12"], 12.0, 1234.0, "spaces"),
        (["1,234", "22,345"], 1234.0, 22345.0, "thousands"),
        (["$1,200", "$3", "n/a"], 3.0, 1200.0, "$"),
        (["0,5", "0,125"], 0.125, 0.5, "decimal mark"),
        (["2.5k", "900", "1.2M EUR"], 900.0, 1.2e6, "'k' means times 1,000"),
        (["5 km", "3 km"], 3.0, 5.0, "'km'"),
    ],
)
def test_amounts(texts, lowest, highest, words):
    found = read_texts(texts)
    assert (found.kind, found.lowest, found.highest) == (AMOUNT, lowest, highest)
    assert words in found.how


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["31.12.2023", "01.02.2022"], "%d.%m.%Y"),
        (["12/31/2023 08:00", "1/2/2023 09:30"], "%m/%d/%Y %H:%M"),
        (["31/12/2023", "01/02/2023"], "%d/%m/%Y"),
        (["2021-01-02", "2021-03-04"], "%Y-%m-%d"),
        (["2021-01-02T10:00:00", "2021-03-04T11:30:15"], "%Y-%m-%dT%H:%M:%S"),
        (["3 May 2021", "12 Jun 2020"], "%d %b %Y"),
        (["20210103 0830", "20210104 1245", "20220105 2359"], "%Y%m%d %H%M"),
        (["20210103083012", "20210104124500", "20220105235959"], "%Y%m%d%H%M%S"),
    ],
)
def test_dates(texts, form):
    assert date_format(texts) == form
    assert read_texts(texts).kind == DATE_TEXT


@pytest.mark.parametrize(
    "texts",
    [["31.12.2023", "2023-01-02"], ["13/13/2023", "1/2/2023"], ["1.2.3", "1.2.4"], [], ["", " "], ["2021-13-45"]],
)
def test_no_dates(texts):
    found = read_texts(texts)
    assert found is None or found.kind != DATE_TEXT


@pytest.mark.parametrize(
    "texts",
    [
        ["a", "b"],
        ["v1", "v2"],
        ["1.5", "2.5"],
        ["1", "2"],
        ["12 boxes", "3 boxes"],
        ["1,5", "2.5"],
        ["3rd", "2nd"],
        ["5"],
    ],
)
def test_words_and_plain_numbers_are_neither(texts):
    assert read_texts(texts) is None


def test_codes_with_zeros_in_front_are_no_numbers():
    assert read_texts(["030", "040", "0711", "89"]).kind == CODE
    assert read_texts(["30", "40"]) is None


@pytest.mark.parametrize(
    "form",
    ["%b %d, %Y", "%B %d, %Y", "%d.%m.%y", "%m/%d/%Y %I:%M %p", "%A, %d %B %Y", "%d. %B %Y", "%d-%b-%Y", "%Y%m%d",
     "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"],
)  # fmt: skip
def test_dates_as_people_write_them(form):
    days = pd.date_range("2021-01-01 09:30", periods=400, freq="27h")
    found = read_texts(list(days.strftime(form)))
    assert found.kind == DATE_TEXT
    assert found.how == form
    assert found.lowest == pytest.approx(days[0].floor("D").timestamp(), abs=86_400)


@pytest.mark.parametrize("text", ["2999-12-31", "0001-01-01", "9999-12-31"])
def test_dates_without_end_are_dates(text):
    assert read_texts(["2020-05-17", text]).kind == DATE_TEXT


@pytest.mark.parametrize(
    ("texts", "lowest"),
    [(["12 km", "7 km"], 7), (["70kg", "81kg"], 70), (["12.50-", "3.00"], -12.5), (["(12.50)", "3.00"], -12.5)],
)
def test_units_brackets_and_a_minus_behind_are_amounts(texts, lowest):
    found = read_texts(texts)
    assert (found.kind, found.lowest) == (AMOUNT, lowest)


@pytest.mark.parametrize("texts", [["12a", "7b"], ["(12", "13"], ["1-2", "3-4"], ["20211399", "20211301", "20210001"]])
def test_words_with_numbers_are_words(texts):
    assert read_texts(texts) is None
