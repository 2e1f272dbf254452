"""What each subcommand does with a home in reach: operations performed, their events shown, an exit code returned."""

from __future__ import annotations

import json
import logging
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bot.control_client import Control
from bot.control_lines import RemoteProblem
from bot.evaluation.plotting import PlotsMissing, check_plotting, draw_risk_coverage
from bot.evaluation.run import evaluate as measure
from bot.evaluation.run import perform_once, resolve_evidence, search_with
from bot.feed_lines import (
    added_lines,
    failure_lines,
    feed_lines,
    history_lines,
    imported_lines,
    more_failed,
    retried_lines,
    trial_lines,
)
from bot.rendering.problems import is_known, sentence_for
from bot.terminal import Terminal, read_lines
from retrieval.errors import HomeUnavailable
from retrieval.evaluation.judgements import JudgementsMalformed, read_judgements
from retrieval.evaluation.run import evaluate_retrieval

if TYPE_CHECKING:
    from bot.app import Performs

log = logging.getLogger(__name__)

DEMO_QUESTIONS = ("Where did the convoy go?", "How many people died in the helicopter near Sukna?")
ANSWERED, FAILED, ABSTAINED = 0, 1, 3
INTERRUPTED, TERMINATED = 130, 143  # 128 and the number of the signal, as shells have it


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: the home, who performs operations on it, the terminal that shows them. Closes nothing."""

    home: Path
    performs: Performs
    terminal: Terminal


async def ask_once(call: Call, fields: dict[str, Any], as_json: bool) -> int:
    """Ask one question; ABSTAINED if the articles do not say."""
    outcome = await _outcome(call, fields)
    call.terminal.json(outcome) if as_json else call.terminal.outcome(outcome)
    return ANSWERED if outcome["status"] == "answered" else ABSTAINED


async def timeline(call: Call, fields: dict[str, Any], as_json: bool) -> int:
    """Tell the story of a topic; ABSTAINED if the articles tell nothing of it."""
    given = {name: value for name, value in fields.items() if value is not None}
    told: dict[str, Any] = await perform_once(call.performs.perform, "timeline", given, "timeline")
    call.terminal.json(told) if as_json else call.terminal.timeline(told)
    return ANSWERED if told["steps"] else ABSTAINED


async def ask_on_and_on(call: Call, fields: dict[str, Any], as_json: bool) -> int:
    """Ask for questions until the end of input; earlier exchanges go along as history."""
    history: list[dict[str, str]] = []
    async for question in call.terminal.questions():
        if not question:
            continue
        try:
            outcome = await _outcome(call, {**fields, "question": question, "history": history[-5:]})
        except HomeUnavailable:
            raise
        except Exception as problem:  # the next question may fare better
            call.terminal.problem(sentence_of(problem))
            continue
        call.terminal.json(outcome) if as_json else call.terminal.outcome(outcome)
        history.append({"question": question, "answer": outcome["answer"] or ""})
    return ANSWERED


async def ask_batch(call: Call, stream: BinaryIO, fields: dict[str, Any]) -> int:
    """Answer each line in order; a line that cannot be asked gives an object with an "error" and exit code 1."""
    code, number = ANSWERED, 0
    async for line in read_lines(stream.fileno()):
        number += 1
        if not line.strip():
            continue
        given: Any = None
        try:
            given = json.loads(line)
            if not isinstance(given, dict):
                raise ValueError("expected an object")
        except (ValueError, RecursionError) as problem:
            outcome: dict[str, Any] = {"line": number, "error": f"line {number} is no JSON object: {problem}"}
        else:
            try:
                # Who asks is the operator's to say, not a line's.
                outcome = await _outcome(call, {**fields, **given, "scope": fields.get("scope")})
            except HomeUnavailable:
                raise
            except Exception as problem:
                outcome = {"line": number, "error": sentence_of(problem)}
                outcome |= {"id": str(given["id"])} if isinstance(given.get("id"), str | int) else {}
        if "error" in outcome:
            code = FAILED
        call.terminal.json(outcome)
    return code


async def ingest(call: Call, arguments: dict[str, Any], as_json: bool) -> int:
    """Take articles in and report what that came to; what was rejected is part of the report, no failure."""
    report = await call.terminal.follow(call.performs.perform("ingest", arguments), "articles")
    call.terminal.json(report) if as_json else call.terminal.report(report)
    await _read_ahead(call)
    return ANSWERED


async def reindex(call: Call, as_json: bool) -> int:
    """Make the index anew, with a progress bar."""
    report = await call.terminal.follow(call.performs.perform("reindex", {}), "articles")
    call.terminal.json(report) if as_json else call.terminal.rebuilt(report)
    await _read_ahead(call)
    return ANSWERED


async def evaluate(call: Call, path: Path, sweep: bool, plot: Path | None, as_json: bool) -> int:
    """Score retrieval and answers over judged questions, or with `sweep` retrieval alone for eleven fusion weights.

    Args:
        call: the home and the terminal.
        path: the judged questions.
        sweep: whether to sweep.
        plot: a PNG file for the risk-coverage curve, or None.
        as_json: whether to print JSON.

    Raises:
        JudgementsMalformed: the questions cannot be read.
        PlotsMissing: a curve is wanted and matplotlib is not installed.
    """
    if plot is not None:
        check_plotting()
    judgements = list(read_judgements(path))
    perform, scores = call.performs.perform, dict[str, Any]()
    judgements = await resolve_evidence(judgements, perform)
    if sweep:
        weights = [tenths / 10 for tenths in range(11)]
        scores = {f"{one:.1f}": await evaluate_retrieval(judgements, search_with(perform, one)) for one in weights}
    else:
        scores = await measure(judgements, perform)
    call.terminal.json(scores) if as_json else call.terminal.scores(scores)
    if plot is not None:
        draw_risk_coverage(scores["risk_coverage"], scores["answers"]["coverage"], plot)
    return ANSWERED


async def history(call: Call, article: str, as_json: bool) -> int:
    """Show the versions of an article."""
    told = await perform_once(call.performs.perform, "history", {"article": article}, "history")
    call.terminal.json(told) if as_json else call.terminal.lines(history_lines(told))
    return ANSWERED


async def add_feed(call: Call, fields: dict[str, Any], as_json: bool) -> int:
    """Add a feed."""
    with call.terminal.waiting("Looking at it ..."):
        told = await _event(call, "feeds add", fields)
    call.terminal.json(told) if as_json else call.terminal.lines(added_lines(told))
    return ANSWERED


async def list_feeds(call: Call, as_json: bool) -> int:
    """List the feeds."""
    told = await _event(call, "feeds list", {})
    call.terminal.json(told["feeds"]) if as_json else call.terminal.lines(feed_lines(told["feeds"], told["checked_at"]))
    return ANSWERED


async def turn_feed(call: Call, feed: str, turn: str, as_json: bool) -> int:
    """Pause, resume or remove a feed."""
    told = await _event(call, "feeds turn", {"feed": feed, "turn": turn})
    call.terminal.json(told["feed"]) if as_json else call.terminal.lines(feed_lines([told["feed"]], told["checked_at"]))
    return ANSWERED


async def test_feed(call: Call, url: str, as_json: bool) -> int:
    """Show what would be taken from an address."""
    with call.terminal.waiting("Looking at it ..."):
        told = await _event(call, "feeds test", {"url": url})
    call.terminal.json(told["test"]) if as_json else call.terminal.lines(trial_lines(told["test"]))
    return ANSWERED


async def import_feeds(call: Call, arguments: dict[str, Any], as_json: bool) -> int:
    """Add the feeds of a list."""
    report = (await _event(call, "feeds import", arguments))["report"]
    call.terminal.json(report) if as_json else call.terminal.lines(imported_lines(report))
    return ANSWERED


async def export_feeds(call: Call) -> int:
    """Write all feeds as a list."""
    told = await _event(call, "feeds export", {})
    call.terminal.raw(told["opml"])
    if told["left_out"]:
        call.terminal.tell(f"Left out: {told['left_out']} sitemaps and pages, which a list of feeds cannot name.")
    return ANSWERED


async def list_failures(call: Call, limit: int | None, as_json: bool) -> int:
    """List what failed, and say how much more there is."""
    told = await _event(call, "feeds failures", {"limit": limit})
    entries, total = told["entries"], told["total"]
    call.terminal.json(entries) if as_json else call.terminal.lines(failure_lines(entries, total))
    if as_json and total > len(entries):
        call.terminal.tell(more_failed(len(entries), total))
    return ANSWERED


async def retry_failures(call: Call, as_json: bool) -> int:
    """Let what failed be fetched again."""
    report = (await _event(call, "feeds retry", {}))["report"]
    call.terminal.json(report) if as_json else call.terminal.lines(retried_lines(report))
    return ANSWERED


async def _read_ahead(call: Call) -> None:
    """Spare later questions the reading of sentences; `dateline serve` does so by itself. Ctrl-C leaves the rest."""
    if not isinstance(call.performs, Control):
        await call.terminal.follow(call.performs.perform("read ahead", {}), "passages read for questions to come")


async def _event(call: Call, operation: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Run an operation of one event and return it."""
    async with aclosing(call.performs.perform(operation, fields)) as events:  # type: ignore[type-var]
        async for event in events:
            return event
    raise AssertionError(f"the operation `{operation}` ended without an event")


async def demo(call: Call) -> int:
    """Take the samples in, ask `DEMO_QUESTIONS`, say what to do next."""
    call.terminal.report(await call.terminal.follow(call.performs.perform("ingest", {"samples": True}), "articles"))
    for question in DEMO_QUESTIONS:
        call.terminal.heading(question)
        call.terminal.outcome(await _outcome(call, {"question": question}))
    call.terminal.next_steps(call.home)
    return ANSWERED


async def _outcome(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    # The owner of the home may have another clock zone, but "now" is the caller's to give; None means the owner's now.
    asked = {name: value for name, value in fields.items() if value is not None}
    outcome: dict[str, Any] = await perform_once(call.performs.perform, "ask", asked, "outcome")
    return outcome


def sentence_of(problem: Exception) -> str:
    """Say what went wrong; what nobody foresaw is a mistake in the program, and its trace goes to the log."""
    if isinstance(problem, RemoteProblem):
        return problem.sentence
    if isinstance(problem, JudgementsMalformed | PlotsMissing):
        return str(problem)
    if not is_known(problem):
        if isinstance(problem, OSError):
            return f"The system refuses to read or write: {problem}; mend that and run the command again."
        log.error("the command failed", exc_info=problem)
    return sentence_for(problem, audience="operator")
