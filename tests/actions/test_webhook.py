"""Webhook, against a real server that answers well, badly, late, or not at all."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest

from tests.actions.server import serving
from treedebug import Webhook
from treedebug.actions import webhook
from treedebug.actions.message import make_message
from treedebug.actions.sending_action import DeliveryError
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding, Severity
from treedebug.testing.builders import rounds

FINDING = Finding(
    code="CV102", name="overtraining", severity=Severity.WARNING, message="wasted", evidence={"x": float("nan")}
)


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("TREEDEBUG_WEBHOOK_SECRET", "s3cret")
    monkeypatch.setattr(webhook, "_FIRST_PAUSE", 0.02)


def send(server, path="/hook/t0ken?k=v4lue", **kwargs):
    action = Webhook(f"http://127.0.0.1:{server.server_port}{path}", **kwargs)
    return action.deliver(make_message(rounds(5), [FINDING]))


def test_signed_json_arrives():
    with serving(200) as server:
        assert send(server) == "answered 200"
    ((path, headers, body, _),) = server.got
    assert path == "/hook/t0ken?k=v4lue"
    seconds, signature = (part.partition("=")[2] for part in headers["X-Treedebug-Signature"].split(","))
    assert abs(time.time() - int(seconds)) < 60
    assert signature == hmac.new(b"s3cret", f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    said = json.loads(body, parse_constant=lambda token: pytest.fail(f"{token} is no JSON"))
    assert said["findings"][0]["code"] == "CV102"
    assert said["findings"][0]["evidence"] == {"x": "NaN"}
    assert said["run"]["n_rounds"] == 5


def test_unsigned_only_if_asked():
    with serving(204) as server:
        send(server, secret=None)
    assert "X-Treedebug-Signature" not in server.got[0][1]


@pytest.mark.parametrize("first", [500, 503, 429, "cut"])
def test_tries_again_with_growing_pauses(first):
    with serving(first, first, 200) as server:
        assert send(server) == "answered 200 at try 3"
    times = [at for *_, at in server.got]
    assert times[2] - times[1] > times[1] - times[0]
    assert len({headers["X-Treedebug-Delivery"] for _, headers, *_ in server.got}) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_what_will_not_change_is_not_tried_again(status):
    with serving(status) as server, pytest.raises(DeliveryError, match=f"answered {status} after 1 try"):
        send(server)
    assert len(server.got) == 1


@pytest.mark.parametrize("answer", ["hang", "drip"])
def test_the_deadline_holds(answer):
    with serving(answer) as server, pytest.raises(DeliveryError) as error:  # the server would go on for half a minute
        send(server, deadline=0.5)
    assert "t0ken" not in str(error.value)
    assert "127.0.0.1" not in str(error.value)


def test_gives_up_after_the_retries():
    with serving(500) as server, pytest.raises(DeliveryError, match="answered 500 after 3 tries"):
        send(server, retries=2)


def test_a_server_that_is_not_there():
    with serving(200) as server:
        port = server.server_port
    action = Webhook(f"http://127.0.0.1:{port}/t0ken", retries=1)
    with pytest.raises(DeliveryError, match="ConnectionRefusedError after 2 tries"):
        action.deliver(make_message(rounds(5), [FINDING]))


def test_the_address_may_come_from_the_environment(monkeypatch):
    with serving(200) as server:
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{server.server_port}/x")
        assert Webhook("$HOOK").deliver(make_message(rounds(5), [FINDING])) == "answered 200"
    monkeypatch.delenv("HOOK")
    with pytest.raises(DeliveryError, match="variable HOOK is not set"):
        Webhook("$HOOK").deliver(make_message(rounds(5), [FINDING]))


@pytest.mark.parametrize("url", ["", "ftp://x/y", "example.org", "http://", "http://x:99999/", 5, None, "$1x"])
def test_addresses_it_does_not_take(url):
    with pytest.raises(ConfigError, match="takes an http or https URL") as error:
        Webhook(url)
    assert "99999" not in str(error.value)


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"secret": "NOT_SET"}, "NOT_SET, which is not set"),
        ({"retries": -1}, "retries"),
        ({"deadline": 0}, "deadline"),
        ({"every": -1}, "every"),
        ({"once": "yes"}, "once"),
        ({"on": "CV102"}, "takes a list"),
    ],
)
def test_settings_it_does_not_take(kwargs, says):
    with pytest.raises(ConfigError, match=says):
        Webhook("http://example.org", **kwargs)


def test_reads_without_its_address():
    assert repr(Webhook("https://u:pw@example.org/t0ken")) == "Webhook(on=['warning'])"
