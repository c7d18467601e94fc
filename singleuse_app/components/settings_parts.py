"""The parts of the settings: each a form that is saved by itself."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.copy_link import copy_link_button
from singleuse_app.components.fields import select_field, submit_button, text_field
from singleuse_app.components.words import t
from singleuse_app.formats import FIRST_WEEKDAYS, WEEKDAYS, zone_options
from singleuse_app.settings import settings
from singleuse_app.wording import LANGUAGES

PROFILE, EMAIL, PASSWORD, LEAVING = "profile", "email", "password", "leaving"
WEEKS = [(str(number), WEEKDAYS[number]) for number in FIRST_WEEKDAYS]
CLOCKS = [("24", "14:30"), ("12", "2:30 pm")]


@dataclass(frozen=True)
class DeviceLine:
    """One signed-in browser, ready to be drawn."""

    id: str
    name: str
    seen: str
    is_this: bool


@dataclass(frozen=True)
class HostLine:
    """One host, ready to be drawn."""

    name: str
    email: str
    since: str


@dataclass(frozen=True)
class InvitationLine:
    """One invitation, and what is or became of it, ready to be drawn."""

    id: str
    state: str
    is_open: bool


def profile_form(state: Any) -> rx.Component:
    """Name, zone, clock and week."""
    profile, errors = state.profile, state.errors
    return _part(
        t("Profile"),
        PROFILE,
        text_field(
            t("Name"),
            "name",
            autocomplete="name",
            required=True,
            hint=t("Invitees see it."),
            error=errors["name"],
            default_value=profile["name"],
        ),
        select_field(
            t("Time zone"),
            "time_zone",
            zone_options(),
            required=True,
            hint=t("Of your own pages. Your hours have zones of their own, under Availability."),
            error=errors["time_zone"],
            default_value=profile["time_zone"],
        ),
        rx.el.div(
            select_field(t("Times look like"), "clock", CLOCKS, required=True, default_value=profile["clock"]),
            select_field(
                t("Weeks begin on"),
                "first_weekday",
                [(day, t(name)) for day, name in WEEKS],
                required=True,
                default_value=profile["first_weekday"],
            ),
            class_name="form__pair",
        ),
        select_field(
            t("Pages and mail to you are in"),
            "locale",
            tuple(LANGUAGES.items()),
            required=True,
            hint=t("Invitees read and are written to in the language of their browser, where it is one of these."),
            default_value=profile["locale"],
        ),
        state=state,
        button=t("Save the profile"),
        on_submit=state.save_profile,
    )


def email_form(state: Any) -> rx.Component:
    """The address to sign in with."""
    return _part(
        t("E-mail address"),
        EMAIL,
        text_field(
            t("E-mail"),
            "email",
            type="email",
            autocomplete="username",
            required=True,
            hint=t("You sign in with it, and invitees are told it."),
            error=state.errors["email"],
            default_value=state.profile["email"],
        ),
        password_field("email_password", t("Your password"), "current-password", state.errors),
        state=state,
        button=t("Change the address"),
        on_submit=state.save_email,
    )


def password_form(state: Any) -> rx.Component:
    """The password, which every other device has to know from then on."""
    return _part(
        t("Password"),
        PASSWORD,
        password_field("password", t("Present password"), "current-password", state.errors),
        password_field(
            "new_password",
            t("New password"),
            "new-password",
            state.errors,
            t("At least 10 characters. Other devices are signed out."),
        ),
        state=state,
        button=t("Change the password"),
        on_submit=state.save_password,
    )


def devices_view(state: Any) -> rx.Component:
    """Where one is signed in, and a button to end it there."""
    return rx.el.section(
        rx.el.h2(t("Signed-in devices")),
        rx.el.p(
            t("Each is signed out by itself 14 days after it was last seen, and 30 days after it signed in."),
            class_name="small soft",
        ),
        rx.el.ul(
            rx.foreach(state.devices, lambda device: _device(device, state)), class_name="devices devices--signed-in"
        ),
        rx.cond(
            state.has_others,
            rx.el.p(
                rx.el.button(
                    t("Sign out everywhere else"), type="button", on_click=state.sign_out_others, class_name="button"
                )
            ),
            rx.fragment(),
        ),
        class_name="form__part",
    )


def hosts_view(state: Any) -> rx.Component:
    """For the first host: who else there is, and who is invited."""
    return rx.el.section(
        rx.el.h2(t("Hosts")),
        rx.el.p(t("Each sees their own event types, links and bookings only."), class_name="small soft"),
        rx.el.ul(rx.foreach(state.hosts, _host), class_name="devices"),
        rx.cond(
            state.invitations,
            rx.el.ul(rx.foreach(state.invitations, lambda each: _invitation(each, state)), class_name="devices"),
            rx.fragment(),
        ),
        copy_link_button(
            t("Invite a host"),
            "/api/host-invitations",
            copied_label=t("Copied · works once"),
            copied_message=t("Copied: an invitation that works once, for a week."),
            failure_message=t("No invitation was made, and nothing was copied. Check the connection and try again."),
            field_label=t("Copy this invitation from here. It works once."),
            class_name="button",
            on_done=state.refresh,
        ),
        class_name="form__part",
    )


def mail_view() -> rx.Component:
    """The way to the page about mail."""
    return rx.el.section(
        rx.el.h2(t("Mail")),
        rx.el.p(t("Whether mail goes out, what became of each message, and which are sent.")),
        rx.el.p(rx.el.a(t("Look at mail"), href="/mail", class_name="button")),
        class_name="form__part",
    )


def data_view(state: Any) -> rx.Component:
    """Everything to take along, and the way out."""
    return rx.el.section(
        rx.el.h2(t("Your data")),
        rx.el.p(t("Profile, hours, event types, links, bookings and what happened to them, in one file.")),
        rx.el.p(
            rx.el.elements.a(
                t("Download my data"), href=f"{settings().api_origin}/api/my-data.json", class_name="button"
            )
        ),
        rx.el.details(
            rx.el.summary(t("Delete my account…")),
            part_fields(
                LEAVING,
                rx.el.p(
                    t(
                        "Everything goes, for good and at once: your links stop working, and meetings to come are "
                        "cancelled. Whoever has booked one gets a mail, where a mail server is set up; otherwise "
                        "write to them. Download your data first: their addresses are in it."
                    )
                ),
                text_field(
                    t("Your e-mail address"),
                    "delete_email",
                    required=True,
                    hint=t("To be sure that you mean it."),
                    error=state.errors["delete_email"],
                ),
                password_field("delete_password", t("Your password"), "current-password", state.errors),
                rx.el.button(t("Delete my account"), type="submit", class_name="button button--danger"),
                state=state,
                on_submit=state.delete_account,
            ),
            class_name="guests",
        ),
        class_name="form__part",
    )


def _host(host: rx.vars.ObjectVar[HostLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.strong(host.name), rx.el.span(" ", host.email, class_name="soft small")),
        rx.el.span(host.since, class_name="small soft"),
        key=host.email,
    )


def _invitation(each: rx.vars.ObjectVar[InvitationLine], state: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(t("An invitation, {state}", state=each.state), class_name=rx.cond(each.is_open, "", "soft small")),
        rx.cond(
            each.is_open,
            rx.el.button(
                t("Take it back"),
                type="button",
                on_click=state.revoke_invitation(each.id),
                class_name="button button--small button--danger",
                custom_attrs={"aria-label": t("Take back the invitation, {state}", state=each.state)},
            ),
            rx.fragment(),
        ),
        key=each.id,
    )


def _device(device: rx.vars.ObjectVar[DeviceLine], state: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.strong(device.name),
            rx.el.span(" ", device.seen, class_name="soft small"),
        ),
        rx.cond(
            device.is_this,
            rx.el.span(t("This device"), class_name="small"),
            rx.el.button(
                t("Sign out"),
                type="button",
                on_click=state.sign_out_device(device.id),
                class_name="button button--small",
                custom_attrs={"aria-label": t("Sign out {device}, {seen}", device=device.name, seen=device.seen)},
            ),
        ),
        key=device.id,
    )


def _part(title: rx.Var, name: str, *fields: rx.Component, state: Any, button: rx.Var, on_submit: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title),
        part_fields(
            name,
            *fields,
            rx.el.div(
                submit_button(button, is_busy=state.is_sending == name),
                rx.el.p(rx.cond(state.saved == name, t("Saved."), ""), class_name="small soft"),
                class_name="form__actions",
            ),
            state=state,
            on_submit=on_submit,
        ),
        class_name="form__part",
    )


def part_fields(name: str, *content: rx.Component, state: Any, on_submit: Any) -> rx.Component:
    """The form of a part: drawn anew once it is saved, so that no password stays in it."""
    return rx.el.form(
        *content,
        key=f"{name}-{state.drawn[name]}",
        on_submit=on_submit,
        no_validate=True,
        class_name="form",
        custom_attrs={"data-refused": state.refused[name]},
    )


def password_field(name: str, label: rx.Var, autocomplete: str, errors: Any, hint: rx.Var | str = "") -> rx.Component:
    """A field for a password of one's own."""
    return text_field(
        label, name, type="password", autocomplete=autocomplete, required=True, hint=hint, error=errors[name]
    )
