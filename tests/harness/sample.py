"""A small app that stands in for the real one where the harness itself is tested."""

import reflex as rx


class CounterState(rx.State):
    """Counts, remembers a word, and knows the page's segment."""

    total: int = 0
    seen: str = ""
    word: str = rx.SessionStorage("", name="word")
    _secret: str = "never sent"

    @rx.event
    def load(self) -> None:
        self.seen = f"{self.slug} {self.router.headers.cookie}"

    @rx.event
    def add(self, number: int) -> None:
        self.total += int(number)

    @rx.event
    def leave(self) -> rx.event.EventSpec:
        return rx.redirect("/elsewhere")


def counter() -> rx.Component:
    return rx.el.main(rx.el.h1("Counter"), rx.el.button(CounterState.total, on_click=CounterState.add(1)))


app = rx.App(toaster=None)
app.add_page(counter, route="/count/[slug]", on_load=CounterState.load)
