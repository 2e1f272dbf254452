"""Answers, progress and tables as a terminal shows them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from bot.answering.answers import Reason
from bot.feed_lines import state_lines
from bot.inspection import Check
from bot.rendering.wording import abstention_sentence, hint_sentence, published_words
from bot.terminal_lines import byline, leading_lines, next_steps, plain, shown_terms, source_line

_STATE_STYLES = {"ok": "green", "warning": "yellow", "failure": "red"}
_READ_BYTES = 65_536


class Terminal:
    """Writes for people: answers on standard output, everything beside them on standard error.

    In a pipe there are no bars and no line breaks of its own, and no colours unless FORCE_COLOR asks for them. Text
    from articles is written as plain text: nothing in it is markup, and control characters, which could steer a
    terminal, are dropped.
    """

    def __init__(self, out: Console | None = None, err: Console | None = None) -> None:
        """Write to standard output and standard error, or to the given consoles."""
        self._out = out or _console(stderr=False)
        self._err = err or _console(stderr=True)

    def tell(self, sentence: str) -> None:
        """Write a sentence beside the output."""
        self._err.print(Text(plain(sentence), style="dim"))

    def problem(self, sentence: str) -> None:
        """Write what went wrong."""
        self._err.print(Text.assemble(("Problem: ", "bold red"), plain(sentence)))

    def say(self, sentence: str) -> None:
        """Write one line of output."""
        self._out.print(Text(plain(sentence)))

    def json(self, content: Any) -> None:
        """Write one line of JSON in ASCII, which every reader takes for one line and no terminal for orders."""
        self._out.file.write(json.dumps(content) + "\n")
        self._out.file.flush()

    def raw(self, text: str) -> None:
        """Write text that another program reads, as it is."""
        self._out.file.write(text)
        self._out.file.flush()

    def lines(self, lines: Iterable[Text]) -> None:
        """Write lines that others have made; what they quote must be `plain`."""
        for line in lines:
            self._out.print(line)

    async def questions(self) -> AsyncIterator[str]:
        """Take a question from each line of standard input until it ends; a person at a terminal sees a prompt."""
        asks = sys.stdin.isatty()
        if asks:
            self._err.print("Ask: ", end="")
        async for line in read_lines(sys.stdin.fileno()):
            yield line.decode("utf-8", "replace").strip()
            if asks:
                self._err.print("Ask: ", end="")
        if asks:
            self._err.print()

    def outcome(self, outcome: Mapping[str, Any]) -> None:
        """Write an outcome (as `bot.answering.contract` makes it): the answer, then its numbered sources."""
        if outcome["status"] == "abstained":
            self._abstention(outcome["abstention"])
        else:
            leading = list(leading_lines(outcome))
            for line in [*leading, Text()] if leading else []:
                self._out.print(line)
            for citation in outcome["citations"]:
                self._citation(citation)
        if outcome.get("understood_as"):
            self._out.print(Text(f"Understood as: {plain(outcome['understood_as'])}", style="italic"))
        if outcome["notice"]:
            self._out.print(Text(plain(outcome["notice"]), style="italic"))

    def timeline(self, timeline: Mapping[str, Any]) -> None:
        """Write a timeline (as `bot.answering.timeline` makes it): a line for each step, then the numbered sources."""
        if not timeline["steps"]:
            self._out.print(abstention_sentence(Reason.NOTHING_FOUND), style="bold")
        for step in timeline["steps"]:
            (n,) = step["citations"]
            day = (f"{published_words(step['day'])}  ", "bold cyan")
            self._out.print(Text.assemble(day, f"“{plain(step['text'])}” [{n}]"))
        self._out.print()
        for citation in timeline["citations"]:
            self._source(citation)

    def heading(self, question: str) -> None:
        """Write a question above its outcome."""
        self._out.print()
        self._out.print(Text.assemble(("> ", "cyan"), (plain(question), "bold cyan")))
        self._out.print()

    def next_steps(self, home: Path) -> None:
        """Write what to do after the demo."""
        self.lines(next_steps(home))

    def report(self, report: Mapping[str, Any]) -> None:
        """Write what an intake came to, every rejection with its reason."""
        for one in report["rejected"]:
            self._err.print(Text.assemble(("Rejected ", "yellow"), plain(f"{one['input']}: {one['reason']}")))
        withdrawn = f"{report['withdrawn']} withdrawn, " if report["withdrawn"] else ""
        self._out.print(
            f"{report['added']} added, {report['updated']} updated, {report['unchanged']} unchanged, "
            f"{withdrawn}{len(report['rejected'])} rejected; "
            f"{report['passages_added']} passages in {report['elapsed_s']:.1f} s"
        )

    def rebuilt(self, report: Mapping[str, Any]) -> None:
        """Write what a rebuild of the index came to."""
        self._out.print(f"{report['articles']} articles indexed anew in {report['elapsed_s']:.1f} s")

    def status(self, status: Mapping[str, Any]) -> None:
        """Write what a home holds and who owns it."""
        owner, index = status["owner"], status["index"]
        rows = {
            "Home": status["home"],
            "Owner": "none" if owner is None else f"{owner['command']} (process {owner['pid']}) since {owner['since']}",
            "Articles": f"{index['articles']:,}",
            "Passages": f"{index['passages']:,}",
            "Vectors to make": f"{status['pending_vectors']:,}",
            "To read ahead": f"{status['unread_passages']:,} passages",
            "Newest article": index["newest_published_at"] or "none with a date",
            "Embedding model": status["embedding_model"] or "none yet",
            "On disk": f"{status['disk_bytes'] / 2**20:,.1f} MiB",
        }
        for name, value in rows.items():
            self._out.print(Text.assemble((f"{name:15}", "bold"), "  ", plain(str(value))))
        self.lines(state_lines(status))

    def scores(self, scores: Mapping[str, Any]) -> None:
        """Write measures, a line for each, with the interval of those that have one; curves (lists) are left out."""
        for part, measures in scores.items():
            if isinstance(measures, Mapping):
                self._measures(part, "", measures)

    def _measures(self, part: str, group: str, measures: Mapping[str, Any]) -> None:
        intervals = measures.get("intervals", {})
        for name, value in measures.items():
            if isinstance(value, Mapping):
                if name != "intervals":
                    self._measures(part, f"{group}{name} ", value)
                continue
            shown = "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
            low_high = intervals.get(name)
            between = f"  {low_high[0]:.3f}-{low_high[1]:.3f}" if low_high else ""
            self._out.print(f"{part:10}  {plain(group + name):30}  {shown:>9}{between}")

    def checks(self, checks: Iterable[Check]) -> bool:
        """Write each check as it comes; True if none failed."""
        sound = True
        for check in checks:
            sound = sound and check.state != "failure"
            state = (f"{check.state:8}", _STATE_STYLES[check.state])
            self._out.print(Text.assemble(state, (f"{check.name}: ", "bold"), plain(check.finding)))
            if check.remedy:
                self._out.print(Text(f"         -> {plain(check.remedy)}"))
        return sound

    @contextmanager
    def progress(self, unit: str) -> Iterator[_Bar]:
        """Show a bar on a terminal, nothing in a pipe; `unit` says what is counted beside it."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._err, disable=not self._err.file.isatty(), transient=True) as bars:
            yield _Bar(bars, bars.add_task(unit, total=None), unit)

    @contextmanager
    def waiting(self, doing: str) -> Iterator[None]:
        """Say on a terminal what is being done, until it is done; nothing in a pipe."""
        with self._err.status(doing) if self._err.file.isatty() else nullcontext():
            yield

    async def follow(self, events: AsyncIterator[dict[str, Any]], unit: str) -> dict[str, Any]:
        """Show the progress of an operation and return its report."""
        report: dict[str, Any] = {}
        with self.progress(unit) as bar:
            async for event in events:
                if "progress" in event:
                    bar.show(event["progress"])
                report = event.get("report", report)
        return report

    def _source(self, citation: Mapping[str, Any]) -> None:
        self._out.print(source_line(citation))
        if terms := shown_terms(citation):
            self._indented(terms, "dim")

    def _citation(self, citation: Mapping[str, Any]) -> None:
        self._source(citation)
        self._indented(f"“{plain(citation['quote'])}”", "italic")
        if citation["url"]:
            self._indented(plain(citation["url"]), "dim")
        self._out.print()

    def _abstention(self, abstention: Mapping[str, Any]) -> None:
        self._out.print(abstention_sentence(abstention["reason"], abstention["index_ends"]), style="bold")
        for hint in abstention["hints"]:
            self._out.print(plain(hint_sentence(hint)))
        if abstention["reason"] == Reason.EMPTY_INDEX:
            self._out.print("Take some in: dateline ingest PATH, or dateline ingest --samples")
        if abstention["nearest"]:
            self._out.print("The nearest articles:")
        for article in abstention["nearest"]:
            self._out.print(Text.assemble("  - ", plain(article["title"]), byline(article)))
            if article["url"]:
                self._indented(plain(article["url"]), "dim")

    def _indented(self, text: str, style: str) -> None:
        # Rich crops what is padded but not wrapped, so in a pipe the line is only begun with spaces.
        if self._out.file.isatty():
            self._out.print(Padding(Text(text, style=style), (0, 0, 0, 4)))
        else:
            self._out.print(Text(f"    {text}"))


class _Bar:
    def __init__(self, bars: Progress, task: TaskID, unit: str) -> None:
        self._bars = bars
        self._task = task
        self._unit = unit

    def show(self, progress: Mapping[str, Any]) -> None:
        """Move the bar."""
        self._bars.update(
            self._task,
            total=progress["total"],
            completed=progress["done"],
            description=f"{progress['articles']:,} {self._unit}",
        )


async def read_lines(fd: int) -> AsyncIterator[bytes]:
    """Read lines from a pipe, a terminal or a file, each as soon as it is whole; the last may lack its end.

    The loop is not blocked meanwhile, and Ctrl-C is heeded: a thread that waits in `input` would hold the process up.
    """
    held = bytearray()
    while chunk := await _read_some(fd):
        searched = len(held)
        held += chunk
        while (end := held.find(b"\n", searched)) >= 0:
            yield bytes(held[:end])
            del held[: end + 1]
            searched = 0
    if held:
        yield bytes(held)


async def _read_some(fd: int) -> bytes:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    try:
        loop.add_reader(fd, readable.set)
    except OSError:  # a regular file, which is always readable
        return os.read(fd, _READ_BYTES)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(fd)
    return os.read(fd, _READ_BYTES)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    console.soft_wrap = not console.file.isatty()
    return console
