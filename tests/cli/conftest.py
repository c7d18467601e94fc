"""The command on the databases of ``tests/operations``: as a call, and where it matters as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from singleuse_app.cli import main
from tests.harness.project import environment

COMMAND = Path(sys.executable).parent / "singleuse"


def called(*arguments: object, typed: str = "") -> Result:
    """What the command does in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=typed)


def done(*arguments: object, typed: str = "") -> str:
    """What it prints where all goes well."""
    result = called(*arguments, typed=typed)
    assert (result.exit_code, result.exception) == (0, None), result.output
    return result.stdout


def refused(*arguments: object, typed: str = "") -> str:
    """What it says where it refuses."""
    result = called(*arguments, typed=typed)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result.stderr


def process(*arguments: object, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """The installed command, as an operator runs it, on the database that this test has open."""
    own = {name: os.environ[name] for name in ("DATABASE_URL", "SECRET_KEY_FILE") if name in os.environ}
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=environment(**{**own, **settings}),
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
