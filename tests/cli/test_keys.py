"""Another key, while the app runs: nothing that was handed out is lost, and every process goes on."""

import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from singleuse_app import clock, db, keys, tokens
from singleuse_app.operations import bookings_feed, calendar_feeds, feed_checks, host_invitations, links, manage_booking
from singleuse_app.operations.found_links import look_at_link
from singleuse_app.operations.manage_booking import AsInvitee
from singleuse_app.scheduling.errors import Refusal
from singleuse_app.settings import settings
from tests.cli.conftest import called, done, refused
from tests.factories import Desk, book, make_link
from tests.harness.databases import Database
from tests.harness.people import HostAtHome, ask
from tests.harness.project import ROOT, environment
from tests.harness.server import Server
from tests.harness.socket_client import SocketClient

FEED = "https://calendar.example.org/private-1/basic.ics"
LINE = re.compile(r"^(k\d+) [0-9a-f]{64}$", re.MULTILINE)


def lines(path: Path) -> list[str]:
    return LINE.findall(path.read_text())


def take_out(path: Path, kid: str) -> None:
    """An operator with an editor."""
    path.write_text(re.sub(rf"^{kid} .*\n", "", path.read_text(), flags=re.MULTILINE))


def test_what_was_made_with_the_former_key_stays_good(desk: Desk) -> None:
    now = clock.now()
    link, used = make_link(desk, now=now), make_link(desk, now=now)
    booking = book(used, now=now)
    manage = manage_booking.manage_token(booking_id=booking.booking_id)
    feed = bookings_feed.feed_token(host_id=desk.host_id, now=now)
    invitation = host_invitations.invite_host(host_id=desk.host_id, now=now)
    calendar_feeds.add_feed(host_id=desk.host_id, name="Work", url=FEED, now=now)
    told = done("key", "rotate")
    assert "another key, k2" in told
    assert lines(settings().key_file) == ["k1", "k2"]
    assert tokens.current_kid() == "k2"
    assert look_at_link(token=link.token, now=now)
    assert links.copy_link(host_id=desk.host_id, link_id=link.id, now=now) == link
    assert manage_booking.open_booking(who=AsInvitee(manage)).booking_id == booking.booking_id
    assert manage_booking.manage_token(booking_id=booking.booking_id) == manage
    assert bookings_feed.feed_token(host_id=desk.host_id, now=now) == feed
    assert bookings_feed.read_feed(token=feed, now=now).host_name == "Grace Host"
    assert host_invitations.look_at_invitation(token=invitation, now=now)
    [claimed] = feed_checks.claim_due(now=now, at_most=9)
    assert claimed.url == FEED
    fresh = make_link(desk, now=now)
    assert look_at_link(token=fresh.token, now=now)
    assert done("doctor")


def test_what_no_row_names_is_known_by_any_key(desk: Desk) -> None:
    booking = book(make_link(desk))
    key = manage_booking.parse_id(manage_booking.BOOKING, booking.booking_id)
    file, browser, code = (
        tokens.derive_current(tokens.CALENDAR_FILE, key),
        tokens.blind("a browser"),
        tokens.set_up_code(),
    )
    done("key", "rotate")
    assert tokens.derive_current(tokens.CALENDAR_FILE, key) != file
    assert tokens.blind("a browser") != browser
    assert tokens.set_up_code() != code

    def known() -> tuple[bool, bool, bool]:
        file_is = tokens.is_derived(file, tokens.CALENDAR_FILE, key)
        return file_is, tokens.is_blind(browser, "a browser"), tokens.is_set_up_code(code)

    assert known() == (True, True, True)
    take_out(settings().key_file, "k1")
    assert known() == (False, False, False), "the control"


def test_a_link_whose_key_is_gone_opens_and_is_not_copied(desk: Desk) -> None:
    now = clock.now()
    link = make_link(desk, now=now)
    done("key", "rotate")
    take_out(settings().key_file, "k1")
    with pytest.raises(Refusal) as no:
        links.copy_link(host_id=desk.host_id, link_id=link.id, now=now)
    assert no.value.code == "link_key_missing"
    assert look_at_link(token=link.token, now=now)
    assert "k1\tmissing\tlinks: 1" in done("key", "list")
    assert "lacks k1" in called("doctor").output


def test_what_needs_a_key_is_counted_and_the_key_is_not_shown(desk: Desk) -> None:
    now = clock.now()
    book(make_link(desk, now=now), now=now)
    make_link(desk, now=now)
    calendar_feeds.add_feed(host_id=desk.host_id, name="Work", url=FEED, now=now)
    done("key", "rotate")
    make_link(desk, now=now)
    assert done("key", "list") == ("k1\tformer\tlinks: 1, bookings: 1, calendar addresses: 1\nk2\tcurrent\tlinks: 1\n")


def test_a_name_that_any_row_knows_is_never_given_to_another_key(desk: Desk) -> None:
    done("key", "rotate")
    book(make_link(desk))  # with k2
    take_out(settings().key_file, "k2")
    done("key", "rotate")
    assert lines(settings().key_file) == ["k1", "k3"]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_backup_has_all_keys_and_one_from_before_brings_its_own_back(desk: Desk, tmp_path: Path) -> None:
    now = clock.now()
    before, after = tmp_path / "before.db", tmp_path / "after.db"
    link = make_link(desk, now=now)
    done("backup", before, "--with-key")
    done("key", "rotate")
    make_link(desk, now=now)
    done("backup", after, "--with-key")
    assert [lines(Path(f"{file}.key")) for file in (before, after)] == [["k1"], ["k1", "k2"]]
    for file, current in ((before, "k1"), (after, "k2")):
        done("restore", file, "--with-key", "--keep-links-open")
        assert tokens.current_kid() == current
        assert links.copy_link(host_id=desk.host_id, link_id=link.id, now=now) == link
        done("doctor")


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_it_stays_with_its_owner_alone_whatever_the_umask(database: Database, mode: int) -> None:
    path = settings().key_file
    path.chmod(mode)
    old = os.umask(0)
    try:
        done("key", "rotate")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.glob(f"{path.name}*")] == [path.name]


def test_a_process_that_reads_one_that_others_may_read_too_says_so(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for mode, said in ((0o600, 0), (0o640, 1), (0o604, 2), (0o600, 2)):
        settings().key_file.chmod(mode)
        for _ in range(3):
            tokens.current_kid()
        assert len([line for line in caplog.messages if "Others on this computer may read" in line]) == said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_it_stays_the_apps_when_the_administrator_rotates(database: Database) -> None:
    path = settings().key_file
    os.chown(path, 12345, 23456)
    done("key", "rotate")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)
    os.chown(path, 0, 0)


def test_a_link_to_the_key_file_stays_one(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "linked.key"
    link.symlink_to(database.key_file)
    monkeypatch.setenv("SECRET_KEY_FILE", str(link))
    done("key", "rotate")
    assert link.is_symlink()
    assert lines(database.key_file) == ["k1", "k2"]


def test_where_there_is_none_or_it_is_something_else_it_says_so(database: Database) -> None:
    path = settings().key_file
    path.write_text("something else entirely\n")
    tokens.forget()
    for command in ("rotate", "list"):
        said = refused("key", command)
        assert f"{path} is no key file" in said
        assert "else" not in said.replace(str(path), "")
    assert path.read_text() == "something else entirely\n"
    path.unlink()
    assert "There is no key file" in refused("key", "rotate")
    assert not path.exists()


def test_a_process_keeps_what_it_knows_while_the_file_cannot_be_read(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    path, link = settings().key_file, make_link(desk)
    content = path.read_text()
    for spoil in (lambda: path.write_text("k1 half of i"), path.unlink, lambda: path.write_text("")):
        spoil()
        for _ in range(3):
            assert make_link(desk).token
    assert 1 <= len([line for line in caplog.messages if "cannot be read" in line]) <= 2
    path.write_text(content)
    assert links.copy_link(host_id=desk.host_id, link_id=link.id, now=clock.now()) == link


ROTATE = """import sys
from pathlib import Path
from singleuse_app import keys
for _ in range(5):
    keys.add_key(Path(sys.argv[1]))
"""


def rotating(path: Path) -> subprocess.Popen[bytes]:
    """Another process, which adds five keys."""
    return subprocess.Popen([sys.executable, "-c", ROTATE, path], env=environment(), cwd=ROOT)


def test_of_processes_that_rotate_at_once_each_adds_a_key(tmp_path: Path) -> None:
    path = tmp_path / "singleuse.key"
    keys.keys_in(path)
    processes = [rotating(path) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert lines(path) == [f"k{number}" for number in range(1, 17)]
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_while_one_rotates_others_make_links_and_none_is_lost(desk: Desk) -> None:
    """Another process rotates, so the threads of this one have to notice by themselves."""
    now, made, over = clock.now(), [], threading.Event()

    def make() -> None:
        while not over.is_set():
            made.append(make_link(desk, now=now))

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert rotating(settings().key_file).wait(60) == 0
    over.set()
    for thread in threads:
        thread.join()
    assert tokens.current_kid() == "k6"
    make_link(desk, now=now)
    with db.reading() as session:
        used = {kid for (kid,) in session.connection().exec_driver_sql("SELECT DISTINCT kid FROM scheduling_link")}
    assert {"k1", "k6"} <= used
    for link in made:
        assert links.copy_link(host_id=desk.host_id, link_id=link.id, now=now) == link


async def booked(server: Server, link: str) -> tuple[str, str]:
    """Book with a link; the addresses of the calendar file and of the booking's page."""
    async with SocketClient(server.url, f"/book/{link}", params={"token": link}) as tab:
        await tab.until(lambda tab: tab.value("booking_state.view") == "choose")
        start = tab.value("booking_state.choice")["times"][-1]["times"][-1]["value"]
        form = {"name": "Ada", "email": "ada@example.org", "time": start}
        await tab.fire("booking_state.book", {"form": form})
        await tab.until(lambda tab: tab.value("booking_state.view") == "booked")
        told = "".join(tab.frames)
    return re.findall(r"/api/bookings/bkg_\w+/\w+\.ics", told)[0], re.findall(r"/manage/\w+", told)[0]


@pytest.mark.thorough
async def test_the_running_app_goes_on_with_the_new_key_and_knows_what_it_handed_out(fresh_backend: Server) -> None:
    server = fresh_backend
    host = HostAtHome.set_up(server)
    former, used = host.new_link(), host.new_link()
    file, manage = await booked(server, used)
    feed = host.post("/api/bookings-feed").json()["url"]
    keys.add_key(server.folder / "singleuse.key")
    token = host.new_link()
    assert [kid for (kid,) in server.rows("SELECT kid FROM scheduling_link ORDER BY id")] == ["k1", "k1", "k2"]
    assert [ask(f"{server.url}{path}").status for path in (f"/book/{former}", f"/book/{token}", manage, file)] == [
        200
    ] * 4
    copied = [host.post(f"/api/links/{key}/copy") for key in host.link_ids()]
    assert [one.json().get("url", "").rpartition("/")[2] for one in copied] == [former, "", token]
    assert host.post("/api/bookings-feed").json()["url"] == feed
    assert ask(feed).status == 200
    take_out(server.folder / "singleuse.key", "k1")
    assert ask(f"{server.url}{file}").status == 404, "the control"
