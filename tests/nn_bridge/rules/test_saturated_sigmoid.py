from nn_bridge.rules.saturated_sigmoid import SaturatedSigmoid
from tests.nn_bridge.nets_of import saturation_cases
from treedebug.testing import rule_test

test_saturated_sigmoid = rule_test(
    SaturatedSigmoid(),
    **saturation_cases("sigmoid", other="tanh"),
)
