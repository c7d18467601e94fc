"""A host's mail: how it goes, what became of each message, and which are sent."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from singleuse_app.components.empty import empty_state
from singleuse_app.components.fields import submit_button
from singleuse_app.components.paging import chips_view
from singleuse_app.components.words import around, t


@dataclass(frozen=True)
class MessageLine:
    """One message, ready to be drawn. ``said`` is what the mail server said."""

    id: str
    what: str
    whom: str
    state: str
    said: str
    has_failed: bool
    is_kept: bool


@dataclass(frozen=True)
class MailChoice:
    """One kind of message to one side, and whether it is sent."""

    name: str
    text: str
    is_on: bool


def way_view(state: Any) -> rx.Component:
    """How mail goes, and whether it does. ``state`` has ``server``, ``host_email`` and ``test``."""
    return rx.el.section(
        rx.el.h2(t("How mail goes")),
        rx.cond(
            state.server,
            rx.fragment(
                rx.el.p(around("Mail goes out through {server}.", server=rx.el.strong(state.server))),
                rx.el.p(
                    rx.el.button(
                        t("Send a test message"),
                        type="button",
                        on_click=state.test,
                        class_name="button",
                        custom_attrs={"aria-busy": rx.cond(state.is_testing, "true", "false")},
                    ),
                    rx.el.span(" ", t("to {whom}", whom=state.host_email), class_name="small soft"),
                ),
                rx.cond(
                    state.tested,
                    rx.el.p(state.tested, class_name=rx.cond(state.test_failed, "notice notice--warning", "notice")),
                    rx.fragment(),
                ),
            ),
            rx.el.div(
                rx.el.p(
                    rx.el.strong(t("Nobody gets mail yet.")), " ", t("There is no mail server to send it through.")
                ),
                rx.el.p(
                    around(
                        "Until there is one, each message is kept as a file in the folder {folder}, or the one that "
                        "{setting} names, and can be read below. Whoever runs Singleuse sets {server} and {sender}; "
                        "what was kept by then is not sent any more.",
                        folder=rx.el.code("mail"),
                        setting=rx.el.code("MAIL_FOLDER"),
                        server=rx.el.code("SMTP_URL"),
                        sender=rx.el.code("MAIL_FROM"),
                    ),
                ),
                class_name="notice",
            ),
        ),
        class_name="form__part",
    )


def messages_view(state: Any) -> rx.Component:
    """The newest messages. ``state`` has ``chips``, ``lines``, ``send_again`` and ``read``."""
    return rx.el.section(
        rx.el.h2(t("Messages")),
        chips_view(state.chips, t("Messages by what became of them")),
        rx.cond(
            state.lines,
            rx.el.ul(rx.foreach(state.lines, lambda line: _message(line, state)), class_name="devices mails"),
            rx.cond(
                state.is_filtered,
                empty_state(t("No such message"), t("Nothing fits what is chosen above.")),
                empty_state(t("No messages yet"), t("Whatever is sent for you appears here by itself.")),
            ),
        ),
        rx.cond(state.is_cut, rx.el.p(t("These are the newest."), class_name="small soft"), rx.fragment()),
        class_name="form__part",
    )


def choices_form(state: Any) -> rx.Component:
    """Which messages are sent. ``state`` has ``own_choices``, ``other_choices`` and ``choose``."""
    return rx.el.section(
        rx.el.h2(t("Which messages are sent")),
        rx.el.form(
            rx.el.fieldset(rx.el.legend(t("To you")), rx.foreach(state.own_choices, _choice), class_name="field"),
            rx.el.fieldset(
                rx.el.legend(t("To invitees and their guests")),
                rx.foreach(state.other_choices, _choice),
                rx.el.p(
                    t(
                        "The mail of a booking tells its invitee where to change or cancel it. Without it they know "
                        "that from the page alone."
                    ),
                    class_name="field-hint",
                ),
                class_name="field",
            ),
            rx.el.p(
                submit_button(t("Save the choice"), is_busy=False),
                rx.el.span(" ", rx.cond(state.is_chosen, t("Saved."), ""), class_name="small soft"),
            ),
            on_submit=state.choose,
            class_name="form",
        ),
        class_name="form__part",
    )


def _message(line: rx.vars.ObjectVar[MessageLine], state: Any) -> rx.Component:
    is_open = state.open_id == line.id
    return rx.el.li(
        rx.el.span(
            rx.el.strong(line.what),
            rx.el.span(" ", t("to {whom}", whom=line.whom)),
            rx.el.br(),
            rx.el.span(line.state, class_name=rx.cond(line.has_failed, "small mails__failed", "small soft")),
            rx.cond(line.said, rx.el.span(rx.el.br(), line.said, class_name="small soft"), rx.fragment()),
        ),
        rx.cond(
            line.has_failed,
            _button(t("Send again"), line, state.send_again(line.id)),
            rx.cond(
                line.is_kept,
                _button(t("Read"), line, state.read(line.id), {"aria-expanded": rx.cond(is_open, "true", "false")}),
                rx.fragment(),
            ),
        ),
        rx.cond(
            is_open,
            rx.el.pre(state.open_text, tab_index=0, role="region", custom_attrs={"aria-label": t("The message")}),
            rx.fragment(),
        ),
        key=line.id,
    )


def _button(
    text: rx.Var, line: rx.vars.ObjectVar[MessageLine], on_click: Any, attributes: dict[str, Any] | None = None
) -> rx.Component:
    return rx.el.button(
        text,
        type="button",
        on_click=on_click,
        class_name="button button--small",
        custom_attrs={"aria-label": f"{text}: {line.what} {t('to {whom}', whom=line.whom)}", **(attributes or {})},
    )


def _choice(choice: rx.vars.ObjectVar[MailChoice]) -> rx.Component:
    box = rx.el.input(type="checkbox", name=choice.name, default_checked=choice.is_on)
    return rx.el.div(rx.el.label(box, choice.text, class_name="field__check"), class_name="field", key=choice.name)
