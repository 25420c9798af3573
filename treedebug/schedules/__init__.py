"""Learning-rate schedules, as plain objects: `rate(t)`, `observe(value)`, `state_dict`, `history`."""

from treedebug.schedules.boosters.rollback import Rollback
from treedebug.schedules.comparing.compare import Outcome, ScheduleComparison, compare
from treedebug.schedules.control.greedy import GreedyLR
from treedebug.schedules.control.phases import FinalDecay, Warmup
from treedebug.schedules.control.plateau import ReduceOnPlateau
from treedebug.schedules.forms.automatic import AutomaticRate
from treedebug.schedules.forms.shaped import REX, WSD, Cosine, OneCycle
from treedebug.schedules.forms.simple import Constant, Exponential, Linear, Polynomial, Step
from treedebug.schedules.learning.learn import learn
from treedebug.schedules.learning.learned import LearnedSchedule
from treedebug.schedules.learning.policy import Policy
from treedebug.schedules.schedule import RateChange, Schedule

__all__ = [
    "REX",
    "WSD",
    "AutomaticRate",
    "Constant",
    "Cosine",
    "Exponential",
    "FinalDecay",
    "GreedyLR",
    "LearnedSchedule",
    "Linear",
    "OneCycle",
    "Outcome",
    "Policy",
    "Polynomial",
    "RateChange",
    "ReduceOnPlateau",
    "Rollback",
    "Schedule",
    "ScheduleComparison",
    "Step",
    "Warmup",
    "compare",
    "learn",
]
