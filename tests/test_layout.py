"""The tree is what the README and the house say: a first line for every file, names that tell, files that fit."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "retrieval", "config")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "base", "manager", "service", "types", "models"}
LINES = 300
#: Longer files, each with its reason.
LONGER = {
    "retrieval/errors.py": "one tree, and each leaf of it some lines",
}


def relative(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=relative)
def test_a_files_first_line_says_its_one_job(path):
    text = path.read_text("utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert text.startswith('"""'), "the first line is no docstring"
    assert docstring.splitlines()[0].rstrip().endswith((".", ":", "?")), "the first line is no sentence"


def test_no_file_or_folder_has_a_name_that_says_nothing():
    names = {part for path in SOURCES + TESTS for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not {name for name in names if name.removeprefix("test_").strip("_") in FORBIDDEN}


def test_a_source_file_fits_or_says_why_not():
    longer = {relative(path) for path in SOURCES if len(path.read_text("utf-8").splitlines()) > LINES}
    assert longer == LONGER.keys()


def test_tests_are_no_packages():
    """Else `import bot` could find tests/bot."""
    assert [relative(path) for path in (ROOT / "tests").rglob("__init__.py") if "doubles" not in path.parts] == []


def functions(file):
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_station_of_the_readmes_traced_question_is_a_function_of_its_file_or_a_step_of_the_chain():
    stations = re.findall(r"^\| `([\w/]+\.py)` \| (\w+) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert [station for _, station in stations] == ["ask", "gather", "retrieve", "write", "check", "resolve", "render"]
    steps = functions("bot/answering/chain.py")
    for file, station in stations:
        named = {"render": "answer_card"}.get(station, station)
        assert named in functions(file) | (steps if file.startswith("bot/answering/") else set()), (file, station)
