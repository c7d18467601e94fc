"""The page about mail: whether it goes out, what became of each message, which are sent. The mail server is real."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness import server as servers
from tests.harness import smtp_server
from tests.harness.browser import Console, axe_in_both_themes, fits
from tests.harness.people import EMAIL, HostAtHome
from tests.harness.server import Server
from tests.harness.smtp_server import Mailbox

pytestmark = pytest.mark.thorough


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """A mail server that refuses every mail for good."""
    with smtp_server.running(tmp_path / "mails", "reject") as running:
        yield running


@pytest.fixture
def server_with_mail(compiled: Path, tmp_path: Path, mailbox: Mailbox) -> Iterator[Server]:
    """The app, sending by that server."""
    with servers.built(tmp_path / "server", SMTP_URL=mailbox.url, MAIL_FROM="meet@example.org") as running:
        yield running


def open_mail(host: HostAtHome, new_context: NewContext) -> Page:
    page = steps.open_as_host(new_context(host.server), host, "/settings")
    page.get_by_role("link", name="Look at mail").click()
    expect(page.get_by_role("heading", name="How mail goes")).to_be_visible()
    return page


def test_what_was_refused_is_seen_at_once_and_sent_again(
    server_with_mail: Server, mailbox: Mailbox, new_context: NewContext
) -> None:
    host = HostAtHome.set_up(server_with_mail)
    page = open_mail(host, new_context)
    expect(page.get_by_text("Whatever is sent for you appears here by itself.")).to_be_visible()
    fits(page)
    steps.booked_to_manage(host)
    failed = page.locator(".mails li").filter(has_text=steps.EMAIL)
    expect(failed).to_contain_text("The mail server said: 550 5.7.1 Not here")
    expect(page.get_by_role("link", name="Not delivered 2")).to_be_visible()
    axe_in_both_themes(page)
    fits(page)
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Two messages could not be delivered").click()
    expect(page.get_by_role("link", name="Not delivered 2")).to_have_attribute("aria-current", "true")

    mailbox.behave("accept")
    page.get_by_role("button", name=f"Send again: Booking to {steps.EMAIL}").click()
    expect(steps.said(page, "The message is sent again.")).to_be_attached()
    assert [taken.recipient for taken in mailbox.wait_for(1)] == [steps.EMAIL]
    expect(page.locator(".mails li")).to_have_count(1)
    page.get_by_role("link", name="Sent", exact=True).click()
    expect(failed).to_contain_text("Sent today")


def test_a_test_message_shows_what_the_server_says(
    server_with_mail: Server, mailbox: Mailbox, new_context: NewContext
) -> None:
    host = HostAtHome.set_up(server_with_mail)
    page = open_mail(host, new_context)
    page.get_by_role("button", name="Send a test message").click()
    expect(page.locator(".notice")).to_have_text("The message was not sent. The mail server said: 550 5.7.1 Not here")
    axe_in_both_themes(page)
    mailbox.behave("accept")
    page.get_by_role("button", name="Send a test message").click()
    expect(page.locator(".notice")).to_have_text("The mail server took the message and said: 250 2.0.0 Taken")
    assert [taken.recipient for taken in mailbox.taken()] == [EMAIL]


def test_without_a_server_messages_are_kept_to_read_and_some_are_switched_off(
    fresh_server: Server, new_context: NewContext
) -> None:
    host = HostAtHome.set_up(fresh_server)
    steps.booked_to_manage(host)
    page = open_mail(host, new_context)
    expect(page.get_by_text("Nobody gets mail yet.")).to_be_visible()
    read = page.get_by_role("button", name=f"Read: Booking to {steps.EMAIL}")
    read.click()
    expect(page.locator("pre")).to_contain_text("You are meeting Grace Host")
    expect(page.locator("pre")).to_contain_text("/manage/…")
    axe_in_both_themes(page)
    fits(page)
    read.click()
    expect(page.locator("pre")).to_have_count(0)

    page.get_by_role("group", name="To you").get_by_label("A meeting is booked").uncheck()
    page.get_by_role("button", name="Save the choice").click()
    expect(steps.said(page, "Your choice is saved.")).to_be_attached()
    steps.booked_to_manage(host)
    expect(page.locator(".mails li")).to_have_count(4)
    expect(page.locator(".mails li").filter(has_text=re.compile("Not sent today .*: switched off"))).to_have_count(1)
    page.reload()
    expect(page.get_by_role("group", name="To you").get_by_label("A meeting is booked")).not_to_be_checked()
    expect(page.get_by_role("group", name="To you").get_by_label("A meeting is moved")).to_be_checked()


def test_a_forgotten_password_is_replaced_by_mail(
    server_with_mail: Server, mailbox: Mailbox, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 422")
    mailbox.behave("accept")
    HostAtHome.set_up(server_with_mail)
    page = new_context(server_with_mail).new_page()
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_role("heading", name="Forgot your password?")).to_be_visible()
    page.get_by_label("E-mail").fill("grace")
    page.get_by_role("button", name="Send the mail").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_text("Enter an e-mail address like")).to_be_visible()
    axe_in_both_themes(page)
    fits(page)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_role("button", name="Send the mail").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    axe_in_both_themes(page)
    fits(page)
    [taken] = mailbox.wait_for(1)
    body = taken.mail.get_body(("plain",))
    assert body
    address = re.search(r"http://\S+/reset-password/\w+", body.get_content())
    assert address
    page.goto(address[0])
    expect(page.get_by_text(f"For {EMAIL}.")).to_be_visible()
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save and sign in").click()
    expect(page.get_by_text("Choose a longer password: at least 10 characters.")).to_be_visible()
    axe_in_both_themes(page)
    page.get_by_label("New password").fill("a much longer password")
    page.get_by_role("button", name="Save and sign in").click()
    expect(page.get_by_role("button", name="Copy single-use link")).to_be_visible()
    mailbox.wait_for(2)
    page.goto(address[0])
    expect(page.get_by_role("heading", name="This address changes no password any more.")).to_be_visible()
    axe_in_both_themes(page)
    page.get_by_role("link", name="Ask for a new one").click()
    expect(page.get_by_role("button", name="Send the mail")).to_be_visible()


def test_without_a_mail_server_a_forgotten_password_is_the_operators_business(
    server: Server, new_context: NewContext
) -> None:
    page = new_context(server).new_page()
    page.goto("/forgot-password")
    expect(page.get_by_text("singleuse hosts reset-password EMAIL")).to_be_visible()
    axe_in_both_themes(page)
    fits(page)


def test_the_links_of_a_list_are_sent_with_a_preview(
    server_with_mail: Server, mailbox: Mailbox, new_context: NewContext
) -> None:
    mailbox.behave("accept")
    host = HostAtHome.set_up(server_with_mail)
    page = steps.open_as_host(new_context(server_with_mail), host, "/many-links")
    page.get_by_label("People").fill("Ada Lovelace, ada@example.org\nBob, bob@example.org\nNobody")
    page.get_by_role("button", name="Make links").click()
    page.get_by_role("link", name="Send them by mail").click()
    expect(page.get_by_text("One link without an address is left out.")).to_be_visible()
    mail = page.get_by_role("region", name="The mail")
    expect(mail).to_contain_text("Hello Ada Lovelace,")
    page.get_by_label("Text").fill("Dear {name},\n\nsee you at the fair.")
    expect(mail).to_contain_text("Dear Ada Lovelace,\n\nsee you at the fair.")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Mail 2 of 2, to Bob <bob@example.org>")).to_be_visible()
    expect(mail).to_contain_text("Dear Bob,")
    axe_in_both_themes(page)
    fits(page)
    page.get_by_label("Text").fill("Dear {nmae}")
    page.get_by_role("button", name="Send two mails").click()
    expect(page.get_by_label("Text")).to_be_focused()
    expect(page.get_by_text("only name, event and host are known")).to_be_visible()
    page.get_by_label("Text").fill("Dear {name},\n\nsee you at the fair.")
    page.get_by_role("button", name="Send two mails").click()
    expect(page.get_by_role("heading", name="Two mails on the way.")).to_be_focused()
    axe_in_both_themes(page)
    assert {taken.recipient for taken in mailbox.wait_for(2)} == {"ada@example.org", "bob@example.org"}
    page.get_by_role("link", name="Back to links").first.click()
    row = page.locator("tbody tr:not(.links-table__open)").filter(has_text="Bob")
    row.get_by_role("button", name="Details").click()
    expect(page.locator(".log")).to_contain_text("Sent by mail")
    page.locator(".link-details").get_by_role("link", name="Send by mail").click()
    expect(page.get_by_text("Send again to one person who has had it")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Everybody here has had their link.")).to_be_visible()
    page.get_by_label("Send again to one person").check()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", name="One mail on the way.")).to_be_visible()
    assert mailbox.wait_for(3)[-1].recipient == "bob@example.org"


def test_each_is_written_to_in_their_own_language(
    server_with_mail: Server, mailbox: Mailbox, new_context: NewContext
) -> None:
    mailbox.behave("accept")
    host = HostAtHome.set_up(server_with_mail)
    page = steps.open_as_host(new_context(server_with_mail), host, "/settings")
    page.get_by_label("Pages and mail to you are in").select_option("Deutsch")
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    steps.book_in_german(new_context(server_with_mail, locale="de-AT").new_page(), host.new_link(), number=0)
    steps.book(new_context(server_with_mail).new_page(), host.new_link(), number=1)
    mails = mailbox.wait_for(4)
    assert [taken.mail["Content-Language"] for taken in mails if taken.recipient == EMAIL] == ["de", "de"]
    own = [str(taken.mail["Subject"]) for taken in mails if taken.recipient == steps.EMAIL]
    assert [any("Ihr Termin" in subject for subject in own), any("meeting" in subject for subject in own)] == [True] * 2
