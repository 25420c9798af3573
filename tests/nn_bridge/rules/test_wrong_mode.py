from nn_bridge.record.network_facts import LayerFacts
from nn_bridge.rules.wrong_mode import WrongMode
from tests.nn_bridge.nets_of import BARE, facts, net
from treedebug.testing import rule_test

DROPPED = facts(
    layers=(*facts().layers, LayerFacts(name="drop", type="Dropout", is_weighted=False, settings={"p": 0.2}))
)
UNUSED = facts(
    layers=(*facts().layers, LayerFacts(name="drop", type="Dropout", is_weighted=False, settings={"p": 0.0}))
)
TRAINS, EVALUATES = ("", "mode", "eval_mode_share"), ("", "mode", "train_mode_share")

test_wrong_mode = rule_test(
    WrongMode(),
    fires={
        "train() is missing": (
            net({TRAINS: [0.0] * 8 + [1.0] * 12}, net_facts=DROPPED),
            {"n_rounds": 3, "layers": ["drop"]},
        ),
        "eval() is missing": (
            net({EVALUATES: [float("nan")] * 4 + [1.0] * 16}, net_facts=DROPPED),
            {"n_rounds": 4, "share": 1.0},
        ),
    },
    silent={
        "no layer differs": net({TRAINS: 1.0}),
        "a dropout of zero": net({TRAINS: 1.0}, net_facts=UNUSED),
        "one round": net({TRAINS: [1.0] * 4 + [0.0] * 16}, net_facts=DROPPED),
        "half of the passes": net({EVALUATES: 0.5}, net_facts=DROPPED),
    },
    skipped={"no network": BARE, "modes unknown": net({TRAINS: None, EVALUATES: None})},
)
