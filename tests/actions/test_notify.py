"""Notify, through the real apprise, to a real server."""

from __future__ import annotations

import logging

import pytest

apprise = pytest.importorskip("apprise")

import treedebug
from tests.actions.server import serving
from tests.properties.test_live_loaded_replayed import train_xgboost
from treedebug import Notify
from treedebug.core.errors import ConfigError


def findings_sent(server):
    return [body.decode() for _, _, body, _ in server.got]


def everything_below(path):
    return b"".join(p.read_bytes() for p in path.rglob("*") if p.is_file())


@pytest.mark.parametrize("answer", [200, 500])
def test_arrives_or_is_noted_and_no_secret_gets_out(answer, tmp_path, monkeypatch, capsys, caplog):
    caplog.set_level(logging.DEBUG)
    with serving(answer) as server:
        monkeypatch.setenv("TREEDEBUG_NOTIFY", f"json://user:pa55word@127.0.0.1:{server.server_port}/t0ken")
        callback = treedebug.XGBoostCallback(tmp_path / "run", actions=[Notify(on=["warning"])])
        train_xgboost(callback, 60, eta=0.9)
        if answer == 200:
            assert any("HP507" in text for text in findings_sent(server))
    said = [n.message for n in treedebug.load(tmp_path / "run").notes if n.topic == "actions"]
    assert said
    wanted = "apprise reached 1 service" if answer == 200 else "could not reach it"
    assert all(wanted in message for message in said)
    out = capsys.readouterr()
    for text in (out.out, out.err, caplog.text, repr(callback), everything_below(tmp_path).decode("latin-1")):
        assert "pa55word" not in text
        assert "t0ken" not in text


def test_apprises_own_configuration(tmp_path, monkeypatch):
    from treedebug.actions.message import make_message
    from treedebug.core.findings import Finding, Severity
    from treedebug.testing.builders import rounds

    found = Finding(code="CV102", name="n", severity=Severity.WARNING, message="line\r\nBcc: x@y")
    with serving(200) as server:
        config = tmp_path / "apprise.yml"
        address = f"json://127.0.0.1:{server.server_port}"
        config.write_text(f"urls:\n - {address}/a: \n    tag: team\n - {address}/b: \n    tag: other\n")
        run = rounds(5)
        run.header.name = "churn\r\nBcc: everybody@example.org"
        assert Notify(config=config, tag="team").deliver(make_message(run, [found])).startswith("apprise reached")
    assert [path for path, *_ in server.got] == ["/a"]
    assert "\\r" not in findings_sent(server)[0]


def test_it_says_where_addresses_come_from(monkeypatch, tmp_path):
    monkeypatch.delenv("TREEDEBUG_NOTIFY", raising=False)
    with pytest.raises(ConfigError, match="environment variable TREEDEBUG_NOTIFY, which is not set"):
        Notify()
    with pytest.raises(ConfigError, match="there is no file"):
        Notify(config=tmp_path / "none.yml")
    with pytest.raises(ConfigError, match="names an environment variable") as error:
        Notify(variable="mailto://user:pa55word@example.org")
    assert "pa55word" not in str(error.value)


def test_an_address_that_apprise_does_not_know(monkeypatch):
    from treedebug.actions.sending_action import DeliveryError

    monkeypatch.setenv("TREEDEBUG_NOTIFY", "nosuch://pa55word")
    from treedebug.actions.message import make_message
    from treedebug.testing.builders import rounds

    with pytest.raises(DeliveryError, match="knows none of the addresses") as error:
        Notify().deliver(make_message(rounds(3), []))
    assert "pa55word" not in str(error.value)
