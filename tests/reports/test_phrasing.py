from treedebug.core.findings import Change
from treedebug.reports.phrasing import change_text, codes_text


def test_codes_that_follow_each_other_are_told_by_the_first_and_the_last():
    codes = [f"DA6{n:02}" for n in range(1, 22)] + ["DA623", "DA624", "CV101", "HP501"]
    assert codes_text(codes) == "CV101, DA601 to DA621, DA623, DA624, HP501"
    assert codes_text(["CV101", "CV102", "CL401"]) == "CL401, CV101, CV102"


def test_long_lists_are_told_by_their_beginning():
    assert change_text(Change("drop", ["a", "b"])) == "drop=['a', 'b']"
    assert change_text(Change("drop", [f"c{i}" for i in range(9)])) == "drop=['c0', 'c1', 'c2', 'c3', ... 9 in all]"
