"""The rules of the code base, checked. Layers and banned names are import-linter's and ruff's, in pyproject.toml."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APP = ROOT / "singleuse_app"
SOURCES = sorted(path for path in APP.rglob("*.py") if "versions" not in path.parts)

TOO_LONG = 400
FORBIDDEN_NAMES = {"services", "utils", "helpers", "common"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_fits_on_a_few_screens(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= TOO_LONG


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_is_named_after_what_is_in_it(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_whatever_is_public_says_what_it_means(path: Path) -> None:
    tree = ast.parse(path.read_text())
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    silent = [node.name for node in nodes if not node.name.startswith("_") and not ast.get_docstring(node)]
    inner = {
        inner.name
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner is not node
    }
    refusals = path.name == "errors.py"
    overrides = {"process_bind_param", "process_result_value"}
    migration = {"upgrade", "downgrade"}
    assert refusals or not set(silent) - inner - overrides - migration


def test_the_map_names_every_module() -> None:
    described = (APP / "README.md").read_text()
    modules = {path.stem if path.stem != "__init__" else path.parent.name for path in APP.glob("*.py")} - {
        "singleuse_app"
    }
    folders = {path.name for path in APP.iterdir() if path.is_dir() and path.name != "__pycache__"}
    missing = [
        name for name in sorted(modules | folders) if f"{name}.py" not in described and f"{name}/" not in described
    ]
    assert not missing


def test_the_readme_describes_every_setting() -> None:
    read = set(re.findall(r'environ\.get\("(\w+)"', (APP / "settings.py").read_text()))
    own = {name for name in read if not name.startswith("REFLEX_")}
    described = set(re.findall(r"^\| `(\w+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert own == described


def test_the_readme_begins_with_two_commands() -> None:
    commands = re.findall(r"^pip install uv && .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert [line.split("#")[0].strip() for line in commands[:2]] == [
        "pip install uv && uv run reflex run",
        "pip install uv && uv run --group dev pytest",
    ]


def test_nothing_that_is_committed_names_a_registry_or_a_secret() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {"uv.lock", "singleuse.db", "singleuse.key"} & set(files)
    lock = (ROOT / "reflex.lock" / "bun.lock").read_text()
    assert "://" not in lock


def test_every_refusal_has_words() -> None:
    """Each code that is raised anywhere stands in the catalogue, and none stands there for nothing."""
    from singleuse_app.messages import WORDS

    texts = [path.read_text() for path in SOURCES if path.stem != "messages"]
    literals = {word for text in texts for word in re.findall(r'"([a-z]+(?:_[a-z]+)*)"', text)}
    defaults = {code for text in texts for code in re.findall(r'default_code = "(\w+)"', text)} | {"link_off"}
    built = {f"{field}_{what}" for field in ("name", "email", "password") for what in ("missing", "too_long")}
    built |= {"reason_too_long", "message_too_long"}
    assert not defaults - WORDS.keys()
    assert not WORDS.keys() - literals - built
