"""Security of the page: secret, hosts, origins, sizes."""

from types import SimpleNamespace

import pytest

from alcli.annotation.web import security as guarding
from alcli.annotation.web.security import FailedSecrets, SecurityMiddleware
from tests.annotation.web.asgi import call

SECRET = "a-secret-of-some-length"
RIGHT = {"authorization": f"Bearer {SECRET}"}


@pytest.fixture
def seen():
    return []


@pytest.fixture
def guard(seen):
    async def app(scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        seen.append((scope["path"], body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"in"})

    return SecurityMiddleware(app, SECRET, ["Label.Example"])


def test_only_the_right_secret_is_accepted(guard, seen):
    assert call(guard, "/api/next", b"{}", headers=RIGHT).body == b"in"
    for wrong in ("", SECRET, "Bearer ", f"Bearer {SECRET}x", f"Bearer {SECRET[:-1]}"):
        found = call(guard, "/api/next", b"{}", headers={"authorization": wrong})
        assert found.status == 401
        assert "open the link" in found.json()["error"]
    assert call(guard, "/api/next", b"{}", headers={"authorization": "é"}).status == 401
    assert seen == [("/api/next", b"{}")]


@pytest.mark.parametrize("name", ["Bureau", "bureau.local", "bureau.lan"])
def test_only_own_host_names_are_accepted(name, monkeypatch):
    monkeypatch.setattr(guarding.socket, "gethostname", lambda: name)

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    guard = SecurityMiddleware(app, SECRET)
    mdns = ("bureau.local", "BUREAU.local:80", "bureau.local.")
    for own in (name, "bureau", *mdns):
        assert call(guard, "/", headers={"host": own}).status == 200, own
    for address in ("localhost:80", "127.0.0.1", "192.168.1.9:8000", "[fe80::1]:80"):
        assert call(guard, "/", headers={"host": address}).status == 200, address
    for strange in ("evil.com", "bureau.evil.com", "local", ".local", "x.local", "."):
        assert call(guard, "/", headers={"host": strange}).status == 421, strange


def test_the_page_needs_no_secret(guard):
    assert call(guard, "/").status == 200


@pytest.fixture
def now(monkeypatch):
    """Return the time for the guard, in a list."""
    now = [1000.0]
    monkeypatch.setattr(guarding, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_many_wrong_secrets_are_limited_by_address(guard, seen, now):
    wrong = {"authorization": "Bearer wrong"}
    found = [call(guard, "/api/next", b"{}", headers=wrong) for _ in range(1000)]
    assert [response.status for response in found] == [401] * 10 + [429] * 990
    assert found[-1].headers["retry-after"] == "60"
    assert call(guard, "/api/next", b"{}", headers=RIGHT).status == 200
    other = call(guard, "/api/next", b"{}", headers=wrong, client="10.0.0.7")
    assert other.status == 401
    assert len(seen) == 1


def test_wrong_secrets_expire(now):
    wrong = FailedSecrets(some=3, seconds=6)
    assert [wrong.is_blocked("a") for _ in range(5)] == [False] * 3 + [True] * 2
    now[0] += 6.1
    assert [wrong.is_blocked("a") for _ in range(2)] == [False, True]
    now[0] += 1000
    assert [wrong.is_blocked("a") for _ in range(4)] == [False] * 3 + [True]


def test_the_number_of_stored_addresses_is_limited():
    wrong = FailedSecrets(kept=50)
    for number in range(1000):
        wrong.is_blocked(str(number))
    assert len(wrong._until) == 50


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:5000", 200),
        ("127.0.0.1", 200),
        ("192.168.1.5:80", 200),  # an address cannot be bound to another one
        ("[::1]:5000", 200),
        ("localhost:8080", 200),  # through ssh -L
        ("LOCALHOST", 200),
        ("label.example:5000", 200),  # --host
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:5000", 421),
        ("[evil", 421),
        ("", 421),
    ],
)
def test_requests_for_other_hosts_are_refused(guard, host, status):
    assert call(guard, "/", headers={"host": host}).status == status
    found = call(guard, "/api/next", b"{}", headers=RIGHT | {"host": host})
    assert found.status == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:5000", 200),
        ("https://127.0.0.1:5000", 200),  # behind somebody's TLS
        ("http://127.0.0.1:5001", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_requests_of_other_sites_are_refused_even_with_the_secret(
    guard, origin, status
):
    found = call(guard, "/api/next", b"{}", headers=RIGHT | {"origin": origin})
    assert found.status == status


def test_a_large_body_is_read_and_refused(guard, seen):
    small = call(guard, "/api/next", b"x" * guarding.BODY, headers=RIGHT)
    assert small.status == 200
    for headers in (RIGHT, {}):
        large = call(guard, "/api/next", b"x" * 10_000_000, headers=headers, parts=100)
        assert large.status == 413
        assert large.headers["connection"] == "close"
        assert large.unread == 0  # or the sender would not hear why
    assert call(guard, "/", b"x" * (guarding.BODY + 1)).status == 413
    endless = RIGHT | {"content-length": "99999999999"}
    found = call(guard, "/api/next", b"xxxxx", headers=endless, parts=5)
    assert (found.status, found.unread) == (413, 5)
    assert [len(body) for _, body in seen] == [guarding.BODY]


@pytest.mark.parametrize(
    "headers",
    [
        {"content-length": "", "transfer-encoding": "chunked"},
        {"transfer-encoding": "chunked"},
        {"content-length": ""},
        {"content-length": "-1"},
        {"content-length": "x"},
    ],
)
def test_a_body_of_unknown_length_is_refused(guard, seen, headers):
    assert call(guard, "/api/next", b"{}", headers=RIGHT | headers).status == 411
    assert not seen


def test_every_response_has_the_headers(guard):
    refused = {"authorization": "Bearer wrong"}
    for headers in (RIGHT, refused, {"host": "evil"}, {"content-length": "99999999"}):
        found = call(guard, "/api/next", b"{}", headers=headers).headers
        assert found["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            "connect-src 'self'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        assert found["cache-control"] == "no-store"
        assert found["referrer-policy"] == "no-referrer"
        assert found["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in found
