from tests.schedules.boosters.runs import recorded
from treedebug.api.boosted_run import Run
from treedebug.api.compare import compare
from treedebug.core.run.rate_log import RateLog
from treedebug.schedules import Constant, FinalDecay, GreedyLR, Linear


def section(*datas):
    report = compare(*(Run(data) for data in datas))
    return {row.name: row.values for row in report.sections.get("schedule", ())}, str(report)


def test_schedules_stand_side_by_side():
    greedy = recorded(FinalDecay(GreedyLR(0.3, patience=0, factor=0.8), end=0.1))
    line = recorded(Linear(0.03, 0.3))
    rows, text = section(greedy, line)
    assert rows["schedule"] == ("FinalDecay of GreedyLR", "Linear")
    assert rows["watched"] == ("valid logloss", None)
    assert rows["factor"] == (0.8, None)
    assert rows["end"] == (0.1, 0.3)
    assert rows["first rate"] == (0.3, 0.03)
    assert rows["last rate"] == (float(greedy.rounds.learning_rate[-1]), 0.3)
    assert rows["rounds with another rate than the one before"][1] == 19
    assert "FinalDecay of" in text


def test_without_schedules_there_is_no_section():
    dataless = recorded(Constant(0.3))
    rows, _ = section(dataless, dataless)
    assert rows["schedule"] == ("Constant", "Constant")
    plain = recorded(Constant(0.3))
    plain.drop_stream(RateLog)
    assert section(plain, plain)[0] == {}
