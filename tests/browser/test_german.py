"""Whoever's browser prefers German reads German, from the first paint to the last button; nobody else notices."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from singleuse_app.messages import WORDS
from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness.browser import Console, axe
from tests.harness.languages import english_on, german
from tests.harness.people import HostAtHome, ask
from tests.harness.server import Server

KINDS = ("used", "expired", "revoked", "unknown", "off")
"""Off comes last: after it no link of this server can be made or used."""


QUESTIONS = [
    {"id": "q1", "label": "Worum geht es?", "kind": "long text", "required": True},
    {"id": "q2", "label": "Welches davon?", "kind": "choice one", "options": ["Preise", "Termine"]},
    {"id": "q3", "label": "Und was noch?", "kind": "choice many", "required": True, "options": ["Preise", "Termine"]},
]


def check(page: Page) -> None:
    """The page as it is now says nothing in English, is marked as German, and bars nobody."""
    assert english_on(page) == []
    expect(page.locator("html")).to_have_attribute("lang", "de")
    axe(page)


def open_next_month(page: Page) -> None:
    title = page.locator(".calendar__month")
    before = title.inner_text()
    page.get_by_role("button", name="Nächster Monat").click()
    expect(title).not_to_have_text(before)
    page.locator(".day--free").first.click()
    expect(page.locator("label.time").first).to_be_visible()


def test_the_journey_of_an_invitee_is_german(fresh_server: Server, new_context: NewContext) -> None:
    host, server = HostAtHome.set_up(fresh_server), fresh_server
    steps.change(
        server,
        "UPDATE event_type SET name = 'Erstgespräch', questions = ?, cancel_cutoff_minutes = 90",
        json.dumps(QUESTIONS),
    )
    page = new_context(server, locale="de-DE", timezone_id="Europe/Berlin").new_page()
    page.goto(f"/book/{host.new_link()}")
    expect(page.locator(".day--free").first).to_be_visible()
    day = page.locator(".day--free").first.get_attribute("aria-label") or ""
    assert re.fullmatch(r"\w+, \d+\. \w+, \d+ freie Zeiten?", day)
    assert page.locator(".calendar__grid thead").inner_text().split() == ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]
    expect(page.locator(".ticket__facts")).to_contain_text("30 Minuten")
    check(page)
    open_next_month(page)
    check(page)
    page.get_by_role("button", name="Zeitzone ändern").click()
    page.get_by_label("Stadt, Land oder UTC-Abstand").fill("kathm")
    expect(page.get_by_text("1 Zeitzone gefunden.")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Zeitzone ändern").click()
    page.locator("label.time").first.click()
    expect(page.locator("#announcer")).to_contain_text("gewählt.")
    check(page)
    page.get_by_role("button", name="Buchung bestätigen").click()
    steps.expect_error_at(page, "name", "Geben Sie Ihren Namen ein.")
    check(page)
    page.locator("#name").fill(steps.NAME)
    page.locator("#email").fill("ada@gmial.com")
    page.locator("#a1").fill("Alles")
    page.locator("[name=a3-0]").check()
    page.get_by_role("button", name="Buchung bestätigen").click()
    expect(page.locator("#suggestion")).to_have_text("Meinten Sie ada@gmail.com?")
    check(page)
    page.get_by_role("button", name="Nein, sie stimmt").click()
    page.get_by_role("button", name="Buchung bestätigen").click()
    expect(page.locator(".stamp")).to_have_text("Gebucht")
    assert re.search(r"\w+, \d+\. \w+ 20\d\d", page.locator("#confirmation").inner_text())
    check(page)
    page.get_by_role("button", name="Falsche E-Mail-Adresse? Berichtigen").click()
    page.locator("#right-address").fill("")
    page.get_by_role("button", name="Speichern").click()
    expect(page.locator("#right-address-error")).to_have_text("Geben Sie Ihre E-Mail-Adresse ein.")
    check(page)
    page.get_by_role("link", name="Diese Buchung ändern oder absagen").click()
    manage(page)


def manage(page: Page) -> None:
    expect(page.get_by_role("button", name="Andere Zeit wählen")).to_be_visible()
    expect(page.get_by_text("Absagen können Sie bis 1 Stunde 30 Minuten vor dem Beginn.")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Andere Zeit wählen").click()
    page.locator(".day--free").last.click()
    page.locator("label.time").last.click()
    expect(page.locator("#announcer")).to_contain_text("Bestätigen Sie sie unten.")
    check(page)
    page.get_by_role("button", name="Buchung verschieben").click()
    expect(page.locator("#confirmation")).to_be_focused()
    check(page)
    page.get_by_role("button", name="Buchung absagen").click()
    expect(page.get_by_role("heading", name="Diese Buchung absagen?")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Diese Buchung absagen").click()
    expect(page.locator(".stamp")).to_have_text("Abgesagt")
    check(page)


def test_every_dead_page_is_german(host: HostAtHome, server: Server, new_context: NewContext, console: Console) -> None:
    console.allow("status of 4(10|04)")
    page = new_context(server, locale="de-DE", timezone_id="Europe/Berlin").new_page()
    for kind in KINDS:
        page.goto(f"/book/{steps.dead_link(host, kind)}")
        expect(page.locator(f"div.frame .ticket--{kind}")).to_be_visible()
        check(page)
    page.get_by_role("button", name="Um einen neuen Link bitten").click()
    page.get_by_role("button", name="Senden").click()
    expect(page.locator("#ask-name-error")).to_have_text("Geben Sie Ihren Namen ein.")
    check(page)
    page.locator("#ask-name").fill(steps.NAME)
    page.locator("#ask-email").fill(steps.EMAIL)
    page.get_by_role("button", name="Senden").click()
    expect(page.get_by_text("weiß Bescheid")).to_be_visible()
    check(page)
    for path, sentence in (
        ("/manage/nobody", "Diese Buchung gibt es nicht."),
        ("/no/such/page", "Unter dieser Adresse gibt es keine Seite."),
    ):
        page.goto(path)
        expect(page.locator("div.frame h1")).to_have_text(sentence)
        check(page)


def test_what_is_painted_first_and_previews_are_german_and_english_carries_nothing_of_it(
    fresh_server: Server,
) -> None:
    token = HostAtHome.set_up(fresh_server).new_link()
    said = ask(f"{fresh_server.url}/book/{token}", headers={"Accept-Language": "fr, de-AT;q=0.9, en;q=0.5"})
    assert '<html lang="de">' in said.body
    for message in (
        "Loading the free times…",
        "This link books once",
        "Pick a time that suits you: this link books once.",
        WORDS["script_to_choose"],
    ):
        assert german(message) in said.body
        assert f">{message}<" not in said.body
    assert "globalThis.say=" in said.body
    assert said.headers["content-language"] == "de"
    for accepted in ("en-US,en;q=0.9,de;q=0.8", "", "fr", "x" * 9000):
        plain = ask(f"{fresh_server.url}/book/{token}", headers={"Accept-Language": accepted})
        assert '<html lang="en">' in plain.body
        assert "globalThis.say=" not in plain.body
        assert "This link books once" in plain.body


def test_an_american_reads_english(new_context: NewContext, fresh_server: Server) -> None:
    page = new_context(fresh_server, locale="en-US").new_page()
    steps.book(page, HostAtHome.set_up(fresh_server).new_link())
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("globalThis.say") is None


def test_control_english_is_found_where_it_is(new_context: NewContext, fresh_server: Server) -> None:
    page = new_context(fresh_server).new_page()
    steps.open_link(page, HostAtHome.set_up(fresh_server).new_link())
    found = english_on(page)
    for text in ("Confirm booking", "Next month", "This link books once", "Your name"):
        assert text in found


HOST_PAGES = (
    "/",
    "/overview",
    "/availability",
    "/calendars",
    "/links",
    "/many-links",
    "/bookings",
    "/bookings?view=past",
    "/event-type",
    "/settings",
    "/mail",
    "/links?q=nobody",
    "/send-links?link=none",
    "/move-booking?id=none",
)


@pytest.mark.thorough
def test_the_pages_of_a_host_are_german(fresh_server: Server, new_context: NewContext) -> None:
    """Whatever the browser prefers."""
    host = HostAtHome.set_up(fresh_server)
    steps.change(fresh_server, "UPDATE event_type SET name = 'Erstgespräch'")
    steps.in_another_thread(lambda: steps.book_quickly(fresh_server, host.new_link()))
    steps.change(fresh_server, "UPDATE host SET locale = 'de'")
    steps.change(fresh_server, "UPDATE availability_schedule SET name = 'Sprechzeiten'")
    for kind in ("expired", "revoked"):
        steps.dead_link(host, kind)
    host.new_link()
    context = new_context(fresh_server)
    page = steps.open_as_host(context, host)
    for path in HOST_PAGES:
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator(".skeleton")).to_have_count(0)
        check(page)
    page.goto("/links")
    page.get_by_role("button", name="Einzelheiten").first.click()
    expect(page.get_by_role("heading", name="Was geschah")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Link zurückziehen").first.click()
    expect(page.get_by_text("Der Link ist zurückgezogen: Er bucht nicht mehr.")).to_be_visible()
    check(page)
    page.goto("/bookings")
    page.locator(".booking summary").first.click()
    expect(page.get_by_text("Diese Buchung absagen …")).to_be_visible()
    check(page)
    page.goto("/event-type")
    page.get_by_label("Dauer", exact=True).fill("1 Stunde 15 Minuten")
    page.get_by_role("button", name="Speichern").click()
    steps.expect_error_at(page, "name", "Geben Sie dem Termintyp einen Namen.")
    check(page)
    page.get_by_label("Name", exact=True).fill("Beratung")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("1 Stunde 15 Minuten")).to_be_visible()
    check(page)
    page.goto("/settings")
    page.get_by_label("Sprache Ihrer Seiten und Mails").select_option("English")
    page.get_by_role("button", name="Profil speichern").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.thorough
def test_before_anybody_has_signed_in_the_browser_decides(
    fresh_server: Server, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 4(01|22)")
    page = new_context(fresh_server, locale="de-CH").new_page()
    page.goto("/set-up")
    page.get_by_role("button", name="Konto erstellen").click()
    steps.expect_error_at(page, "name", "Geben Sie Ihren Namen ein.")
    check(page)
    page.get_by_label("Ihr Name").fill("Grete Gastgeberin")
    page.get_by_label("E-Mail").fill("grete@example.org")
    page.get_by_label("Passwort").fill("Lang genug ist es")
    page.get_by_role("button", name="Konto erstellen").click()
    expect(page.get_by_role("heading", name="Termintypen")).to_be_visible()
    expect(page.get_by_role("heading", name="30-Minuten-Termin")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Abmelden").click()
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    page.get_by_label("E-Mail").fill("grete@example.org")
    page.get_by_label("Passwort").fill("das ist es nicht")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_text("gehören nicht zusammen")).to_be_visible()
    check(page)
    for path in ("/forgot-password", "/invitation/nobody", "/reset-password/nobody"):
        page.goto(path)
        expect(page.locator("div.frame h1")).to_be_visible()
        expect(page.locator(".skeleton")).to_have_count(0)
        check(page)
