"""Who may ask the live page, under which name, and what no answer lacks."""

import pytest

from tests.live.asking import ask
from treedebug.live.gate import HEADERS, Gate, is_loopback, new_token

KNOWN = "of-this-server-only"
EVERYWHERE = ".".join("0000")


async def page(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"secret runs"})


LOCAL = Gate(page, host="127.0.0.1", port=8764)
OPEN = Gate(page, host=EVERYWHERE, port=8764, token=KNOWN)


@pytest.mark.parametrize("host", ["127.0.0.1:8764", "localhost:8764", "localhost", "[::1]:8764", "LOCALHOST.:8764"])
def test_this_machine_is_let_in(host):
    assert ask(LOCAL, "/", host=host)[::2] == (200, "secret runs")


def test_another_address_of_this_machine_goes_by_its_name():
    assert ask(Gate(page, host="127.0.0.2"), "/", host="127.0.0.2:1")[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example:8764", "127.0.0.1.evil.example", "localhost.evil.example", "", "10.0.0.7:8764", "a:b:c", "["]
)
def test_a_name_that_was_pointed_here_is_refused(host):
    status, _, text = ask(LOCAL, "/", host=host)
    assert status == 400
    assert "secret" not in text


def test_numbers_are_names_of_an_open_server_and_foreign_names_are_not():
    known = {"cookie": f"treedebug-8764={KNOWN}"}
    assert ask(OPEN, "/", host="10.0.0.7:8764", **known)[0] == 200
    assert ask(OPEN, "/", host="[fe80::1]:8764", **known)[0] == 200
    assert ask(OPEN, "/", host="evil.example", **known)[0] == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_it_is_for_reading_only(method):
    assert ask(LOCAL, "/", method=method)[0] == 405


def test_the_token_becomes_a_cookie_and_leaves_the_address():
    status, headers, text = ask(OPEN, f"/board?run=a&token={KNOWN}&run=b")
    assert (status, headers["location"]) == (303, "/board?run=a&run=b")
    cookie, *how = headers["set-cookie"].split("; ")
    assert how == ["Path=/", "HttpOnly", "SameSite=Lax"]
    assert ask(OPEN, "/board?run=a", cookie=f"other=1; {cookie}")[::2] == (200, "secret runs")
    assert KNOWN not in text


@pytest.mark.parametrize(
    "cookie", ["", "treedebug-8764=", "treedebug-8764=wrong", f"treedebug-1={KNOWN}", "=;;=", "\xe9"]
)
def test_nothing_is_shown_without_the_token(cookie):
    status, _, text = ask(OPEN, "/", cookie=cookie)
    assert status == 401
    assert "secret" not in text
    assert ask(OPEN, "/?token=wrong", cookie=cookie)[0] == 401


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "/a\r\nset-cookie: x=1", "/\u20ac"])
def test_the_way_back_leads_to_this_server_only(path):
    location = ask(OPEN, f"{path}?token={KNOWN}")[1]["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert location.isascii()
    assert "\n" not in location


def test_every_answer_carries_the_policy():
    answers = [ask(LOCAL, "/"), ask(LOCAL, "/", host="x.y"), ask(LOCAL, "/", method="POST"), ask(OPEN, "/")]
    assert [a[0] for a in answers] == [200, 400, 405, 401]
    for _, headers, _ in answers:
        assert HEADERS.items() <= headers.items()
        assert headers["cache-control"] == "no-store"
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["content-security-policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'none'"


def test_tokens_are_random_and_loopback_is_known():
    assert len({new_token() for _ in range(50)}) == 50
    assert len(new_token()) >= 43
    assert all(map(is_loopback, ("127.0.0.1", "127.8.0.1", "::1", "localhost")))
    assert not any(map(is_loopback, (EVERYWHERE, "::", "10.0.0.1", "x")))
