"""Data in a page: reads back the same, and cannot end the script it stands in."""

import json

from hypothesis import given
from hypothesis import strategies as st

from treedebug.reports.html.embedding import safe_json

PLAIN = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=10,
)


@given(PLAIN)
def test_it_reads_back_the_same(data):
    assert json.loads(safe_json(data)) == data


@given(st.text(alphabet="<>&/!-\u2028\u2029]script"))
def test_it_holds_nothing_that_means_something_in_a_script(text):
    assert not set(safe_json({text: text})) & set("<>&\u2028\u2029")


def test_what_json_lacks_is_text():
    assert json.loads(safe_json([float("nan"), float("inf")])) == ["NaN", "Infinity"]
