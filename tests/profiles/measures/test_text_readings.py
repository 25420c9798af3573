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
    [["a", "b"], ["v1", "v2"], ["1.5", "2.5"], ["1", "2"], ["12 kg", "3 kg"], ["1,5", "2.5"], ["3rd", "2nd"], ["5"]],
)
def test_words_and_plain_numbers_are_neither(texts):
    assert read_texts(texts) is None


def test_codes_with_zeros_in_front_are_no_numbers():
    assert read_texts(["030", "040", "0711", "89"]).kind == CODE
    assert read_texts(["30", "40"]) is None
