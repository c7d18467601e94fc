"""The app, and a log that keeps no secrets: the control of the search for them."""

import logging
from typing import Any

from singleuse_app import app as composition


def app() -> Any:
    """The ASGI app."""
    logging.setLogRecordFactory(logging.LogRecord)
    return composition.app()
