"""Whose address counts: that of the connection, unless a proxy that is trusted speaks for somebody."""

import pytest

from singleuse_app.peers import client_address, neighbourhood

PROXIES = ("127.0.0.1", "10.0.0.0/24", "fd00::/8")


@pytest.mark.parametrize("trusted", [(), ("10.0.0.0/24",)])
@pytest.mark.parametrize("header", ["6.6.6.6", "127.0.0.1", "6.6.6.6, 7.7.7.7", "::1", "", ",", "x" * 10_000])
def test_what_a_client_says_of_itself_changes_nothing(header: str, trusted: tuple[str, ...]) -> None:
    assert client_address("192.0.2.7", [header], trusted) == "192.0.2.7"
    assert client_address("127.0.0.1", [header], trusted) == "127.0.0.1"


def test_control_who_is_trusted_is_believed() -> None:
    assert client_address("127.0.0.1", ["6.6.6.6"], PROXIES) == "6.6.6.6"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["192.0.2.7"], "192.0.2.7"),
        (["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
        (["6.6.6.6", "192.0.2.7"], "192.0.2.7"),
        (["6.6.6.6, 192.0.2.7, 10.0.0.9"], "192.0.2.7"),
        (["127.0.0.1, 192.0.2.7, 10.0.0.9"], "192.0.2.7"),
        (["10.0.0.3"], "10.0.0.3"),
        (["192.0.2.7:51234"], "192.0.2.7"),
        (["[2001:db8::1]:443"], "2001:db8::1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["::ffff:192.0.2.7"], "192.0.2.7"),
        (["6.6.6.6, unknown"], "127.0.0.1"),
        (["6.6.6.6, "], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
)
def test_the_first_from_the_right_that_is_no_proxy_is_the_client(forwarded: list[str], client: str) -> None:
    assert client_address("127.0.0.1", forwarded, PROXIES) == client
    assert client_address("::ffff:127.0.0.1", forwarded, PROXIES) == client


def test_a_network_with_many_addresses_counts_as_one() -> None:
    assert neighbourhood("2001:db8:1:2:3::1") == neighbourhood("2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert neighbourhood("2001:db8:1:2::1") != neighbourhood("2001:db8:1:3::1")
    assert neighbourhood("192.0.2.7") == neighbourhood("::ffff:192.0.2.7") != neighbourhood("192.0.2.8")
    assert neighbourhood("no address") == "no address"
