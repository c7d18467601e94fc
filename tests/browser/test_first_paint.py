"""What is seen before the scripts run, or without them; how it makes way; and that nothing foreign ever runs."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_standard_links import ADDRESS, publish
from tests.harness.browser import Console, axe
from tests.harness.people import EMAIL, PASSWORD, HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

LISTEN = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(`${event.effectiveDirective} ${event.sample}`));
"""
TICKET = "[...document.querySelectorAll('.ticket')].find((each) => each.checkVisibility())"
DRAWN = f"{TICKET}.outerHTML"
BOX = f"{TICKET}.getBoundingClientRect().toJSON()"
DEAD = ("unknown", "used", *(pytest.param(kind, marks=pytest.mark.thorough) for kind in ("expired", "revoked")))


def without_app(page: Page) -> Page:
    """A page to which no module ever comes: the first paint, with the small script that runs before the app."""
    page.route("**/assets/*.js", lambda route: route.abort())
    return page


def expect_instead(page: Page, words: str) -> None:
    """What stands there for want of scripts; by its tag, for text in ``noscript`` is passed over by Playwright."""
    expect(page.locator("noscript > .notice")).to_be_visible()
    expect(page.locator("noscript > .notice")).to_contain_text(words)


def axe_without_scripts(page: Page, url: str) -> None:
    """What a browser that runs no script shows, put before axe in one that does: axe needs timers."""

    def strip(route: Route) -> None:
        answer = route.fetch()
        html = re.sub("<script.*?</script>|</?noscript>", "", answer.text(), flags=re.DOTALL)
        route.fulfill(response=answer, body=html)

    page.route(url, strip)
    page.goto(url)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        axe(page)


@pytest.fixture
def plain(new_context: NewContext, server: Server) -> Page:
    """Somebody whose browser runs no JavaScript."""
    return new_context(server, java_script_enabled=False).new_page()


class TestWithoutJavaScript:
    def test_a_link_says_what_it_is_for_and_what_to_do(self, plain: Page, page: Page, host: HostAtHome) -> None:
        url = f"/book/{host.new_link()}"
        plain.goto(url)
        expect(plain.get_by_role("heading", level=1)).to_have_text("30 minute meeting")
        expect(plain.get_by_text("Grace Host")).to_be_visible()
        expect_instead(plain, "Choosing a time needs JavaScript")
        expect(plain.get_by_text("Loading the free times…")).to_be_hidden()
        expect(plain.locator(".skeleton")).to_be_hidden()
        axe_without_scripts(page, url)

    def test_so_do_a_booking_and_a_standard_link(
        self, plain: Page, new_context: NewContext, host: HostAtHome, server: Server
    ) -> None:
        plain.goto(steps.booked_to_manage(host))
        expect_instead(plain, "needs JavaScript")
        publish(steps.open_as_host(new_context(server), host))
        plain.goto(ADDRESS)
        expect_instead(plain, "Choosing a time needs JavaScript")
        card = plain.locator("meta[property='og:title']")
        expect(card).to_have_attribute("content", "30 minute meeting with Grace Host")

    @pytest.mark.parametrize("kind", DEAD)
    def test_a_dead_link_says_what_happened(
        self, plain: Page, page: Page, host: HostAtHome, kind: str, console: Console
    ) -> None:
        console.allow("status of 4")
        plain.goto(f"/book/{steps.dead_link(host, kind)}")
        expect(plain.get_by_role("heading", level=1)).to_contain_text("This link")
        expect(plain.locator(".ticket__text")).to_be_visible()
        expect(plain.get_by_text("Looking for your booking…")).to_have_count(0 if kind == "unknown" else 1)
        expect(plain.get_by_text("Looking for your booking…")).to_be_hidden()
        if kind == "used":
            expect_instead(plain, "If it was you who booked")
            axe_without_scripts(page, plain.url)

    @pytest.mark.parametrize("path", ["/", "/links", "/bookings", "/sign-in", "/set-up"])
    def test_a_page_of_the_host_says_what_it_needs(self, plain: Page, path: str) -> None:
        plain.goto(path)
        expect_instead(plain, "These pages need JavaScript")

    def test_nothing_is_too_wide_for_320_pixels(
        self, new_context: NewContext, server: Server, host: HostAtHome, console: Console
    ) -> None:
        console.allow("status of 410")
        page = new_context(server, viewport={"width": 320, "height": 640}, java_script_enabled=False).new_page()
        for token in (host.new_link(), steps.dead_link(host, "used")):
            page.goto(f"/book/{token}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320


class TestMakingWay:
    def test_the_ticket_that_is_painted_first_is_the_one_that_the_app_draws_in_the_same_place(
        self, new_context: NewContext, server: Server, host: HostAtHome, console: Console
    ) -> None:
        console.allow("ERR_FAILED")
        steps.change(
            server,
            "UPDATE event_type SET location = 'At <the> office', description = 'Two\nlines & **more**\n\n- [map](https://a.example/?a=1&b=2)'",
        )
        token = host.new_link()
        for screen in ({}, {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}):
            first = without_app(new_context(server, **screen).new_page())
            first.goto(f"/book/{token}")
            expect(first.get_by_text("Loading the free times…")).to_be_visible()
            axe(first)
            page = new_context(server, **screen).new_page()
            steps.open_link(page, token)
            expect(page.locator("first-paint")).to_have_count(0)
            assert page.title() == first.title()
            assert page.evaluate(DRAWN) == first.evaluate(DRAWN)
            assert page.evaluate(BOX) == first.evaluate(BOX)
        steps.change(server, "UPDATE event_type SET location = '', description = ''")

    @pytest.mark.parametrize("kind", [*DEAD, "no page", "no booking"])
    def test_so_is_a_dead_one(
        self, new_context: NewContext, server: Server, host: HostAtHome, kind: str, console: Console
    ) -> None:
        console.allow("ERR_FAILED", "status of 4")
        others = {"no page": "/nope", "no booking": "/manage/nope"}
        path = others.get(kind) or f"/book/{steps.dead_link(host, kind)}"
        first = without_app(new_context(server, reduced_motion="reduce").new_page())
        first.goto(path)
        page = new_context(server, reduced_motion="reduce").new_page()
        page.goto(path)
        expect(page.locator("first-paint")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert page.title() == first.title()
        assert page.evaluate(DRAWN) == first.evaluate(DRAWN)
        assert page.evaluate(BOX) == first.evaluate(BOX)

    def test_there_is_one_heading_and_one_title_at_any_time(self, page: Page, host: HostAtHome) -> None:
        page.add_init_script("""
            window.seen = new Set();
            const look = () => {
                const headings = [...document.querySelectorAll("h1")].filter((each) => each.checkVisibility());
                if (headings.length || seen.size) seen.add(`${headings.length} ${document.title}`);
                requestAnimationFrame(look);
            };
            look();
        """)
        steps.open_link(page, host.new_link())
        assert page.evaluate("[...seen]") == ["1 30 minute meeting with Grace Host"]

    def test_whoever_booked_is_not_told_meanwhile_that_the_link_is_used(
        self, new_context: NewContext, server: Server, host: HostAtHome, console: Console
    ) -> None:
        console.allow("ERR_FAILED", "status of 410")
        token = host.new_link()
        page = new_context(server).new_page()
        steps.book(page, token)
        without_app(page).goto(f"/book/{token}")
        expect(page.get_by_text("Looking for your booking…")).to_be_visible()
        expect(page.locator(".ticket")).to_be_hidden()
        somebody = without_app(new_context(server).new_page())
        somebody.goto(f"/book/{token}")
        expect(somebody.get_by_role("heading", name="This link has already been used.")).to_be_visible()

    def test_a_page_that_never_connects_says_so(self, page: Page, host: HostAtHome, console: Console) -> None:
        console.allow("WebSocket", "ERR_", "websocket")
        page.clock.install()
        page.route_web_socket("**/_event/**", lambda socket: socket.close())
        page.goto(f"/book/{host.new_link()}")
        late = page.get_by_text("This takes longer than it should.")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(late).to_be_hidden()
        page.clock.fast_forward(8_000)
        expect(late).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text("30 minute meeting")


class TestForeignScripts:
    def test_no_journey_asks_for_what_the_policy_forbids(
        self, new_context: NewContext, server: Server, host: HostAtHome, console: Console
    ) -> None:
        console.allow("status of 4")
        context = new_context(server, permissions=["clipboard-read", "clipboard-write"])
        context.add_init_script(LISTEN)
        desk = context.new_page()
        desk.goto("/sign-in")
        desk.get_by_label("E-mail").fill(EMAIL)
        desk.get_by_label("Password").fill(PASSWORD)
        desk.get_by_role("button", name="Sign in").click()
        url = steps.copy_link(desk)
        assert desk.evaluate("violations") == []
        for path in ("/links", "/bookings"):
            desk.goto(path)
            expect(desk.locator(".skeleton")).to_have_count(0)
            assert desk.evaluate("violations") == []
        invitee = context.new_page()
        steps.book(invitee, url.rpartition("/")[2])
        assert invitee.evaluate("violations") == []
        invitee.get_by_role("link", name="Change or cancel").click()
        expect(invitee.get_by_role("button", name="Cancel booking")).to_be_visible()
        assert invitee.evaluate("violations") == []
        invitee.goto("/nope")
        expect(invitee.locator("first-paint")).to_have_count(0)
        assert invitee.evaluate("violations") == []

    @pytest.mark.parametrize("path", ["/book/", "/sign-in", "/nope"])
    def test_control_a_script_that_was_not_built_is_refused(
        self, new_context: NewContext, server: Server, host: HostAtHome, path: str, console: Console
    ) -> None:
        console.allow("Content Security Policy", "status of 404")
        context = new_context(server)
        context.add_init_script(LISTEN)
        page = context.new_page()
        page.goto(f"{path}{host.new_link()}" if path == "/book/" else path)
        page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const image = document.createElement("p");
            image.innerHTML = "<img src=x onerror='window.ran = true'><b style='color: red'>b</b>";
            document.body.append(image);
            setTimeout(() => (0, eval)("window.ran = true"));  // later, for what a test evaluates is exempt
        }""")
        page.wait_for_function("() => violations.length >= 4")
        told = {violation.split()[0] for violation in page.evaluate("violations")}
        assert told == {"script-src-elem", "script-src-attr", "style-src-attr", "script-src"}
        assert page.evaluate("window.ran") is None
