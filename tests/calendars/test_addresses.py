"""Which addresses a calendar may be asked for at, and which would lead inside."""

import socket
from ipaddress import ip_address

import pytest

from singleuse_app.calendars.addresses import Allowed, is_public, judge, parse_address
from singleuse_app.calendars.fetching import fetch, resolve
from singleuse_app.calendars.problems import FeedProblem
from tests.harness.feed_server import EMPTY, leading_to, serving

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2002:c0a8:101::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]

OTHER_WAYS_TO_SAY_HERE = [
    "localhost",
    "localhost.",
    "LOCALHOST",
    "127.1",
    "2130706433",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7f000001",
    "0",
    "127.0.0.1.",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "example.org@127.0.0.1",
    "example.org:80@127.0.0.1",
    "example.org%2F@127.0.0.1",
]


def code_of(url: str, addresses: list[str], *allowed: str) -> str:
    try:
        judge(parse_address(url), addresses, Allowed(allowed))
    except FeedProblem as problem:
        return problem.code
    return ""


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_public(address: str) -> None:
    assert not is_public(ip_address(address))
    assert code_of("https://example.org/", [address]) == "feed_address_private"
    assert code_of("https://example.org/", [PUBLIC[0], address]) == "feed_address_private"


@pytest.mark.parametrize("address", PUBLIC)
def test_control_public_addresses_are(address: str) -> None:
    assert is_public(ip_address(address))
    assert code_of("https://example.org/", [address]) == ""


def test_an_operator_lets_names_and_networks_through() -> None:
    lan = "http://cloud.lan:8080/x"
    assert code_of(lan, ["192.168.1.5"]) == "feed_address_private"
    assert code_of(lan, ["192.168.1.5"], "other.lan", "192.168.2.0/24") == "feed_address_private"
    assert code_of(lan, ["192.168.1.5"], "Cloud.LAN.") == ""
    assert code_of(lan, ["192.168.1.5"], "192.168.1.0/24") == ""
    assert code_of(lan, ["192.168.1.5", "10.0.0.1"], "192.168.1.0/24") == "feed_address_private"
    assert code_of("http://[fd00::1]/x", ["fd00::1"], "fd00::/8") == ""
    assert code_of("http://notcloud.lan/x", ["192.168.1.5"], "cloud.lan") == "feed_address_private"


def test_only_the_usual_ports_are_asked_on_the_internet() -> None:
    for port, code in ((80, ""), (443, ""), (22, "feed_port"), (8080, "feed_port"), (6379, "feed_port")):
        assert code_of(f"https://example.org:{port}/x", ["8.8.8.8"]) == code
        assert code_of(f"https://example.org:{port}/x", ["8.8.8.8"], "example.org") == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/basic.ics",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "ftp://example.org/x.ics",
        "javascript:alert(1)",
        "data:text/calendar,BEGIN:VCALENDAR",
        "https://",
        "https:///x.ics",
        "https://exam ple.org/x",
        "https://example.org/x\r\nX-Evil: 1",
        "https://example.org/\tx",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://[::1/",
        "https://[fe80::1%25lo]/",
        "https://exa%6dple.org/",
        "https://example.org\\@127.0.0.1/",
        "https://" + "a" * 64 + ".org/",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_what_is_no_address_of_a_calendar_is_refused(url: str) -> None:
    with pytest.raises(FeedProblem) as problem:
        parse_address(url)
    assert problem.value.code == "feed_address_malformed"
    assert "example" not in str(problem.value)


def test_an_address_is_read_as_calendars_hand_it_out() -> None:
    assert parse_address("webcal://Example.org./a?b=c#d").url == "https://example.org/a?b=c"
    assert parse_address("WEBCALS://example.org").url == "https://example.org/"
    assert (
        parse_address("https://kalender.müller.example/ä.ics").url
        == "https://kalender.xn--mller-kva.example/%C3%A4.ics"
    )
    assert parse_address("https://ada:s%3Acret@example.org/x").credentials == "ada:s:cret"
    assert "ada" not in parse_address("https://ada:secret@example.org/x").url


@pytest.mark.parametrize("host", OTHER_WAYS_TO_SAY_HERE)
def test_no_way_to_say_this_computer_is_let_through(host: str) -> None:
    """Each is tried on a server that stands there and would answer; the control shows that it does."""
    with serving() as server:
        url = server.url(host=host)
        with pytest.raises(FeedProblem) as problem:
            fetch(url)
        assert problem.value.code == "feed_address_private"
        assert server.asked == []
        assert fetch(url, allowed=Allowed(["0.0.0.0/8", "127.0.0.0/8", "::1", "::ffff:0:0/96"])).body == EMPTY


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_judged_like_the_first_address(status: int) -> None:
    with serving() as inside, serving(leading_to(inside.url(), inside.url(), status=status)) as outside:

        def names(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        outside_alone = Allowed(["public.example"])
        url = outside.url(host="public.example")
        with pytest.raises(FeedProblem) as problem:
            fetch(url, allowed=outside_alone, resolve=names)
        assert problem.value.code == "feed_address_private"
        assert (len(outside.asked), inside.asked) == (1, [])
        assert fetch(url, allowed=Allowed(["127.0.0.0/8"]), resolve=names).body == EMPTY
        assert len(inside.asked) == 1


def test_a_name_that_stands_for_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        real = socket.getaddrinfo

        def name_server(host: str, *args: object, **named: object) -> object:
            return real("127.0.0.1" if host == "inside.example" else host, *args, **named)  # ty: ignore

        monkeypatch.setattr(socket, "getaddrinfo", name_server)
        assert resolve("inside.example", 80) == ["127.0.0.1"]
        with pytest.raises(FeedProblem) as problem:
            fetch(server.url(host="inside.example"))
        assert (problem.value.code, server.asked) == ("feed_address_private", [])
        assert fetch(server.url(host="inside.example"), allowed=Allowed(["127.0.0.1"])).body == EMPTY


def test_a_name_that_means_something_else_a_moment_later_leads_nowhere_else() -> None:
    """DNS rebinding: the name server says a public address first and a private one from then on."""
    with serving() as server:
        answers = iter([["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]])
        asked: list[str] = []

        def names(host: str, port: int) -> list[str]:
            asked.append(host)
            return next(answers)

        url = server.url(host="rebinding.example")
        with pytest.raises(FeedProblem):  # nobody answers at the public one, and the private one is not tried
            fetch(url, allowed=Allowed(["rebinding.example"]), resolve=names, seconds=0.5)
        assert (asked, server.asked) == (["rebinding.example"], [])
        assert fetch(url, allowed=Allowed(["rebinding.example"]), resolve=names).body == EMPTY, "control"
