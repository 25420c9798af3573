from dataclasses import replace

from nn_bridge.record.network_facts import LayerFacts
from nn_bridge.rules.unmasked_padding import UnmaskedPadding
from tests.nn_bridge.nets_of import BARE, facts, loss, matrix, net
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile, TokenProfile
from treedebug.testing import rule_test


def language(share=0.6, common=0, common_share=0.6, n_classes=50, **of_loss):
    """A net that embeds 50 tokens, of which token 0 fills this share of the sequences."""
    usual = facts()
    table = matrix("embed.weight", 50, 16)
    known = replace(
        usual,
        layers=(LayerFacts(name="embed", type="Embedding", is_weighted=False), *usual.layers),
        params=(table, *usual.params),
        loss=loss(n_classes=n_classes, common_target=common, common_share=common_share, **of_loss),
    )
    run = net(net_facts=known)
    tokens = TokenProfile(
        column="input", token=0, n_sequences=300, n_elements=3000, n_of_token=int(3000 * share), mean_share=share,
        n_over=(0,) * 10,
    )  # fmt: skip
    profile = DataProfile(name="train", engine="torch", n_rows=300, sample_size=300, tokens=(tokens,))
    run.add_stream(DataSets, DataSets(profile))
    return run


test_unmasked_padding = rule_test(
    UnmaskedPadding(),
    fires={"three fifths": (language(), {"token": 0, "share": 0.6})},
    silent={
        "it is ignored": language(ignored_target=0),
        "another token is commonest": language(common=3),
        "a fifth": language(share=0.2, common_share=0.2),
    },
    skipped={"no network": BARE, "classes, not tokens": language(n_classes=4)},
)
