import os

import reflex as rx

from singleuse_app.bundle import Bundle
from singleuse_app.settings import refuse_several_workers, settings

refuse_several_workers()

# What Reflex takes from the environment alone.
os.environ.setdefault("REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE", "65536")  # a booking form is far smaller
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "false")  # nobody is asked whether there is a newer Reflex

config = rx.Config(
    app_name="singleuse_app",
    app_module_import="singleuse_app.app",
    backend_host="127.0.0.1",
    cors_allowed_origins=list(settings().origins),  # app.py brings it up to date with the ports
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[Bundle()],
    redis_token_expiration=1800,
    redis_url=settings().redis_url or None,
    show_built_with_reflex=False,
    state_manager_mode=rx.constants.StateManagerMode.REDIS
    if settings().redis_url
    else rx.constants.StateManagerMode.MEMORY,
    telemetry_enabled=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
