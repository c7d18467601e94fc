"""Nobody is barred: axe on every page in all its states, light and dark, wide and on a phone; and room to enlarge."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness import server as servers
from tests.harness.browser import Console, axe, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
}
SCHEMES: dict[bool, tuple[Literal["light", "dark"], ...]] = {True: ("light",), False: ("dark",)}
"""The colour schemes to look at, by whether the screen is wide."""

WORDS = "Wolfeschlegelsteinhausenbergerdorff"
"""A name as long as one word gets."""


@pytest.fixture(autouse=True)
def _schemes(is_thorough: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the fast profile light on a wide screen and dark on a phone; thoroughly, both on both."""
    if is_thorough:
        monkeypatch.setattr(f"{__name__}.SCHEMES", {True: ("light", "dark"), False: ("light", "dark")})


def check(page: Page) -> None:
    """The page as it is now: axe in each colour scheme, then the width."""
    assert page.viewport_size
    for scheme in SCHEMES[page.viewport_size["width"] > 600]:
        page.emulate_media(color_scheme=scheme)
        axe(page)
    fits(page)


@pytest.fixture(params=["wide", pytest.param("phone", marks=pytest.mark.thorough)])
def screen(request: pytest.FixtureRequest, new_context: NewContext) -> Callable[[Server], BrowserContext]:
    """Somebody in front of a screen who has asked for calm."""

    def sit_down(server: Server) -> BrowserContext:
        return new_context(
            server,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
            **SCREENS[request.param],
        )

    return sit_down


Screen = Callable[[Server], BrowserContext]


@pytest.fixture(scope="module")
def untouched(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has set up."""
    with servers.built(tmp_path_factory.mktemp("untouched")) as running:
        yield running


@pytest.fixture(scope="module")
def empty(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostAtHome]:
    """A host who has done nothing yet."""
    with servers.built(tmp_path_factory.mktemp("empty")) as running:
        yield HostAtHome.set_up(running)


class TestBeforeTheFirstHost:
    @pytest.mark.thorough
    def test_set_up(self, screen: Screen, untouched: Server, console: Console) -> None:
        console.allow("status of 422")
        page = screen(untouched).new_page()
        page.goto("/set-up")
        expect(page.get_by_label("Your name")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Create account").click()
        steps.expect_error_at(page, "name", "Enter your name.")
        check(page)


class TestHost:
    def test_sign_in(self, screen: Screen, empty: HostAtHome, console: Console) -> None:
        console.allow("status of 401")
        page = screen(empty.server).new_page()
        page.goto("/sign-in")
        check(page)
        page.get_by_label("E-mail").fill("nobody@example.org")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("do not belong together")).to_be_visible()
        check(page)

    @pytest.mark.thorough
    @pytest.mark.parametrize("path", ["/", "/links", "/bookings"])
    def test_pages_with_nothing_on_them(self, screen: Screen, empty: HostAtHome, path: str) -> None:
        page = steps.open_as_host(screen(empty.server), empty, path)
        expect(page.locator(".skeleton")).to_have_count(0)
        check(page)

    def test_pages_with_everything_on_them(self, screen: Screen, host: HostAtHome) -> None:
        for kind in ("expired", "revoked"):
            steps.dead_link(host, kind)
        context = screen(host.server)
        steps.book(context.new_page(), host.new_link(), name=f"{WORDS} {WORDS}"[:100], email=f"{WORDS}@{WORDS}.example")
        host.new_link()
        page = steps.open_as_host(context, host)
        expect(page.get_by_role("heading", name="Links waiting")).to_be_visible()
        check(page)
        steps.copy_link(page)
        check(page)
        page.goto("/links")
        for status in ("Active", "Used", "Expired", "Revoked"):
            expect(page.locator(".status").get_by_text(status, exact=True).first).to_be_visible()
        check(page)
        page.goto("/bookings")
        expect(page.get_by_text(WORDS).first).to_be_visible()
        check(page)

    @pytest.mark.thorough
    def test_the_field_with_the_url_where_there_is_no_clipboard(
        self, screen: Screen, host: HostAtHome, server: Server
    ) -> None:
        context = screen(server)
        context.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })")
        page = steps.open_as_host(context, host)
        steps.copy_button(page).click()
        expect(page.locator(".copy-field")).to_be_visible()
        check(page)


class TestInvitee:
    def test_the_choice_on_a_wide_screen_and_its_confirmation(
        self, new_context: NewContext, host: HostAtHome, server: Server
    ) -> None:
        page = new_context(server, reduced_motion="reduce").new_page()
        steps.open_link(page, host.new_link())
        check(page)
        steps.confirm(page)
        steps.expect_error_at(page, "name", "Enter your name.")
        check(page)
        page.get_by_role("button", name="Change the time zone").click()
        expect(page.get_by_label("City, country or offset")).to_be_visible()
        check(page)
        steps.choose_first_time(page)
        check(page)
        steps.fill_form(page)
        steps.confirm(page)
        steps.expect_booked(page)
        check(page)

    @pytest.mark.thorough
    def test_a_choice_of_durations(self, screen: Screen, fresh_server: Server) -> None:
        host = HostAtHome.set_up(fresh_server)
        steps.change(fresh_server, "UPDATE event_type SET other_durations = '[15, 60]'")
        page = screen(fresh_server).new_page()
        steps.open_link(page, host.new_link())
        check(page)

    @pytest.mark.thorough
    def test_managing_a_booking(self, screen: Screen, host: HostAtHome, console: Console) -> None:
        console.allow("status of 404")
        page = screen(host.server).new_page()
        page.goto(steps.booked_to_manage(host))
        page.get_by_role("button", name="Cancel booking").click()
        expect(page.get_by_label("Reason")).to_be_focused()
        check(page)
        page.get_by_role("button", name="Keep it").click()
        page.get_by_role("button", name="Reschedule").click()
        expect(page.locator(".calendar")).to_be_visible()
        check(page)
        page.locator(".day--free").first.click()
        page.locator("label.time").first.click()
        expect(page.get_by_role("button", name="Move booking")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Move booking").click()
        expect(page.locator("#confirmation")).to_be_focused()
        check(page)
        page.get_by_role("button", name="Cancel booking").click()
        page.get_by_role("button", name="Cancel this booking").click()
        expect(page.locator(".ticket--void")).to_be_visible()
        check(page)
        page.goto("/manage/unknown")
        expect(page.locator(".ticket--unknown")).to_be_visible()
        check(page)

    def test_the_steps_on_a_phone(self, new_context: NewContext, host: HostAtHome, server: Server) -> None:
        page = new_context(server, reduced_motion="reduce", timezone_id="Asia/Tokyo", **SCREENS["phone"]).new_page()
        steps.open_link(page, host.new_link())
        expect(page.locator(".book__times, .book__form").first).to_be_hidden()
        check(page)
        page.get_by_role("button", name="Change the time zone").tap()
        expect(page.get_by_label("City, country or offset")).to_be_visible()
        check(page)
        page.locator(".day--free").first.tap()
        expect(page.locator(".book__times")).to_be_visible()
        expect(page.locator(".book__days")).to_be_hidden()
        expect(page.locator("#times")).to_be_focused()
        check(page)
        page.locator("label.time").last.tap()
        expect(page.get_by_label("Your name")).to_be_visible()
        expect(page.locator(".book__times")).to_be_hidden()
        expect(page.locator("#chosen")).to_be_focused()
        check(page)
        page.get_by_role("button", name="Back").tap()
        expect(page.locator(".book__times")).to_be_visible()
        page.locator("label.time").last.tap()
        expect(page.get_by_label("Your name")).to_be_visible()
        page.get_by_role("button", name=steps.CONFIRM).tap()
        steps.expect_error_at(page, "name", "Enter your name.")
        check(page)
        steps.fill_form(page)
        page.get_by_role("button", name=steps.CONFIRM).tap()
        steps.expect_booked(page)
        check(page)

    @pytest.mark.parametrize(
        "kind",
        ["used", *(pytest.param(kind, marks=pytest.mark.thorough) for kind in ("expired", "revoked", "unknown"))],
    )
    def test_dead_pages(self, screen: Screen, host: HostAtHome, kind: str, console: Console) -> None:
        console.allow("status of 4(10|04)")
        page = screen(host.server).new_page()
        page.goto(f"/book/{steps.dead_link(host, kind)}")
        expect(page.locator(f".ticket--{kind}")).to_be_visible()
        check(page)

    @pytest.mark.thorough
    def test_a_link_whose_event_type_is_off(self, screen: Screen, fresh_server: Server, console: Console) -> None:
        console.allow("status of 410")
        page = screen(fresh_server).new_page()
        page.goto(f"/book/{steps.dead_link(HostAtHome.set_up(fresh_server), 'off')}")
        expect(page.locator(".ticket--off")).to_be_visible()
        check(page)

    @pytest.mark.thorough
    def test_an_address_that_is_no_page(self, screen: Screen, host: HostAtHome, console: Console) -> None:
        console.allow("status of 404")
        page = screen(host.server).new_page()
        response = page.goto("/no/such/page")
        assert response is not None
        assert response.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no page at this address.")
        check(page)
