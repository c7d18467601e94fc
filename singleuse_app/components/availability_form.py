"""The form of a schedule: its week, its dates, its holidays and what recurs."""

from typing import Any

import reflex as rx

from singleuse_app.components.availability_values import KIND_WORDS, DateRow, DayRow, RuleRow
from singleuse_app.components.fields import select_field, submit_button, text_field
from singleuse_app.components.schedule_tabs import removing_view
from singleuse_app.components.words import t
from singleuse_app.formats import WEEKDAYS, zone_options
from singleuse_app.scheduling.hours_text import MAX_LENGTH
from singleuse_app.scheduling.schedule_forms import DAYS
from singleuse_app.wording import noted

HOURS_HINT = noted("Like 9:00–12:00, 13:00–17:30. Empty: unavailable.")


def schedule_form(state: Any) -> rx.Component:
    """The form of the schedule that is shown. ``state`` is that of the page."""
    return rx.el.form(
        rx.el.p(state.form_error, class_name="form-error", role="alert"),
        rx.el.p(state.used_by, class_name="small soft"),
        rx.cond(
            state.was_changed_elsewhere,
            rx.el.p(
                t(
                    "This schedule was changed elsewhere. Saving puts what stands here in its place; "
                    "discard your changes to see it."
                ),
                class_name="notice notice--warning",
                role="status",
            ),
            rx.fragment(),
        ),
        *_fields(state),
        rx.el.div(
            submit_button(t("Save"), is_busy=state.is_sending, id="save-schedule"),
            rx.cond(
                state.is_changed,
                rx.el.button(
                    t("Discard changes"), type="button", on_click=state.discard, class_name="button button--quiet"
                ),
                rx.fragment(),
            ),
            rx.el.p(
                rx.cond(state.is_changed, t("Not saved yet."), rx.cond(state.is_saved, t("Saved."), "")),
                class_name="small soft",
            ),
            rx.el.span(class_name="spacer"),
            removing_view(state),
            class_name="form__actions form__end hours-end",
        ),
        on_submit=state.save,
        no_validate=True,
        class_name="form form--kept",
        custom_attrs={"data-refused": state.refused},
    )


def _fields(state: Any) -> list[rx.Component]:
    form = state.form
    return [
        rx.el.section(
            _text(
                state,
                t("Name of the schedule"),
                f"name-{form.id}",
                form.wrong_name,
                form.name,
                key=f"name-{form.id}",
                auto_focus=state.is_added,
            ),
            _zone(state),
            class_name="form__part",
        ),
        rx.el.section(
            rx.el.h2(t("Weekly hours")),
            rx.el.p(t(HOURS_HINT), id="hours-hint", class_name="small soft"),
            rx.el.ul(rx.foreach(form.days, lambda row: _day(state, row)), class_name="hours-rows"),
            class_name="form__part",
        ),
        rx.el.section(
            rx.el.h2(t("Dates with hours of their own")),
            rx.el.p(t("In place of everything else that day. Without hours: not available."), class_name="small soft"),
            rx.el.ul(rx.foreach(form.dates, lambda row: _date(state, row)), class_name="date-rows"),
            rx.el.button(
                t("Add a date"), type="button", id="add-date", on_click=state.add_date, class_name="button form__add"
            ),
            class_name="form__part",
        ),
        rx.el.section(
            rx.el.h2(t("Public holidays")),
            rx.el.p(t("Days off, unless the date has hours of its own."), class_name="small soft"),
            rx.el.div(
                _select(
                    state,
                    t("Country"),
                    f"country-{form.id}",
                    state.countries,
                    form.country,
                    error=form.wrong_country,
                    key=f"country-{form.id}",
                ),
                rx.cond(
                    form.regions,
                    _select(state, t("Region"), form.region_field, form.regions, form.region, key=form.region_field),
                    rx.fragment(),
                ),
                class_name="form__pair",
            ),
            class_name="form__part",
        ),
        rx.el.section(
            rx.el.h2(t("Hours and days off that recur")),
            rx.el.p(t("Hours are added to the weekly ones. Without hours: a day off."), class_name="small soft"),
            rx.el.ul(rx.foreach(form.rules, lambda row: _rule(state, row)), class_name="date-rows"),
            rx.el.button(
                t("Add a recurrence"),
                type="button",
                id="add-rule",
                on_click=state.add_rule,
                class_name="button form__add",
            ),
            class_name="form__part",
        ),
    ]


def _typing(state: Any, name: Any) -> dict[str, Any]:
    """The preview follows what is typed; leaving a field overtakes the wait."""
    return {
        "on_change": lambda text: state.draft(name, text).debounce(300),
        "on_blur": lambda text: state.draft(name, text),
    }


def _text(state: Any, label: Any, name: Any, error: Any, value: Any, *, key: Any = None, **props: Any) -> rx.Component:
    drawn = text_field(
        label,
        name,
        error=error,
        default_value=value,
        required=True,
        **_typing(state, name),
        max_length=MAX_LENGTH,
        **props,
    )
    return rx.el.div(drawn, key=key) if key is not None else drawn


def _select(
    state: Any, label: rx.Var, name: Any, options: Any, value: Any, *, error: Any = "", key: Any = None
) -> rx.Component:
    drawn = select_field(
        label,
        name,
        options,
        error=error,
        required=True,
        default_value=value,
        on_change=lambda choice: state.draft(name, choice),
    )
    return rx.el.div(drawn, key=key) if key is not None else drawn


def _zone(state: Any) -> rx.Component:
    form, name = state.form, f"zone-{state.form.id}"
    changing: dict[str, Any] = {"on_change": lambda choice: state.draft(name, choice)}
    known = [rx.el.option(text, value=value) for value, text in zone_options()]
    return rx.el.div(
        rx.el.label(t("Time zone of these hours"), html_for=name),
        rx.el.select(
            rx.el.option(form.zone, value=form.zone, hidden=True),  # one that is not in the list stays
            *known,
            id=name,
            name=name,
            default_value=form.zone,
            **changing,
        ),
        class_name="field",
        key=name,
    )


def _day(state: Any, row: rx.vars.ObjectVar[DayRow]) -> rx.Component:
    name = f"hours-{row.id}"
    return rx.el.li(
        rx.el.label(row.label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            type="text",
            auto_complete="off",
            placeholder=t("Unavailable"),
            default_value=row.hours,
            max_length=MAX_LENGTH,
            **_typing(state, name),
            custom_attrs={
                "aria-describedby": f"hours-hint {name}-error",
                "aria-invalid": rx.cond(row.wrong, "true", "false"),
            },
        ),
        _copy_menu(state, row),
        rx.el.p(row.wrong, id=f"{name}-error", class_name="field-error"),
        class_name="field hours-row",
        key=row.id,
    )


def _copy_menu(state: Any, row: rx.vars.ObjectVar[DayRow]) -> rx.Component:
    def item(text: rx.Var, target: str | int) -> rx.Component:
        return rx.el.button(
            text, type="button", on_click=state.copy_hours(row.weekday, target), class_name="button button--small"
        )

    return rx.el.details(
        rx.el.summary(
            t("Copy to…"),
            class_name="button button--quiet button--small",
            custom_attrs={"aria-label": t("Copy the hours of {day} to other days", day=row.label)},
        ),
        rx.el.div(
            item(t("Monday to Friday"), "weekdays"),
            item(t("All days"), "all"),
            *[
                rx.cond(row.weekday == weekday, rx.fragment(), item(t(day), weekday))
                for weekday, day in enumerate(WEEKDAYS)
            ],
            class_name="menu__sheet",
        ),
        class_name="menu",
    )


def _date(state: Any, row: rx.vars.ObjectVar[DateRow]) -> rx.Component:
    return rx.el.li(
        _text(state, t("Date"), f"date-{row.id}", row.wrong_date, row.date, type="date", auto_focus=row.is_new),
        _text(state, t("Hours"), f"hours-{row.id}", row.wrong, row.hours, placeholder=t("Not available")),
        _remove(
            state.remove_date(row.id), rx.cond(row.label, t("Remove {what}", what=row.label), t("Remove this date"))
        ),
        key=row.id,
    )


def _rule(state: Any, row: rx.vars.ObjectVar[RuleRow]) -> rx.Component:
    kind, weekday = f"kind-{row.id}", f"weekday-{row.id}"
    days = [(day, t(name)) for day, name in zip(DAYS, WEEKDAYS, strict=True)]
    return rx.el.li(
        rx.el.p(row.label, class_name="date-rows__words"),
        rx.cond(
            row.is_custom,
            rx.fragment(),
            rx.fragment(
                select_field(
                    t("How often"),
                    kind,
                    [(kind, t(words)) for kind, words in KIND_WORDS.items()],
                    required=True,
                    default_value=row.kind,
                    auto_focus=row.is_new,
                    on_change=lambda choice: state.draft(kind, choice),
                ),
                _select(state, t("Day"), weekday, days, row.weekday),
            ),
        ),
        _text(state, t("From"), f"start-{row.id}", row.wrong_start, row.start, type="date"),
        _text(state, t("Hours"), f"hours-{row.id}", row.wrong, row.hours, placeholder=t("Day off")),
        _remove(state.remove_rule(row.id), t("Remove: {what}", what=row.label)),
        key=row.id,
    )


def _remove(on_click: Any, label: Any) -> rx.Component:
    return rx.el.button(
        t("Remove"),
        type="button",
        on_click=on_click,
        class_name="button button--danger button--small",
        custom_attrs={"aria-label": label},
    )
