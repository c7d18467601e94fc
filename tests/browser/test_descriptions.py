"""What a host writes about a meeting: drawn as they mean it, on every page alike, and never more than drawn."""

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import NewContext
from tests.browser.test_first_paint import LISTEN
from tests.harness.browser import axe_in_both_themes, fits
from tests.harness.people import HostAtHome

pytestmark = pytest.mark.thorough

WRITTEN = """**Bring** what you have, and *read*
[the agenda](https://agenda.example/2026).

- one idea
- [run](javascript:document.title='ran')

<script>document.title = 'ran'</script><img src=x onerror="document.title='ran'">"""


def test_a_host_writes_it_and_invitees_read_it_as_it_was_shown(host: HostAtHome, new_context: NewContext) -> None:
    page = steps.open_as_host(new_context(host.server), host, f"/event-type?id={host.event_type_id()}")
    page.get_by_label("Description").fill(WRITTEN)
    preview = page.get_by_label("Preview").locator(".ticket__text")
    expect(preview.locator("strong")).to_have_text("Bring")
    shown = preview.inner_html()
    axe_in_both_themes(page)
    fits(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".event-card")).to_have_count(1)
    invitee = new_context(host.server).new_page()
    invitee.add_init_script(LISTEN)
    steps.open_link(invitee, host.new_link())
    text = invitee.locator("div.frame .ticket__text")
    assert text.inner_html() == shown
    link = text.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(link).to_have_attribute("target", "_blank")
    expect(text).to_contain_text("the agenda (agenda.example).")
    expect(text.get_by_role("listitem")).to_have_count(2)
    expect(text.locator("script, img")).to_have_count(0)
    expect(text).to_contain_text("<script>document.title = 'ran'</script>")
    expect(invitee).to_have_title("30 minute meeting with Grace Host")
    assert invitee.evaluate("violations") == []
    axe_in_both_themes(invitee)
    fits(invitee)
