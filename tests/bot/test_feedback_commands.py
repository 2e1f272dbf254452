"""`dateline feedback` lists and exports what people thought, of a home that is served as of one that is not."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.app import SERVE, reach_operations
from bot.commands import Call
from bot.control import serve_control
from bot.feedback_commands import export_feedback, show_feedback
from bot.records.answers import KeptAnswer
from bot.records.feedback import FeedbackReason
from bot.terminal import Terminal
from retrieval.evaluation.judgements import read_judgements

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
OUTCOME = {"status": "abstained", "answer": None, "citations": [], "window": None, "abstention": {"nearest": []}}


@pytest.fixture
def streams():
    return io.StringIO(), io.StringIO()


def call_on(home, performs, streams):
    out, err = (Console(file=one, width=100) for one in streams)
    return Call(home, performs, Terminal(out, err))


async def leave(records):
    """A thumb up of an abstention with words, and one down without consent."""
    for user_id, is_good, words in ((11, True, "right, \x1b[31mnobody says"), (12, False, None)):
        kept = KeptAnswer(user_id, None, 7, NOW, "Who\nsank it?", None, None, OUTCOME)
        number = await records.answers.keep(kept)
        reason = None if is_good else FeedbackReason.SHOULD_HAVE_ANSWERED
        given = {"is_good": is_good, "at": NOW, "reason": reason, "words": words, "consents": words is not None}
        await records.feedback.give(number, user_id, **given)


async def test_a_served_home_lists_its_thumbs_the_words_only_of_those_who_agreed(
    tmp_path, settings, open_operations, streams
):
    home = tmp_path / "home"
    async with (
        open_operations(home, owner=SERVE) as operations,
        serve_control(home, operations.perform, str),
        reach_operations(home, settings, "dateline feedback list", tell=print) as reached,
    ):
        call = call_on(home, reached, streams)
        assert await show_feedback(call, 50, False) == 0
        assert streams[0].getvalue() == "No feedback yet.\n"
        await leave(operations.records)
        assert await show_feedback(call, 50, False) == 0
    lines = streams[0].getvalue().splitlines()[1:]
    assert lines == [
        "2026-11-29T12:00:00Z  down abstained, should have answered",
        "      (the question was not shared)",
        "2026-11-29T12:00:00Z  up   abstained",
        "      Who sank it?",
        "      “right, [31mnobody says”",
        "2 in all, 1 up",
    ]


async def test_json_has_all_thumbs_and_an_export_what_evaluation_reads(tmp_path, open_operations, streams):
    home = tmp_path / "home"
    async with open_operations(home) as operations:
        await leave(operations.records)
        await show_feedback(call_on(home, operations, streams), None, True)
        exported = io.StringIO(), io.StringIO()
        assert await export_feedback(call_on(home, operations, exported)) == 0
    listed = json.loads(streams[0].getvalue())
    assert [(one["thumb"], one["reason"], one["question"]) for one in listed] == [
        ("down", "should_have_answered", None),
        ("up", None, "Who\nsank it?"),
    ]
    file = tmp_path / "judged.jsonl"
    file.write_text(exported[0].getvalue())
    (judged,) = read_judgements(file)
    assert (judged.fields["question"], judged.is_answerable) == ("Who\nsank it?", False)
    assert "Left out: 1 thumbs" in exported[1].getvalue()


def test_both_commands_run_on_a_home_that_is_not_there_yet(invoke, tmp_path, monkeypatch):
    monkeypatch.setenv("DATELINE_EMBEDDING__TAGGER", "rules")
    listed = invoke("feedback", "list", "--home", tmp_path / "home")
    assert (listed.exit_code, listed.stdout) == (0, "No feedback yet.\n")
    exported = invoke("feedback", "export", "--home", tmp_path / "home")
    assert (exported.exit_code, exported.stdout) == (0, "")
