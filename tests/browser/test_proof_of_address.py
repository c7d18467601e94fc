"""A link for one address alone: the page shows it masked, and books by a code that is sent there. The mail is real."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.harness import server as servers
from tests.harness import smtp_server
from tests.harness.browser import Console, axe_in_both_themes, fits
from tests.harness.people import HostAtHome
from tests.harness.server import Server
from tests.harness.smtp_server import Mailbox

pytestmark = pytest.mark.thorough

ADDRESS = "lovelace@example.org"
MASKED = "l•••@example.org"
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with smtp_server.running(tmp_path_factory.mktemp("mails")) as running:
        yield running


@pytest.fixture(scope="module")
def server_with_mail(compiled: Path, tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Server]:
    """The app, sending by that server."""
    settings = {"SMTP_URL": mailbox.url, "MAIL_FROM": "meet@example.org"}
    with servers.built(tmp_path_factory.mktemp("server"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def host_with_mail(server_with_mail: Server) -> HostAtHome:
    return HostAtHome.set_up(server_with_mail)


def new_link(host: HostAtHome) -> str:
    form = {"recipient_name": "Ada Lovelace", "recipient_email": ADDRESS, "only_recipient": "on"}
    answer = host.post(f"/api/event-types/{host.event_type_id()}/single-use-links", form)
    assert answer.status == 201, answer
    return answer.json()["url"].rpartition("/")[2]


def open_form(page: Page, token: str, number: int = 0) -> None:
    steps.open_link(page, token)
    steps.choose_first_time(page, number)
    expect(page.get_by_text(MASKED)).to_be_visible()


def code_field(page: Page) -> Locator:
    return page.get_by_label("Code", exact=True)


def send_code(page: Page, mailbox: Mailbox, button: str = "Send me a code") -> str:
    """Press the button; the code that arrives."""
    before = len(mailbox.taken())
    page.get_by_role("button", name=button).click()
    expect(code_field(page)).to_be_focused()
    newest = mailbox.wait_for(before + 1)[-1]
    assert newest.recipient == ADDRESS
    body = newest.mail.get_body(("plain",))
    assert body
    [code] = re.findall(r"\b\d{6}\b", body.get_content())
    return code


def other_than(*codes: str) -> str:
    return next(code for code in ("111111", "222222", "333333") if code not in codes)


def names_nobody(page: Page, frames: list[str]) -> None:
    assert ADDRESS not in page.content()
    assert not [frame for frame in frames if ADDRESS in frame]


def test_a_host_binds_a_link_and_its_invitee_books_by_the_code(
    server_with_mail: Server, host_with_mail: HostAtHome, mailbox: Mailbox, new_context: NewContext
) -> None:
    desk = steps.open_as_host(
        new_context(server_with_mail, permissions=["clipboard-read", "clipboard-write"]), host_with_mail
    )
    desk.get_by_label("More for 30 minute meeting").first.click()
    desk.get_by_role("button", name="Copy with options…").first.click()
    dialog = desk.get_by_role("dialog", name=re.compile("A link for one person"))
    dialog.get_by_label("E-mail").fill(ADDRESS)
    box = dialog.get_by_label("Only this address may book")
    expect(box).to_have_accessible_description(re.compile("By a six-digit code that is sent there"))
    box.check()
    axe_in_both_themes(desk)
    dialog.get_by_role("button", name="Copy this link").click()
    expect(steps.said(desk, steps.COPIED)).to_be_attached()
    token = steps.clipboard(desk).rpartition("/")[2]

    page = new_context(server_with_mail, locale="en-GB").new_page()
    frames = steps.frames_of(page)
    served = page.request.get(f"/book/{token}").text()
    assert ADDRESS not in served
    open_form(page, token)
    expect(page.get_by_label("E-mail", exact=True)).to_have_count(0)
    page.get_by_label("Your name").fill("Ada")
    axe_in_both_themes(page)
    fits(page)
    page.get_by_label("Your name").press("Enter")  # too soon: nothing is lost, and the way on has the focus
    send = page.get_by_role("button", name="Send me a code")
    expect(send).to_be_focused()
    expect(send).to_have_accessible_description("Ask for the code first: it is sent to the address above.")
    expect(steps.said(page, "Ask for the code first")).to_be_attached()
    axe_in_both_themes(page)

    page.keyboard.press("Enter")
    expect(code_field(page)).to_be_focused()
    expect(steps.said(page, f"A code is on its way to {MASKED}.")).to_be_attached()
    expect(code_field(page)).to_have_attribute("inputmode", "numeric")
    expect(code_field(page)).to_have_attribute("autocomplete", "one-time-code")
    axe_in_both_themes(page)
    fits(page)
    [taken] = mailbox.wait_for(1)
    assert str(taken.mail["Subject"]) == "Your code to book with Grace Host"
    body = taken.mail.get_body(("plain",))
    assert body
    [code] = re.findall(r"\b\d{6}\b", body.get_content())
    page.reload()
    expect(page.get_by_text(MASKED)).to_be_visible()
    expect(code_field(page)).to_be_visible()  # the tab knows how far it was
    page.get_by_label("Your name").fill("Ada")
    names_nobody(page, frames)
    code_field(page).focus()
    page.keyboard.type(f"{code[:3]} {code[3:]}")
    page.keyboard.press("Enter")
    steps.expect_booked(page)
    expect(page.locator(".ticket").get_by_text(f"For Ada, {ADDRESS}")).to_be_visible()
    assert code not in server_with_mail.log()

    desk.goto("/links")
    desk.get_by_role("button", name=re.compile("Details of the link for")).first.click()
    expect(desk.locator(".link-details")).to_contain_text("only this address may book, by a code that is sent there")
    expect(desk.locator(".log")).to_contain_text("Address proven by the code")


def test_five_wrong_codes_then_another_and_nothing_typed_is_lost(
    server_with_mail: Server, host_with_mail: HostAtHome, mailbox: Mailbox, new_context: NewContext
) -> None:
    page = new_context(server_with_mail).new_page()
    frames = steps.frames_of(page)
    open_form(page, new_link(host_with_mail), number=1)
    page.get_by_label("Your name").fill("Ada King")
    first = send_code(page, mailbox)
    for left in (4, 3, 2, 1):
        code_field(page).fill(other_than(first))
        page.keyboard.press("Enter")
        steps.expect_error_at(page, "code", f"That is not the code. Tries left: {left}.")
        expect(steps.said(page, f"Tries left: {left}.")).to_be_attached()
    axe_in_both_themes(page)
    code_field(page).fill(other_than(first))
    page.keyboard.press("Enter")
    used_up = "That was not the code either, and five tries are all that it has. Ask for another one."
    steps.expect_error_at(page, "code", used_up)
    code_field(page).fill(first)  # which comes too late
    page.keyboard.press("Enter")
    steps.expect_error_at(page, "code", used_up)
    axe_in_both_themes(page)
    fits(page)
    second = send_code(page, mailbox, "Send another code")
    expect(code_field(page)).to_have_value("")
    expect(page.locator("#code-error")).to_be_empty()
    steps.change(server_with_mail, "UPDATE address_code SET expires_at = 1 WHERE closed_at IS NULL AND tries = 0")
    code_field(page).fill(second)
    page.keyboard.press("Enter")
    steps.expect_error_at(page, "code", "This code has expired: each is good for ten minutes. Ask for another one.")
    expect(page.get_by_label("Your name")).to_have_value("Ada King")
    steps.change(
        server_with_mail,
        "UPDATE address_code SET created_at = created_at - 60 WHERE closed_at IS NULL AND verified_at IS NULL",
    )
    third = send_code(page, mailbox, "Send another code")
    names_nobody(page, frames)
    code_field(page).fill(third)
    steps.confirm(page)
    steps.expect_booked(page)


def test_another_browser_has_to_prove_it_on_its_own(
    server_with_mail: Server, host_with_mail: HostAtHome, mailbox: Mailbox, new_context: NewContext, console: Console
) -> None:
    console.allow("status of 410")
    token = new_link(host_with_mail)
    page, other = (new_context(server_with_mail).new_page() for _ in range(2))
    frames = steps.frames_of(other)
    open_form(page, token, number=2)
    code = send_code(page, mailbox)
    open_form(other, token, number=3)
    expect(other.get_by_role("button", name="Send me a code")).to_be_visible()
    own = send_code(other, mailbox)
    if own != code:
        code_field(other).fill(code)
        steps.confirm(other)
        steps.expect_error_at(other, "code", "That is not the code. Tries left: 4.")
    code_field(page).fill(code)  # the other's code did not end this one
    steps.confirm(page)
    steps.expect_booked(page)
    steps.expect_dead(other, "This link has already been used.")
    names_nobody(other, frames)
    other.reload()
    steps.expect_dead(other, "This link has already been used.")
    names_nobody(other, frames)


def test_who_is_refused_for_another_reason_needs_no_other_code(
    server_with_mail: Server, host_with_mail: HostAtHome, mailbox: Mailbox, new_context: NewContext
) -> None:
    page = new_context(server_with_mail).new_page()
    open_form(page, new_link(host_with_mail), number=4)
    code = send_code(page, mailbox)
    code_field(page).fill(code)
    steps.change(server_with_mail, "UPDATE event_type SET terms_version = terms_version + 1")
    steps.confirm(page)
    expect(page.get_by_text("The host has just changed this meeting.")).to_be_visible()
    expect(page.get_by_text("Proven by the code.")).to_be_visible()
    expect(code_field(page)).to_have_count(0)
    axe_in_both_themes(page)
    steps.confirm(page)
    steps.expect_booked(page)


def test_on_a_phone_it_fits_and_too_many_codes_are_told(
    server_with_mail: Server, host_with_mail: HostAtHome, mailbox: Mailbox, new_context: NewContext
) -> None:
    token = new_link(host_with_mail)
    page = new_context(server_with_mail, color_scheme="dark", **PHONE).new_page()
    open_form(page, token, number=6)
    send_code(page, mailbox)
    axe_in_both_themes(page)
    fits(page)
    for _ in range(4):
        steps.change(
            server_with_mail,
            "UPDATE address_code SET created_at = created_at - 60 WHERE id = (SELECT max(id) FROM address_code)",
        )
        send_code(page, mailbox, "Send another code")
    steps.change(
        server_with_mail,
        "UPDATE address_code SET created_at = created_at - 60 WHERE id = (SELECT max(id) FROM address_code)",
    )
    page.get_by_role("button", name="Send another code").click()
    expect(page.locator("#code-error")).to_contain_text("Five codes were sent for this link within an hour")
    expect(steps.said(page, "Five codes were sent")).to_be_attached()
    axe_in_both_themes(page)
    fits(page)


def test_without_a_mail_server_the_option_is_off_and_says_why(
    server: Server, host: HostAtHome, new_context: NewContext
) -> None:
    desk = steps.open_as_host(new_context(server), host)
    desk.get_by_label("More for 30 minute meeting").first.click()
    desk.get_by_role("button", name="Copy with options…").first.click()
    dialog = desk.get_by_role("dialog", name=re.compile("A link for one person"))
    box = dialog.get_by_label("Ask for a code sent to this address")
    expect(box).to_be_disabled()
    expect(box).not_to_be_checked()
    expect(box).to_have_accessible_description(re.compile("no mail server to send a code through.*SMTP_URL"))
    axe_in_both_themes(desk)
    fits(desk)
    desk.goto("/many-links")
    box = desk.get_by_label("Ask for a code sent to this address")
    expect(box).to_be_disabled()
    axe_in_both_themes(desk)
    fits(desk)
    # a link that was made while there was a server stays shut, and both sides are told
    token = new_link(host)
    steps.change(server, "UPDATE scheduling_link SET by_code = 1 WHERE id = (SELECT max(id) FROM scheduling_link)")
    page = new_context(server).new_page()
    open_form(page, token)
    expect(page.get_by_text("no mail can be sent at the moment")).to_be_visible()
    expect(page.get_by_role("button", name="Send me a code")).to_have_count(0)
    axe_in_both_themes(page)
    desk.goto("/links")
    desk.get_by_role("button", name=re.compile("Details of the link for")).first.click()
    expect(desk.locator(".link-details")).to_contain_text("no mail server to send a code through")
    axe_in_both_themes(desk)
