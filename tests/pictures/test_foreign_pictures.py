"""Pictures of another package's runs come by its entry points; those of boosters ask nobody."""

from treedebug.core.run.run_data import Header, RunData
from treedebug.pictures.evidence_marks import PLACES
from treedebug.pictures.foreign_pictures import foreign_pictures, is_foreign, places_of
from treedebug.pictures.picture import NoPicture, Picture


def test_a_booster_s_run_has_none():
    run = RunData(Header(library="xgboost"))
    assert not is_foreign(run)
    assert foreign_pictures(run) == {}
    assert places_of(run) == PLACES


def test_a_network_s_run_has_those_of_nn_bridge():
    run = RunData(Header(library="torch"))
    found = foreign_pictures(run)
    assert {"layer_norms", "activation_shares"} <= set(found)
    assert all(isinstance(p, Picture | NoPicture) for p in found.values())
    assert [p.picture for p in places_of(run)["dead-relu"]] == ["activation_shares"]
