"""What was asked and what was said, for the invitee and for the host."""

from typing import Any

import reflex as rx


def answers_view(pairs: Any) -> rx.Component:
    """Questions, each with its answer. ``pairs`` is a Var of ``list[tuple[str, str]]``."""
    return rx.el.dl(
        rx.foreach(pairs, lambda pair: rx.el.div(rx.el.dt(pair[0]), rx.el.dd(pair[1]), key=pair[0])),
        class_name="answers small",
    )
