"""No text of a stranger's breaks out of its place in a mail or a calendar."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from singleuse_app.notifications import ics
from singleuse_app.notifications.letters import Letter, as_html, as_text
from singleuse_app.notifications.mail import Address, Mail, compose
from singleuse_app.scheduling.bookings import BookingConfirmation, Invitee, Terms
from singleuse_app.scheduling.questions import Answer
from singleuse_app.wording import wording
from tests.factories import NOW

HEADERS = [
    "Message-ID",
    "Date",
    "From",
    "To",
    "Reply-To",
    "Subject",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]
HOSTILE = [
    "Ada\r\nBcc: all@example.org",
    "Ada\n\n<script>alert(1)</script>",
    "=?utf-8?q?=0D=0ABcc:_all@example.org?=",
    '"boss@bank.example" <boss@bank.example>, all@example.org',
    "x" * 10_000,
    "\u202egro.elpmaxe@live\u202c",
    "\x00\x1b[31m\u2028Bcc: a@example.org\x85Bcc: b@example.org",
    "END:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR",
    'a;b,c:d\\n^n"e" \U0001f389\U0001f468\u200d\U0001f469',
]
texts = st.sampled_from(HOSTILE) | st.text(max_size=300) | st.text('\r\n\t :;,"\\^=?<>@Bc', max_size=80)


def mail_of(text: str) -> Mail:
    own = Address(text, "meet@example.org")
    letter = Letter(own, wording("en"), subject=text, title=text, paragraphs=(text,), facts=((text, text),))
    return Mail(
        message_id="abc@example.org",
        date=NOW,
        sender=own,
        to=Address(text, "ada@example.org"),
        reply_to=Address(text, "grace@example.org"),
        subject=text,
        text=as_text(letter),
        html=as_html(letter),
        language="en",
        thread="thread@example.org",
        calendar=ics.invitation(booking_of(text), method="REQUEST", note=text, alarms=[timedelta(minutes=15)], now=NOW),
        method="REQUEST",
    )


def booking_of(text: str) -> BookingConfirmation:
    return BookingConfirmation(
        booking_id="bkg_1",
        uid="1@singleuse",
        sequence=3,
        start=NOW,
        end=NOW + timedelta(minutes=30),
        host_name=text,
        host_email="grace@example.org",
        host_time_zone="Europe/Berlin",
        invitee=Invitee(text, "ada@example.org", "UTC", ("eve@example.org",), (Answer(text, text),)),
        terms=Terms(1, text, 30, text),
        cancelled=False,
    )


@given(texts)
def test_no_text_adds_a_header_or_another_recipient(text: str) -> None:
    raw = compose(mail_of(text))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    found = message_from_bytes(raw, policy=policy.default)
    assert found.keys() == HEADERS
    for name, email in {"From": "meet@", "To": "ada@", "Reply-To": "grace@"}.items():
        assert [each.addr_spec for each in found[name].addresses] == [f"{email}example.org"]
    assert [part.get_content_type() for part in found.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    assert "<script" not in found.get_body(("html",)).get_content()


def test_put_together_from_texts_a_mail_would_have_another_header() -> None:
    """The control."""
    raw = f"Subject: {HOSTILE[0]}\r\n\r\n".encode()
    assert message_from_bytes(raw, policy=policy.default)["Bcc"]


@given(texts)
def test_no_text_adds_a_line_to_a_calendar(text: str) -> None:
    raw = ics.invitation(booking_of(text), method="REQUEST", note=text, alarms=[timedelta(minutes=15)], now=NOW)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert b"\n" not in raw.replace(b"\r\n", b"")
    raw.decode()
    calendar = Calendar.from_ical(raw)
    assert set(calendar) == {"VERSION", "PRODID", "METHOD"}
    [event] = calendar.subcomponents
    clean = {"LOCATION"} if "LOCATION" in event else set()
    clean |= {"DESCRIPTION"} if "DESCRIPTION" in event else set()
    expected = {
        "SUMMARY",
        "DTSTART",
        "DTEND",
        "DTSTAMP",
        "UID",
        "SEQUENCE",
        "ATTENDEE",
        "ORGANIZER",
        "STATUS",
        "TRANSP",
    }
    assert set(event) == expected | clean
    assert [str(one) for one in event["ATTENDEE"]] == ["mailto:ada@example.org", "mailto:eve@example.org"]
    [alarm] = event.subcomponents
    assert alarm["TRIGGER"].dt == timedelta(minutes=-15)
    assert "\u202e" not in raw.decode()


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_entry_says_what_becomes_of_it(method: str) -> None:
    booking = replace(booking_of("Ada"), cancelled=method == "CANCEL")
    calendar = Calendar.from_ical(ics.invitation(booking, method=method, alarms=[timedelta(hours=1)], now=NOW))
    [event] = calendar.subcomponents
    assert str(calendar["METHOD"]) == method
    assert str(event["STATUS"]) == {"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}[method]
    assert len(event.subcomponents) == (method == "REQUEST")
    assert [one.params["PARTSTAT"] for one in event["ATTENDEE"]] == ["ACCEPTED", "NEEDS-ACTION"]


@pytest.mark.parametrize("email", ["jörg@example.org", "李@example.org"])
def test_an_address_of_other_letters_stands_as_it_is(email: str) -> None:
    raw = compose(replace(mail_of("Jörg"), to=Address("Jörg", email)))
    found = message_from_bytes(raw, policy=policy.default)
    assert f"<{email}>".encode() in raw
    assert found["Subject"] == "Jörg"


def test_the_same_mail_is_the_same_bytes() -> None:
    assert compose(mail_of("Ada")) == compose(mail_of("Ada"))


@pytest.mark.parametrize("length", range(50, 90))
def test_a_subject_of_any_length_begins_beside_its_name(length: int) -> None:
    """The library leaves the line of the name empty where all of the text just fits on the next one."""
    text = f"Ada has booked {'a meeting ' * 9}"[:length].strip()
    raw = compose(mail_of(text))
    assert f"\r\nSubject: {text[:30]}".encode() in raw
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == text
