"""Links for many people at once: the list, what is wrong with it, how far things are, and what has come of it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.fields import select_field, submit_button, text_field
from singleuse_app.components.link_options import expiries, only_recipient_check
from singleuse_app.components.words import t
from singleuse_app.wording import noted

EXAMPLE = noted("Ada Lovelace, ada@example.org, met at the fair\nbob@example.org")


@dataclass(frozen=True)
class Line:
    """A line of the list that is nobody, and why."""

    number: int
    text: str
    problem: str


@dataclass(frozen=True)
class Made:
    """A batch that was made, ready to be handed out."""

    words: str = ""
    table: str = ""
    sheet: str = ""
    board: str = ""
    send_href: str = ""


def many_links_form(state: Any) -> rx.Component:
    """The list and what holds for all of it. ``state`` has ``errors`` by name, ``wrong_lines`` and ``make``."""
    return rx.el.form(
        rx.el.input(type="hidden", name="form_key", value=state.form_key, read_only=True),
        select_field(t("Event type"), "event_type", state.event_types, required=True, error=state.errors["event_type"]),
        text_field(
            t("People"),
            "people",
            type="textarea",
            rows="8",
            hint=t("One a line: name, e-mail, note. Paste it from a spreadsheet, or from a CSV file."),
            placeholder=t(EXAMPLE),
            error=state.errors["people"],
            spell_check=False,
        ),
        _wrong_lines(state),
        text_field(
            t("Or just a number of links"),
            "count",
            input_mode="numeric",
            hint=t("At most 1,000, for nobody in particular."),
            error=state.errors["count"],
        ),
        only_recipient_check(t("Only the address in the list may book"), state.sends_mail),
        select_field(
            t("Expires"), "expires", expiries(), required=True, class_name="expires", error=state.errors["expires"]
        ),
        rx.el.div(
            text_field(t("Last day"), "expires_on", type="date", required=True, error=state.errors["expires_on"]),
            class_name="expires__date",
        ),
        text_field(t("Name of the list"), "name", hint=t("You find its links under it."), error=state.errors["name"]),
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        submit_button(t("Make links"), is_busy=state.is_sending),
        _progress(state),
        on_submit=state.make,
        no_validate=True,
        class_name="form",
    )


def made_view(state: Any) -> rx.Component:
    """What has come of it, and what to do with it."""
    made = state.made
    return rx.el.section(
        rx.el.h2(made.words, id="made", tab_index=-1),
        rx.el.p(t("Each works once. The table has a link in every row, for a mail merge.")),
        rx.el.div(
            rx.cond(
                made.send_href,
                rx.el.a(t("Send them by mail"), href=made.send_href, class_name="button button--primary"),
                rx.fragment(),
            ),
            rx.el.elements.a(t("Download the table"), href=made.table, class_name="button"),
            rx.el.elements.a(t("Print QR codes"), href=made.sheet, target="_blank", class_name="button"),
            rx.el.a(t("See them on Links"), href=made.board, class_name="button"),
            rx.el.button(t("Make more"), type="button", on_click=state.again, class_name="button button--quiet"),
            class_name="many__done",
        ),
        class_name="many",
    )


def _wrong_lines(state: Any) -> rx.Component:
    return rx.cond(
        state.wrong_lines,
        rx.el.div(
            rx.el.p(state.wrong_words),
            rx.el.ul(
                rx.foreach(
                    state.wrong_lines,
                    lambda line: rx.el.li(
                        rx.el.span(t("Line {number}:", number=line.number.to(str)), " ", class_name="soft"),
                        rx.el.q(line.text),
                        " ",
                        rx.el.span(line.problem),
                        key=line.number,
                    ),
                ),
                class_name="small",
            ),
            rx.el.label(
                rx.el.input(type="checkbox", name="leave_out"),
                state.leave_out_words,
                class_name="field__check",
            ),
            class_name="notice notice--warning many__wrong",
        ),
        rx.fragment(),
    )


def _progress(state: Any) -> rx.Component:
    return rx.cond(
        state.is_sending & (state.total > 0),
        rx.el.progress(
            value=state.done, max=state.total, custom_attrs={"aria-label": t("Links made")}, class_name="many__progress"
        ),
        rx.fragment(),
    )
