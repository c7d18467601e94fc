"""A search field whose text stands in the page's address, as a mixin of the State of a page with one."""

import reflex as rx


class Finding(rx.State, mixin=True):
    """``text`` is what is looked for. The field is the browser's while somebody types; ``field`` numbers the times that
    it was drawn anew."""

    text: str = ""
    field: int = 0
    _typed: list[str] = []

    def _note_typed(self, text: str) -> None:
        self._typed = [*self._typed[-20:], text]

    def _settle_field(self, text: str) -> None:
        """A text that came by typing stands in its field already; for any other the field is drawn anew."""
        if text in self._typed:
            self._typed = self._typed[self._typed.index(text) :]
        else:
            self._typed, self.field = [text], self.field + 1
        self.text = text
