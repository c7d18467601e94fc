"""How the pages are bundled: in few files, of which a browser loads no more than its page needs."""

import re
from typing import Unpack

from reflex.plugins import Plugin
from reflex_base.plugins.base import PreCompileContext

CONFIG = "vite.config.js"
GROUPS = re.compile(r"groups: \[.*?\],\n", re.DOTALL)

FRAMEWORK = r"""groups: [
            {
              name: "framework",
              test: /node_modules|[\\/]utils[\\/]|env\.json/,
            },
          ],
"""
"""What every page needs is one file: each costs a first visit its headers, and its place in a queue of six. A package
that only some pages need would have to be left out."""


class Bundle(Plugin):
    """Tells the bundler what belongs together. Where its configuration has changed its form, it decides by itself."""

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        """Before the pages are compiled."""
        context["add_modify_task"](CONFIG, lambda config: GROUPS.sub(lambda _: FRAMEWORK, config, count=1))
