"""A host's calendars elsewhere: how each is doing, and the form for another one."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.fields import submit_button, text_field
from singleuse_app.components.words import t
from singleuse_app.wording import noted

WHERE_TO_FIND_IT = (
    (
        "Google Calendar",
        noted("Settings, the calendar's name, Integrate calendar, Secret address in iCal format."),
    ),
    ("Outlook", noted("Settings, Calendar, Shared calendars, Publish a calendar; then the ICS link.")),
    (
        "Fastmail",
        noted("Settings, Calendars, Edit & Share; then the address with full events, or with busy times alone."),
    ),
    ("Nextcloud", noted("Calendar, the pencil beside the calendar, Share link; then Copy subscription link.")),
)


@dataclass(frozen=True)
class FeedRow:
    """One calendar, ready to be drawn. ``wrong`` is what is wrong with it, in a sentence or two, or nothing."""

    id: str
    name: str
    shown_as: str
    state: str
    wrong: str
    is_being_read: bool


def calendars_view(state: Any) -> rx.Component:
    """The list, what was removed just now, and the form for another one."""
    return rx.fragment(
        rx.el.p(
            t(
                "Singleuse reads these calendars every ten minutes and offers no time at which they say that you are "
                "busy. It never changes them."
            ),
            class_name="soft",
        ),
        _undo_view(state),
        rx.cond(
            state.rows,
            rx.el.ul(rx.foreach(state.rows, lambda row: _draw(row, state)), class_name="feeds"),
            rx.fragment(),
        ),
        _add_form(state),
    )


def broken_view(words: Any) -> rx.Component:
    """One line for other pages, while a calendar cannot be read."""
    return rx.el.div(
        rx.cond(
            words,
            rx.el.p(
                words, " ", rx.el.a(t("See your calendars"), href="/calendars"), class_name="notice notice--warning"
            ),
            rx.fragment(),
        ),
        role="status",
    )


def _draw(row: Any, state: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.h2(row.name),
            rx.el.p(row.shown_as, class_name="small soft feed__source"),
            class_name="feed__head",
        ),
        rx.cond(row.wrong, rx.el.p(row.wrong, class_name="notice notice--warning"), rx.fragment()),
        rx.el.p(row.state),
        rx.el.div(
            rx.el.button(
                t("Check now"),
                type="button",
                on_click=state.check(row.id),
                class_name="button",
                custom_attrs={
                    "aria-label": t("Check now: {name}", name=row.name),
                    "aria-busy": rx.cond(row.is_being_read, "true", "false"),
                },
            ),
            rx.el.button(
                t("Remove"),
                type="button",
                on_click=state.remove(row.id),
                class_name="button button--danger",
                custom_attrs={"aria-label": t("Remove: {what}", what=row.name)},
            ),
            rx.el.details(
                rx.el.summary(t("Rename"), custom_attrs={"aria-label": t("Rename: {name}", name=row.name)}),
                _rename_form(row, state),
                class_name="guests feed__rename",
            ),
            class_name="actions",
        ),
        class_name="feed",
        key=row.id,
    )


def _rename_form(row: Any, state: Any) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="feed_id", value=row.id, read_only=True),
        rx.el.div(
            rx.el.label(t("New name"), html_for="name-" + row.id),
            rx.el.input(
                id="name-" + row.id,
                name="new_name",
                default_value=row.name,
                auto_complete="off",
                key=row.name,
                custom_attrs={
                    "aria-describedby": "wrong-" + row.id,
                    "aria-invalid": rx.cond(state.wrong_name[row.id], "true", "false"),
                },
            ),
            rx.el.p(state.wrong_name[row.id], id="wrong-" + row.id, class_name="field-error"),
            class_name="field",
        ),
        rx.el.button(t("Save"), type="submit", class_name="button"),
        on_submit=state.rename,
        no_validate=True,
        class_name="form",
        custom_attrs={"data-refused": rx.cond(state.wrong_name[row.id], state.refused_name, 0)},
    )


def _undo_view(state: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            state.removed_id,
            rx.el.div(
                rx.el.p(state.removed_words),
                rx.el.button(t("Undo"), type="button", id="undo", on_click=state.undo, class_name="button"),
                class_name="notice board__batch",
            ),
            rx.fragment(),
        ),
        role="status",
    )


def _add_form(state: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("Add a calendar"), id="add"),
        rx.el.form(
            text_field(
                t("Name"),
                "name",
                hint=t("Only you read it, like Work or Family."),
                required=True,
                error=state.errors["name"],
            ),
            text_field(
                t("Secret address"),
                "feed_address",
                hint=t("It begins with https:// or webcal://. Singleuse keeps it encrypted and never shows it again."),
                required=True,
                error=state.errors["feed_address"],
                input_mode="url",
                spell_check=False,
                auto_capitalize="none",
            ),
            rx.el.details(
                rx.el.summary(t("Where do I find it?")),
                rx.el.dl(
                    *[part for name, way in WHERE_TO_FIND_IT for part in (rx.el.dt(name), rx.el.dd(t(way)))],
                    class_name="answers feed__where",
                ),
                class_name="guests",
            ),
            rx.el.p(state.form_error, class_name="form-error", role="alert"),
            submit_button(t("Add calendar"), is_busy=state.is_sending),
            on_submit=state.add,
            no_validate=True,
            class_name="form",
            key=state.form_key,
            custom_attrs={"data-refused": state.refused},
        ),
        class_name="many form__part",
        custom_attrs={"aria-labelledby": "add"},
    )
