"""The `dateline` command as real processes, and one served home with the packaged samples, for the tests of the bot."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from config.settings import Settings, load_settings

#: Generous: two busy cores load the embedding model in half a minute.
TIMEOUT_S = 180
#: Asked of the served home as soon as it is served, before any test changes it: id -> question and its fields.
SAMPLE_QUESTIONS: dict[str, dict[str, Any]] = {
    "convoy": {"question": "Where did the convoy go?"},
    "helicopter": {"question": "Where did the helicopter fall?"},
    "museum": {"question": "What was stolen from the Museum of Navigation?"},
    "seagrass": {"question": "How old is the seagrass in Marrow Bay?"},
    "mayor": {"question": "Who was elected mayor of Port Ellery?"},
    "wildfire": {"question": "How many hectares did the wildfire near Vallesombra burn?"},
    "water": {"question": "How much must Averden Water pay back?"},
    "tanker": {"question": "Which port did the tanker Delta Hills reach?"},
    "transfer": {"question": "For how much was Danilo Ferrox sold to Aldenmoor Athletic?"},
    "ferries": {"question": "How much did Ellery Sound Ferries lose in the first half of 2020?"},
    "gymnasium": {"question": "When will the gymnasium of Dunmorrow school be ready?"},
    "railway": {"question": "Why was the opening of the Tarnholt railway put off?"},
    "oil deal": {"question": "Which bodies rejected the deal that ended the oil blockade?"},
    "world cup": {"question": "Who won the football World Cup in 1998?"},
    "capital": {"question": "What is the capital of Mongolia?"},
    "bread": {"question": "How do I bake sourdough bread?"},
    "dead": {"question": "How many people died in the helicopter near Sukna?"},
    "the day before": {"question": "Where did the convoy go?", "asked_at": "2020-09-28"},
    "the day itself": {"question": "Where did the convoy go?", "asked_at": "2020-09-29"},
    "before all": {"question": "Where did the convoy go?", "asked_at": "2019"},
    "since": {"question": "Where did the convoy go?", "since": "2020-09-30"},
    "until": {"question": "Where did the convoy go?", "until": "2020-09-29"},
    "source": {"question": "Where did the convoy go?", "sources": ["the aldenmoor ledger"]},
    "no such source": {"question": "Where did the convoy go?", "sources": ["Nobody's Gazette"]},
    "follow-up": {
        "question": "Where did the convoy go?",
        "history": [{"question": "Who left Al-Jufra?", "answer": "Wagner fighters."}],
    },
}


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Give a simulated Discord one shard unless a test says otherwise; it cannot be asked how many there should be."""
    for item in items:
        if "simcord_env" in getattr(item, "fixturenames", ()):
            given = item.get_closest_marker("simcord")
            options = {"shard_count": 1} | (given.kwargs if given else {})
            item.add_marker(pytest.mark.simcord(**options), append=False)


@dataclass(frozen=True)
class Finished:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    def lines(self) -> list[dict[str, Any]]:
        """Read each line of the output as one JSON object."""
        return [json.loads(line) for line in self.out.split("\n")[:-1]]


@dataclass
class Serving:
    """A running `dateline serve --no-discord`; `outcomes` are those of SAMPLE_QUESTIONS, asked first of all."""

    home: Path
    process: subprocess.Popen[str]
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)


def environment(home: Path | None) -> dict[str, str]:
    """Give a process a home and none of the settings or terminal of whoever runs the tests."""
    dropped = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "PYTHONWARNINGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    kept = {name: value for name, value in kept.items() if name not in dropped}
    # PASSIVE: PyTorch's threads wait asleep; spinning, as they do, two processes on two cores take twice as long.
    own = {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE", "DATELINE_EMBEDDING__TAGGER": "rules"}
    own["DATELINE_HEALTH__PORT"] = "0"  # two processes at once would want the same port
    return kept | own | ({"DATELINE_HOME": str(home)} if home else {})


def run_dateline(
    *arguments: str | Path,
    home: Path | None,
    stdin: str | bytes = "",
    stdout: Any = subprocess.PIPE,
    cwd: Path | None = None,
    python: Sequence[str] = (),
) -> Finished:
    """Run one command to its end, as a process of its own in a pipe; `python` goes to the interpreter."""
    ended = subprocess.run(
        [sys.executable, *python, "-m", "bot", *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(home),
        cwd=cwd,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Finished(ended.returncode, (ended.stdout or b"").decode(), ended.stderr.decode())


def serve_home(home: Path, *, wait: bool = True, settings: Mapping[str, str] | None = None) -> Serving:
    """Start `dateline serve --no-discord` under settings given as variables, and wait until it says that it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--no-discord"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(home) | dict(settings or {}),
        text=True,
    )
    told = []
    while wait and not (told and told[-1].startswith("Serving ")):
        told.append(process.stderr.readline())
        if not told[-1]:
            pytest.fail(f"`dateline serve` ended with {process.wait()} before it served: {''.join(told)}")
    return Serving(home, process)


def batch_of(questions: Mapping[str, Mapping[str, Any]]) -> str:
    """Write questions as `dateline ask --batch` reads them."""
    return "".join(json.dumps({"id": name, **asked}) + "\n" for name, asked in questions.items())


@pytest.fixture(scope="session")
def dateline() -> Callable[..., Finished]:
    """Run one `dateline` command as a process of its own."""
    return run_dateline


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Run a command within this process; for what needs neither standard input nor an embedding model of its own."""

    def run(*arguments: str | Path, **env: str) -> Result:
        ended = CliRunner().invoke(app, list(map(str, arguments)), env=env)
        assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
        return ended

    return run


@pytest.fixture
def start_serving() -> Iterator[Callable[..., Serving]]:
    """Start servers of a test's own; those that still run at its end are killed."""
    started: list[Serving] = []

    def start(home: Path, **options: Any) -> Serving:
        started.append(serve_home(home, **options))
        return started[-1]

    yield start
    for running in started:
        if running.process.returncode is None:
            running.process.kill()
            running.process.communicate()


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take the packaged samples into a home whose path has spaces, marks, no ASCII and more than a socket may have."""
    home = tmp_path_factory.mktemp("bot") / "a näme with [bold] spaces #1? 50%41" / ("long" * 30) / "home"
    taken = run_dateline("ingest", "--samples", "--json", home=home)
    assert (taken.code, taken.err) == (0, ""), taken
    (report,) = taken.lines()
    assert (report["added"], report["rejected"]) == (20, []), report
    return home


@pytest.fixture(scope="session")
def lone_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the sample home before it is served, for commands that own their home."""
    return Path(shutil.copytree(sample_home, tmp_path_factory.mktemp("lone") / "home"))


@pytest.fixture(scope="session")
def serving(sample_home: Path, lone_home: Path) -> Iterator[Serving]:
    """Serve the sample home, ask all SAMPLE_QUESTIONS at once, and stop it at the end of the session."""
    running = serve_home(sample_home)
    try:
        asked = run_dateline("ask", "--batch", "-", home=sample_home, stdin=batch_of(SAMPLE_QUESTIONS))
        assert asked.code == 0, asked
        running.outcomes = {outcome["id"]: outcome for outcome in asked.lines()}
        yield running
    finally:
        running.process.send_signal(signal.SIGTERM)
        running.process.communicate(timeout=TIMEOUT_S)


@pytest.fixture
def settings() -> Settings:
    """Read the packaged settings, but for two.

    Whatever is found is answered, since the embedding double knows no meaning, and rules find names and numbers.
    """
    packaged = load_settings()
    answering = packaged.answering.model_copy(update={"min_confidence": 0.0})
    embedding = packaged.embedding.model_copy(update={"tagger": "rules"})
    return packaged.model_copy(update={"answering": answering, "embedding": embedding})


@pytest.fixture
def open_operations(settings):
    """Own a home and open its operations and index, with the shipped embedding double."""
    from contextlib import asynccontextmanager

    from bot.app import open_operations
    from retrieval.testing import HashingEmbedder

    @asynccontextmanager
    async def opened(home, *, owner="dateline test", changed=settings, opens_index=True, **options):
        async with open_operations(home, changed, owner, load=HashingEmbedder, **options) as operations:
            if opens_index:
                await operations.open_index()
            yield operations

    return opened
