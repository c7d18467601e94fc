"""The least that Reflex can serve: one paragraph, filled when the page has loaded. Every other page costs more."""

from pathlib import Path

from tests.harness.server import Server, free_port

WORDS = "The page is here."

APP = f"""
import reflex as rx


class Blank(rx.State):
    words: str = ""

    @rx.event
    def open(self):
        self.words = {WORDS!r}


app = rx.App()
app.add_page(lambda: rx.el.p(Blank.words, id="words"), route="/", on_load=Blank.open)
"""

CONFIG = """
import reflex as rx

config = rx.Config(
    app_name="blank",
    backend_host="127.0.0.1",
    frontend_compression_formats=["brotli", "gzip"],
    show_built_with_reflex=False,
    telemetry_enabled=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
"""


def blank_page(folder: Path) -> Server:
    """``reflex run --env prod`` of an app that is nothing else."""
    tree, port = folder / "project", free_port()
    (tree / "blank").mkdir(parents=True)
    (tree / "assets").mkdir()
    (tree / "rxconfig.py").write_text(CONFIG)
    (tree / "blank" / "__init__.py").touch()
    (tree / "blank" / "blank.py").write_text(APP)
    command = ["reflex", "run", "--env", "prod", "--frontend-port", str(port), "--backend-port", str(port)]
    return Server(command, folder=folder, tree=tree, url=f"http://localhost:{port}")
