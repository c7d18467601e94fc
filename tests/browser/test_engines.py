"""Copying under the rules of the engines that do not run here: WebKit's, the strictest, and an older Gecko's.

Neither comes as a package, as Chromium does, so their rules are put over Chromium's clipboard. WebKit lets a page write
only while it handles a click: not after an ``await``, however short. What is not known yet is handed over as a promise
in a ``ClipboardItem``, which Gecko has known since its version 127; before that there is but ``writeText``, five
seconds after a click at most. Beside them what they must refuse: handlers as they are commonly written.

Sources: the Clipboard API, section 7.2 (``write`` needs transient activation; a ``ClipboardItem`` takes promises);
WebKit's blog on its asynchronous clipboard ("the request to write must be triggered during a user gesture").
"""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_link_options import open_dialog
from tests.harness.browser import Console
from tests.harness.people import HostAtHome
from tests.harness.server import Server

pytestmark = pytest.mark.thorough

SENTINEL = "copied before"
FIELD = "Copy this link from here. It works once."

WEBKIT = """
if (window.isSecureContext) (() => {
  let clicks = 0  // handlers of a real click that are running now, not their promises
  const listen = EventTarget.prototype.addEventListener
  EventTarget.prototype.addEventListener = function (kind, listener, options) {
    if (kind !== 'click' || typeof listener !== 'function') return listen.call(this, kind, listener, options)
    return listen.call(this, kind, function (event) {
      clicks += event.isTrusted
      try { return listener.call(this, event) } finally { clicks -= event.isTrusted }
    }, options)
  }
  const Item = window.ClipboardItem
  window.promised = []
  window.ClipboardItem = class extends Item {
    constructor(data) {
      super(data)
      promised.push(Object.entries(data).map(([kind, value]) => [kind, value instanceof Promise]))
    }
  }
  const refuse = () => Promise.reject(new DOMException('not in a click', 'NotAllowedError'))
  for (const name of ['write', 'writeText']) {
    const write = Clipboard.prototype[name]
    Clipboard.prototype[name] = function (data) { return clicks ? write.call(this, data) : refuse() }
  }
})()
"""
OLD_GECKO = """
if (window.isSecureContext) (() => {
  delete window.ClipboardItem
  delete Clipboard.prototype.write
  let clicked = -Infinity
  addEventListener('click', event => { if (event.isTrusted) clicked = performance.now() }, true)
  const write = Clipboard.prototype.writeText
  Clipboard.prototype.writeText = function (text) {
    if (performance.now() - clicked > 5000) return Promise.reject(new DOMException('too late', 'NotAllowedError'))
    return write.call(this, text)
  }
})()
"""
CONTROL = """
() => {
  const made = () => new Promise(done => setTimeout(() => done(new Blob(['a link'], { type: 'text/plain' })), 50))
  const write = link => navigator.clipboard.write([new ClipboardItem({ 'text/plain': link })])
  const handlers = {
    'at once, with a promise': async () => { await write(made()) },
    'after the link was made': async () => { await write(await made()) },
    'after nothing but a moment': async () => { await null; await write(made()) },
  }
  for (const [name, handler] of Object.entries(handlers)) {
    const button = document.querySelector('main').appendChild(document.createElement('button'))
    button.textContent = name
    button.addEventListener('click', () => handler().then(
      () => { button.dataset.outcome = 'copied' }, problem => { button.dataset.outcome = problem.name }))
  }
}
"""


@pytest.fixture
def desk(request: pytest.FixtureRequest, host: HostAtHome, server: Server, new_context: NewContext) -> Page:
    """The host's home in a browser of that engine's rules, with something else on the clipboard."""
    other = steps.open_as_host(new_context(server, permissions=["clipboard-read", "clipboard-write"]), host)
    steps.put_on_clipboard(other, SENTINEL)
    context = new_context(server, permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script(request.param)
    return steps.open_as_host(context, host)


def slow_answers(page: Page, milliseconds: int) -> None:
    def hold(route: Route) -> None:
        page.wait_for_timeout(milliseconds)
        route.continue_()

    page.route("**/single-use-links", hold)


def copies(page: Page, press: Locator, *, by_keyboard: bool = False) -> str:
    """What is on the clipboard once a button, or Enter in a field, has said that it copied a link."""
    if by_keyboard:
        press.press("Enter")
    else:
        press.click()
    expect(steps.said(page, steps.COPIED)).to_be_attached()
    return steps.clipboard(page)


in_webkit = pytest.mark.parametrize("desk", [WEBKIT], indirect=True, ids=["webkit"])
in_old_gecko = pytest.mark.parametrize("desk", [OLD_GECKO], indirect=True, ids=["gecko before 127"])


@in_webkit
def test_a_click_copies_though_the_link_is_made_later(desk: Page) -> None:
    slow_answers(desk, 1500)
    assert "/book/" in copies(desk, steps.copy_button(desk))
    assert desk.evaluate("promised") == [[["text/plain", True]]]


@in_webkit
@pytest.mark.parametrize("by_keyboard", [False, True], ids=["by a click", "by Enter in a field"])
def test_the_dialog_ends_with_the_link_on_the_clipboard(desk: Page, *, by_keyboard: bool) -> None:
    slow_answers(desk, 1500)
    dialog = open_dialog(desk)
    dialog.get_by_label("Name").fill("Ada Lovelace")
    press = dialog.get_by_label("Note") if by_keyboard else dialog.get_by_role("button", name="Copy this link")
    assert "/book/" in copies(desk, press, by_keyboard=by_keyboard)
    assert desk.evaluate("promised") == [[["text/plain", True]]]
    expect(desk.locator(".slip").first).to_contain_text("for Ada Lovelace")


@in_webkit
def test_what_cannot_be_leaves_the_clipboard_as_it_was_and_the_next_press_copies(desk: Page, console: Console) -> None:
    console.allow("status of 422")
    dialog = open_dialog(desk)
    dialog.get_by_label("Only this address may book").check()
    dialog.get_by_role("button", name="Copy this link").click()
    expect(dialog.locator("#recipient_email-error")).to_have_text("Enter your e-mail address.")
    assert steps.clipboard(desk) == SENTINEL
    dialog.get_by_label("E-mail").fill("ada@example.org")
    assert "/book/" in copies(desk, dialog.get_by_role("button", name="Copy this link"))


@in_webkit
@pytest.mark.parametrize("path", ["/", "/links"])
def test_a_link_that_waits_is_copied_again(desk: Page, path: str) -> None:
    url = copies(desk, steps.copy_button(desk))
    desk.goto(path)
    assert copies(desk, desk.get_by_role("button", name="Copy again").first) == url
    assert desk.evaluate("promised") == [[["text/plain", True]]], "on the page that was opened for it"


@in_webkit
def test_control_a_handler_that_waits_first_copies_nothing_there(desk: Page) -> None:
    desk.evaluate(CONTROL)
    outcomes = {}
    for name in ("at once, with a promise", "after the link was made", "after nothing but a moment"):
        button = desk.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("data-outcome", re.compile("."))
        outcomes[name] = button.get_attribute("data-outcome")
    assert outcomes == {
        "at once, with a promise": "copied",
        "after the link was made": "NotAllowedError",
        "after nothing but a moment": "NotAllowedError",
    }


@in_old_gecko
def test_without_promises_it_is_copied_while_the_click_is_fresh(desk: Page) -> None:
    dialog = open_dialog(desk)
    assert "/book/" in copies(desk, dialog.get_by_role("button", name="Copy this link"))


@in_old_gecko
def test_and_stands_selected_in_a_field_once_it_is_not(desk: Page) -> None:
    slow_answers(desk, 5500)
    dialog = open_dialog(desk)
    dialog.get_by_role("button", name="Copy this link").click()
    field = dialog.get_by_label(FIELD)
    expect(field).to_be_focused()
    expect(field).to_have_value(re.compile("/book/[a-z2-7]{26}$"))
    assert steps.clipboard(desk) == SENTINEL
