"""What an invitee meets on /book/<token>: mistakes, other people, lost connections, and always the truth."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness import server as servers
from tests.harness.browser import Console
from tests.harness.people import HostAtHome
from tests.harness.server import Server

USED = "This link has already been used."


@pytest.fixture
def link(host: HostAtHome) -> str:
    return host.new_link()


@pytest.fixture(scope="module")
def fragile(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostAtHome]:
    """The host of a server that stops and starts again."""
    with servers.built(tmp_path_factory.mktemp("fragile")) as running:
        yield HostAtHome.set_up(running)


@pytest.fixture
def other(new_context: NewContext, server: Server) -> Page:
    """Somebody else's browser."""
    return new_context(server).new_page()


def expect_typed(page: Page, name: str = steps.NAME, email: str = steps.EMAIL) -> None:
    expect(page.get_by_label("Your name")).to_have_value(name)
    expect(page.get_by_label("E-mail")).to_have_value(email)


def revoke(context: BrowserContext, host: HostAtHome) -> None:
    """The host takes back the newest link."""
    desk = steps.open_as_host(context, host, "/links")
    desk.get_by_role("button", name="Revoke").first.click()
    expect(desk.locator("tbody tr").first).to_contain_text("Revoked")


class TestTheOneWhoBooked:
    def test_sees_the_booking_after_a_reload_and_on_the_next_day_and_nobody_else_does(
        self, page: Page, other: Page, link: str, server: Server, console: Console
    ) -> None:
        console.allow("status of 410")
        steps.book(page, link)
        day = page.locator("#confirmation").inner_text()
        page.reload()
        steps.expect_booked(page)
        context = page.context
        page.close()
        made = "created_at = created_at - 86400"
        steps.change(server, f"UPDATE booking SET {made} WHERE id = (SELECT max(id) FROM booking)")
        next_day = context.new_page()
        response = next_day.goto(f"/book/{link}")
        assert response is not None
        assert response.status == 410
        steps.expect_booked(next_day)
        expect(next_day.locator("#confirmation")).to_have_text(day)
        other.goto(f"/book/{link}")
        steps.expect_dead(other, USED)
        expect(other.get_by_text(steps.NAME)).to_have_count(0)

    @pytest.mark.thorough
    def test_sees_the_booking_in_their_other_tab_too(self, page: Page, link: str) -> None:
        second = page.context.new_page()
        steps.open_link(second, link)
        page.bring_to_front()
        steps.book(page, link)
        steps.expect_booked(second)
        expect(second.locator("#confirmation")).to_have_text(page.locator("#confirmation").inner_text())

    @pytest.mark.thorough
    def test_who_confirms_in_both_tabs_gets_one_booking(self, page: Page, link: str, server: Server) -> None:
        before = len(steps.bookings(server))
        second = page.context.new_page()
        tabs = (page, second)
        for number, tab in enumerate(tabs):
            tab.bring_to_front()
            steps.open_link(tab, link)
            steps.choose_first_time(tab, number)
            steps.fill_form(tab)
        for tab in tabs:
            tab.evaluate("document.querySelector('.book__form form').requestSubmit()")
        for tab in tabs:
            steps.expect_booked(tab)
        assert len(steps.bookings(server)) == before + 1

    def test_a_double_click_on_confirm_makes_one_booking(self, page: Page, link: str, server: Server) -> None:
        before = len(steps.bookings(server))
        steps.open_link(page, link)
        steps.choose_first_time(page)
        steps.fill_form(page)
        page.get_by_role("button", name=steps.CONFIRM).dblclick()
        steps.expect_booked(page)
        expect(page.get_by_text("You had already booked")).to_have_count(0)
        assert len(steps.bookings(server)) == before + 1


class TestOthers:
    def test_an_open_page_says_that_the_link_was_used_as_soon_as_somebody_books(
        self, page: Page, other: Page, link: str
    ) -> None:
        frames = steps.frames_of(other)
        steps.open_link(other, link)
        steps.choose_first_time(other)
        before = len(frames)
        steps.book(page, link)
        steps.expect_dead(other, USED)
        assert len(frames) > before
        assert not steps.FREE_TIME.search("\n".join(frames[before:]))

    def test_a_time_taken_through_another_link_goes_and_what_was_typed_stays(
        self, page: Page, other: Page, link: str, host: HostAtHome
    ) -> None:
        steps.open_link(page, link)
        start = steps.choose_first_time(page, 2)
        steps.fill_form(page)
        assert steps.book(other, host.new_link(), 2) == start
        expect(page.locator("#gone")).to_contain_text("is not free any more. What you typed is still here")
        expect(page.locator(f"label.time input[value='{start}']")).to_have_count(0)
        expect(page.locator("label.time input:checked")).to_have_count(0)
        expect_typed(page)
        nearest = page.locator(".gone__nearest button")
        expect(nearest).to_have_count(3)
        words = nearest.last.inner_text()
        nearest.last.click()
        expect(page.locator("#gone")).to_have_count(0)
        expect(steps.form_title(page)).to_have_text(words)
        expect(steps.form_title(page)).to_be_focused()
        expect_typed(page)
        steps.confirm(page)
        steps.expect_booked(page)

    def test_a_revoked_link_says_so_on_the_open_page(
        self, page: Page, new_context: NewContext, server: Server, host: HostAtHome, link: str
    ) -> None:
        steps.open_link(page, link)
        steps.choose_first_time(page)
        revoke(new_context(server), host)
        steps.expect_dead(page, "This link was taken back by its host.")


class TestTimeZone:
    def test_it_is_shown_and_can_be_changed_and_moves_no_slot(
        self, new_context: NewContext, server: Server, host: HostAtHome, link: str
    ) -> None:
        context = new_context(server, timezone_id="America/New_York")
        page = context.new_page()
        steps.open_link(page, link)
        expect(page.locator(".zone-line")).to_contain_text("Times in New York (UTC−")
        start = steps.choose_first_time(page)
        shown = self.times(page)
        assert shown == self.times_in("America/New_York", shown)
        page.get_by_role("button", name="Change the time zone").click()
        search = page.get_by_role("searchbox", name="City, country or offset")
        expect(search).to_be_focused()
        expect(page.locator(".zone").first).to_contain_text("New York, United States")
        search.fill("+5:45")
        expect(steps.said(page, "One time zone found.")).to_be_attached()
        search.fill("nepal")
        page.get_by_role("button", name="Kathmandu, Nepal").click()
        expect(page.get_by_role("button", name="Change the time zone")).to_be_focused()
        expect(page.locator(".zone-line")).to_contain_text("Times in Kathmandu (UTC+5:45)")
        shown = self.times(page)
        assert shown == self.times_in("Asia/Kathmandu", shown)
        expect(page.locator(f"label.time input[value='{start}']")).to_be_checked()
        expect(steps.form_title(page)).to_contain_text(shown[start])
        steps.fill_form(page)
        steps.confirm(page)
        steps.expect_booked(page)
        expect(page.locator(".ticket__time")).to_contain_text("Kathmandu")
        assert steps.bookings(server)[-1][0] == start
        another = context.new_page()
        steps.open_link(another, host.new_link())
        expect(another.locator(".zone-line")).to_contain_text("Times in Kathmandu")

    @staticmethod
    def times(page: Page) -> dict[int, str]:
        labels = page.locator("label.time").all()
        return {int(label.locator("input").get_attribute("value") or ""): label.inner_text() for label in labels}

    @staticmethod
    def times_in(zone: str, starts: dict[int, str]) -> dict[int, str]:
        return {start: f"{datetime.fromtimestamp(start, ZoneInfo(zone)):%H:%M}" for start in starts}


class TestBadInput:
    @pytest.fixture(autouse=True)
    def chosen(self, page: Page, link: str) -> None:
        steps.open_link(page, link)
        steps.choose_first_time(page)

    @pytest.mark.parametrize(
        ("field", "typed", "words"),
        [
            ("name", "", "Enter your name."),
            ("name", "x" * 10_000, "Shorten the name to at most 100 characters."),
            ("email", "ada@", "Enter an e-mail address like ada@example.org."),
            ("email", "", "Enter your e-mail address."),
        ],
        ids=["no name", "endless name", "malformed e-mail", "no e-mail"],
    )
    def test_is_told_at_its_field_and_nothing_typed_is_lost(
        self, page: Page, field: str, typed: str, words: str
    ) -> None:
        answers = {"name": steps.NAME, "email": steps.EMAIL, field: typed}
        steps.fill_form(page, **answers)
        steps.confirm(page)
        steps.expect_error_at(page, field, words)
        expect(page.locator("[aria-invalid=true]")).to_have_count(1)
        expect_typed(page, **answers)
        steps.fill_form(page)
        steps.confirm(page)
        steps.expect_booked(page)

    def test_in_both_fields_moves_the_focus_to_the_first(self, page: Page) -> None:
        steps.confirm(page)
        steps.expect_error_at(page, "email", "Enter your e-mail address.", focused=False)
        steps.expect_error_at(page, "name", "Enter your name.")


def test_confirming_without_a_time_says_so(page: Page, link: str) -> None:
    steps.open_link(page, link)
    steps.fill_form(page)
    steps.confirm(page)
    expect(page.locator(".book__form [role=alert]")).to_have_text("Choose a time first.")
    expect_typed(page)


class TestLostConnection:
    @pytest.fixture(autouse=True)
    def complaints(self, console: Console) -> None:
        console.allow("ERR_CONNECTION", "ERR_INTERNET_DISCONNECTED", "WebSocket", "status of 410")

    @pytest.fixture
    def form(self, fragile: HostAtHome, new_context: NewContext) -> Page:
        """A link, a chosen time, and a form that is filled in."""
        page = new_context(fragile.server).new_page()
        steps.open_link(page, fragile.new_link())
        steps.choose_first_time(page, 1)
        steps.fill_form(page)
        return page

    @pytest.mark.thorough
    def test_a_restart_keeps_what_was_chosen_and_typed(self, form: Page, fragile: HostAtHome) -> None:
        title = steps.form_title(form).inner_text()
        fragile.server.stop()
        expect(form.get_by_text("Reconnecting…")).to_be_visible()
        fragile.server.start()
        expect(form.get_by_text("Reconnecting…")).to_be_hidden(timeout=30_000)
        expect(form.get_by_label("Your name")).to_be_visible()
        expect(steps.form_title(form)).to_have_text(title)
        expect(form.locator("label.time input:checked")).to_have_count(1)
        expect_typed(form)
        steps.confirm(form)
        steps.expect_booked(form)

    def test_confirming_while_the_server_is_gone_books_or_keeps_the_form(self, form: Page, fragile: HostAtHome) -> None:
        before = len(steps.bookings(fragile.server))
        fragile.server.kill()
        steps.confirm(form)
        expect(form.get_by_text("Reconnecting…")).to_be_visible()
        expect_typed(form)
        fragile.server.start()
        expect(form.get_by_text("Reconnecting…")).to_be_hidden(timeout=30_000)
        self.expect_the_truth(form, fragile, before)

    @pytest.mark.thorough
    def test_a_network_that_goes_away_and_comes_back_books_or_keeps_the_form(
        self, form: Page, fragile: HostAtHome
    ) -> None:
        before = len(steps.bookings(fragile.server))
        form.context.set_offline(True)
        steps.confirm(form)
        form.context.set_offline(False)
        self.expect_the_truth(form, fragile, before)

    def test_a_booking_whose_answer_got_lost_is_shown_after_the_reconnect(
        self, fragile: HostAtHome, new_context: NewContext
    ) -> None:
        answers_get_lost: list[bool] = []
        sockets: list[WebSocketRoute] = []

        def between(socket: WebSocketRoute) -> None:
            server = socket.connect_to_server()
            server.on_message(lambda message: None if answers_get_lost else socket.send(message))
            sockets.append(socket)

        page = new_context(fragile.server).new_page()
        page.route_web_socket(re.compile("/_event"), between)
        before = len(steps.bookings(fragile.server))
        steps.open_link(page, fragile.new_link())
        steps.choose_first_time(page)
        steps.fill_form(page)
        answers_get_lost.append(True)
        steps.confirm(page)
        for _ in range(100):
            if len(steps.bookings(fragile.server)) > before:
                break
            page.wait_for_timeout(50)
        answers_get_lost.clear()
        sockets[-1].close()
        steps.expect_booked(page)
        assert len(steps.bookings(fragile.server)) == before + 1

    @staticmethod
    def expect_the_truth(page: Page, host: HostAtHome, before: int) -> None:
        """Booked once, or not at all with everything still there; in both cases the page says what is so."""
        expect(page.locator("#confirmation:visible, [name=name]:visible")).to_have_count(1)
        page.wait_for_timeout(500)  # an event that the page kept may still be on its way
        if page.locator("#confirmation").is_hidden():
            assert len(steps.bookings(host.server)) == before
            expect_typed(page)
            steps.confirm(page)
        steps.expect_booked(page)
        assert len(steps.bookings(host.server)) == before + 1
