"""Who may ask what: forged hosts, foreign origins, other bodies than JSON are refused, whatever they look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.errors import BusyError, MachineError, UsageError
from tunegate.web.guard import BODY_LIMIT, host_name, refusal
from tunegate.web.server import Listener

WILDCARD = "0.0.0.0"  # noqa: S104 - it is to be refused
HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
GOOD = {
    "host": "localhost:8321",
    "origin": "http://localhost:8321",
    "content-type": "application/json; charset=utf-8",
    "content-length": "2",
}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:1", "LOCALHOST:8321", "127.0.0.1:8321", "[::1]:8321", "[::1]"]
)
def test_our_own_names_are_served_on_any_port(host: str) -> None:
    assert refusal("GET", {"host": host}, HOSTS) is None


@given(st.text())
def test_any_other_host_is_refused(host: str) -> None:
    found = refusal("GET", {"host": host}, HOSTS)
    assert (found is None) == (host_name(host) in HOSTS)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example:8321", "127.0.0.1.nip.io", "evil@localhost", "[::1].evil", WILDCARD],
)
def test_a_rebound_name_is_refused(host: str) -> None:
    found = refusal("GET", {"host": host}, HOSTS)
    assert found is not None
    assert found.status == 421


def test_our_own_page_may_post() -> None:
    assert refusal("POST", GOOD, HOSTS) is None
    assert refusal("POST", {**GOOD, "sec-fetch-site": "same-origin"}, HOSTS) is None


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://localhost:9999"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": ""}, 415),
        ({"content-length": ""}, 411),
        ({"content-length": "-1"}, 411),
        ({"content-length": "²"}, 411),
        ({"content-length": str(BODY_LIMIT + 1)}, 413),
        ({"content-length": "9" * 5000}, 413),
    ],
)
def test_a_post_from_elsewhere_or_of_something_else_is_refused(changed: dict[str, str], status: int) -> None:
    found = refusal("POST", {**GOOD, **changed}, HOSTS)
    assert found is not None
    assert found.status == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get"])
def test_no_other_method(method: str) -> None:
    found = refusal(method, GOOD, HOSTS)
    assert found is not None
    assert found.status == 405


@pytest.mark.parametrize("host", [WILDCARD, "::", "", "*"])
def test_a_wildcard_is_no_host(host: str) -> None:
    with pytest.raises(UsageError, match="name one address"):
        Listener(host, 0)


def test_a_listener_knows_its_names_and_a_taken_port_is_said() -> None:
    listener = Listener("localhost", 0)
    try:
        assert listener.base == f"http://localhost:{listener.port}"
        assert {"localhost", "127.0.0.1"} <= listener.hosts
        assert listener.local
        with pytest.raises(BusyError, match=f"{listener.port} is taken"):
            Listener("localhost", listener.port)
    finally:
        listener.socket.close()


def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(MachineError, match=r"192\.0\.2\.1"):
        Listener("192.0.2.1", 0)
