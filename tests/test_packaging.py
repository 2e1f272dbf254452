"""The wheel holds everything, our three names are ours alone, and importing them costs nothing."""

import subprocess
import sys
import zipfile
from importlib import metadata, util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "retrieval", "config")


def run(code, *arguments, **options):
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, **options).stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_provides_our_top_level_names(package):
    """The names are generic, and PyPI has a `config`."""
    assert set(metadata.packages_distributions().get(package, [])) <= {"dateline"}
    assert Path(util.find_spec(package).origin) == ROOT / package / "__init__.py"


@pytest.mark.parametrize("modules", ["bot, retrieval, config", "config.settings, retrieval.build"])
def test_importing_loads_no_large_library(modules):
    loaded = run(f"import {modules}, sys; print(*sys.modules)").split()
    large = {"torch", "transformers", "sentence_transformers", "chromadb", "discord", "langchain", "langchain_core"}
    assert {"bot", "retrieval", "config"} & set(loaded)
    assert not large & set(loaded)


def test_importing_starts_no_thread_and_touches_no_file(tmp_path):
    code = """
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(given[0]) if event == "open" and "w" in str(given[1]) else None)
import threading, bot, retrieval, config
print(threading.active_count(), opened)
"""
    environment = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    assert run(code, cwd=tmp_path, env=environment) == "1 []\n"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from the working tree, without network."""
    assert util.find_spec("hatchling"), "hatchling builds the wheel: pip install -e '.[dev]'"
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert built.returncode == 0, built.stderr
    (path,) = folder.iterdir()
    return path


def test_the_wheel_holds_every_file_of_the_three_packages_and_none_of_the_tests(wheel):
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert held == {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {
        "config/default.toml",
        "bot/schemas/answer.schema.json",
        "bot/answering/chooser_weights.json",
        "bot/answering/confidence_weights.json",
        "bot/answering/support_weights.json",
        "retrieval/search/rerank_weights.json",
        "bot/answering/prompts/system.md",
        "bot/samples/averden-water-ruling.md",
        "retrieval/archive/migrations/script.py.mako",
        "retrieval/archive/migrations/env.py",
        "retrieval/archive/migrations/versions/0001_first_schema.py",
        "bot/records/migrations/env.py",
        "bot/records/migrations/versions/0001_first_schema.py",
    } <= held


def test_the_wheel_names_its_command_and_is_never_uploaded(wheel):
    with zipfile.ZipFile(wheel) as opened:
        (entry_points,) = (name for name in opened.namelist() if name.endswith("entry_points.txt"))
        (about,) = (name for name in opened.namelist() if name.endswith("METADATA"))
        assert "dateline = bot.__main__:main" in opened.read(entry_points).decode()
        assert "Classifier: Private :: Do Not Upload" in opened.read(about).decode()


def test_what_the_wheel_holds_works_from_anywhere(wheel, tmp_path):
    unpacked, home = tmp_path / "unpacked", tmp_path / "home"
    home.mkdir()
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(unpacked)
    code = """
import sys
from pathlib import Path
import bot, config.settings, retrieval.archive.database as database
assert Path(bot.__file__).is_relative_to(sys.argv[1]), bot.__file__
with database.open_archive(Path(sys.argv[2])) as archive:
    print(config.settings.load_settings().retrieval.hits, archive.size().articles)
"""
    assert run(code, unpacked, home, cwd="/", env={"PYTHONPATH": str(unpacked)}) == "10 0\n"
