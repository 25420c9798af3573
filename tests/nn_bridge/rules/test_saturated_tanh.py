from nn_bridge.rules.saturated_tanh import SaturatedTanh
from tests.nn_bridge.nets_of import saturation_cases
from treedebug.testing import rule_test

test_saturated_tanh = rule_test(
    SaturatedTanh(),
    **saturation_cases("tanh", other="sigmoid"),
)
