"""A page as it was served, taken apart without a browser."""

from html.parser import HTMLParser


class Document(HTMLParser):
    """The tags of a page and their attributes' names, what its metas say, and the text of some elements: ``texts``.

    Scripts that come from elsewhere have none.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.meta: dict[str, str] = {}
        self.texts: dict[str, list[str]] = {"title": [], "script": [], "style": [], "h1": []}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.tags.append(tag)
        self.attributes |= said.keys()
        if tag == "meta":
            self.meta[said.get("name") or said.get("property") or ""] = said.get("content") or ""
        self._open = [tag] if "src" not in said else []

    def handle_endtag(self, tag: str) -> None:
        self._open = []

    def handle_data(self, data: str) -> None:
        if self._open and self._open[0] in self.texts:
            self.texts[self._open[0]].append(data)
