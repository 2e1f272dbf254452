"""The terminal shows answers as they are: nothing that an article says is markup or steers it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pty
import sys

import pytest
from rich.console import Console

from bot.inspection import Check
from bot.terminal import Terminal, read_lines

HOSTILE = (
    "[bold]x[/bold] [/nosuch] [link=file:///etc/passwd]y[/link] :skull: \x1b]0;owned\x07 \x9b31m \u202egnp\u2066 z"
)
#: What must be left of it: every printable character, and none that steers.
HARMLESS = "[bold]x[/bold] [/nosuch] [link=file:///etc/passwd]y[/link] :skull: ]0;owned 31m gnp z"


class Shown:
    """A terminal whose streams are kept, as in a pipe."""

    def __init__(self):
        self.out, self.err = io.StringIO(), io.StringIO()
        plain = {"highlight": False, "markup": True, "emoji": True, "soft_wrap": True, "width": 40}
        self.terminal = Terminal(Console(file=self.out, **plain), Console(file=self.err, **plain))

    def text(self):
        return self.out.getvalue() + self.err.getvalue()


@pytest.fixture
def shown():
    return Shown()


def citation(n, text, url="https://wire.example/1", source="Sirte Coast Wire", published="2020-09-29T08:15:00Z"):
    return {
        "n": n,
        "title": text,
        "source": source,
        "published_at": published,
        "url": url,
        "quote": text,
        "is_excerpt": False,
        "usage_terms": None,
    }


def answered(text, *citations, notice=None, **fields):
    """An answer of one claim that a chat model wrote, or of the quotes alone."""
    marks = [one["n"] for one in citations]
    claims = [{"text": text, "citations": marks}] if text else [{"text": one["quote"]} for one in citations]
    told = {"status": "answered", "answer": text, "claims": claims, "citations": citations, "notice": notice}
    return told | {"abstention": None, "short_answer": None, "agreement": None, "parts": None} | fields


def abstained(reason, *nearest, notice=None, hints=()):
    abstention = {"reason": reason, "nearest": nearest, "index_ends": "2020-09", "hints": list(hints)}
    return {"status": "abstained", "answer": None, "citations": [], "notice": notice, "abstention": abstention}


def test_an_answer_is_followed_by_its_numbered_sources(shown):
    second = citation(2, "B", url=None, source=None, published=None)
    shown.terminal.outcome(answered("It was so.", citation(1, "A"), second, notice="By rules."))
    assert shown.out.getvalue().splitlines() == [
        "It was so. [1][2]",
        "",
        "[1] A (Sirte Coast Wire, 29 September 2020, 08:15 UTC)",
        "    “A”",
        "    https://wire.example/1",
        "",
        "[2] B (publisher not given, date not given)",
        "    “B”",
        "",
        "By rules.",
    ]


def test_quotes_are_told_once_under_the_short_answer_and_how_many_sources_tell_it(shown):
    short = {"text": "Sabha", "kind": "place", "citations": [1]}
    agreement = {"independent_sources": 2, "differs": []}
    shown.terminal.outcome(answered("", citation(1, "It went to Sabha."), short_answer=short, agreement=agreement))
    lines = shown.out.getvalue().splitlines()
    assert lines[:3] == ["Sabha [1]", "2 independent sources", ""]
    assert sum("It went to Sabha." in line for line in lines) == 2  # headline and quote


def test_what_sources_say_where_they_differ_stands_first_with_who_and_when(shown):
    values = [{"text": "60", "citations": [2], "sources": 1}, {"text": "40", "citations": [1], "sources": 1}]
    agreement = {"independent_sources": 1, "differs": [{"kind": "number", "values": values}]}
    other = citation(2, "About 60 left.", source="Harbour Post", published="2020-09-30")
    shown.terminal.outcome(answered("", citation(1, "40 left."), other, agreement=agreement))
    assert shown.out.getvalue().splitlines()[:3] == [
        "Sources differ:",
        "  60 (Harbour Post, 2020-09-30) [2]",
        "  40 (Sirte Coast Wire, 2020-09-29T08:15:00Z) [1]",
    ]


def test_of_several_questions_each_is_named_above_its_short_answer(shown):
    short = {"text": "Sabha", "kind": "place", "citations": [1]}
    none = {"question": "And why?", "status": "abstained", "short_answer": None, "agreement": None}
    parts = [{"question": "Where\nto?", "status": "answered", "short_answer": short, "agreement": None}, none]
    shown.terminal.outcome(answered("", citation(1, "It went to Sabha."), parts=parts))
    assert shown.out.getvalue().splitlines()[:3] == ["Where to?", "Sabha [1]", ""]


def test_quotes_without_a_short_answer_begin_with_the_first_source(shown):
    shown.terminal.outcome(answered("", citation(1, "A")))
    assert shown.out.getvalue().startswith("[1] A (")


@pytest.mark.parametrize("reason", ["nothing_found", "not_in_articles"])
def test_an_abstention_names_the_nearest_articles(shown, reason):
    shown.terminal.outcome(abstained(reason, citation(1, "A", published="2020")))
    assert shown.out.getvalue().splitlines()[1:] == [
        "The nearest articles:",
        "  - A (Sirte Coast Wire, 2020)",
        "    https://wire.example/1",
    ]


def test_an_abstention_says_when_the_articles_end_where_that_is_the_reason_and_how_to_ask_better(shown):
    hints = [
        {"kind": "ask_before", "date": "2020-09"},
        {"kind": "not_mentioned", "names": ["Zor\x1b[2Jblatt", "Quimby"]},
        {"kind": "without_limits", "limits": ["until"]},
        {"kind": "name_something"},
    ]
    shown.terminal.outcome(abstained("stale", hints=hints))
    assert shown.out.getvalue().splitlines() == [
        "The articles I have end in September 2020; that is too long ago to tell the latest.",
        "Ask about what happened up to September 2020.",
        "No article mentions “Zor[2Jblatt” or “Quimby”.",
        "Ask without the limit on dates.",
        "Name a person, a place or an event.",
    ]


def test_without_articles_it_says_how_to_take_some_in(shown):
    shown.terminal.outcome(abstained("empty_index"))
    assert "dateline ingest PATH" in shown.out.getvalue()


@pytest.mark.parametrize(
    "show",
    [
        lambda t: t.outcome(answered(HOSTILE, citation(1, "A"))),
        lambda t: t.outcome(answered("A", citation(1, HOSTILE))),
        lambda t: t.outcome(answered("A", citation(1, "A", source=HOSTILE))),
        lambda t: t.outcome(answered("A", citation(1, "A", url=HOSTILE))),
        lambda t: t.outcome(answered("A", notice=HOSTILE)),
        lambda t: t.outcome(abstained("nothing_found", citation(1, HOSTILE))),
        lambda t: t.tell(HOSTILE),
        lambda t: t.problem(HOSTILE),
        lambda t: t.heading(HOSTILE),
        lambda t: t.checks([Check("home", "failure", HOSTILE, "remedy")]),
        lambda t: t.checks([Check("home", "failure", "finding", HOSTILE)]),
        lambda t: t.report(report(rejected=[{"input": HOSTILE, "reason": "bad"}])),
        lambda t: t.report(report(rejected=[{"input": "a", "reason": HOSTILE}])),
        lambda t: t.status(status(home=HOSTILE)),
        lambda t: t.status(status(owner={"command": HOSTILE, "pid": 1, "since": "now"})),
        lambda t: t.status(status(embedding_model=HOSTILE)),
    ],
)
def test_hostile_text_reaches_the_terminal_as_plain_text_on_one_line(shown, show):
    show(shown.terminal)
    assert any(HARMLESS in line for line in shown.text().splitlines())
    assert not set(shown.text()) & set("\x1b\x07\x9b\u202e\u2066")


def report(**changed):
    told = {
        "added": 1,
        "updated": 2,
        "unchanged": 3,
        "withdrawn": 0,
        "rejected": [],
        "passages_added": 4,
        "elapsed_s": 1.25,
    }
    return told | changed


def status(**changed):
    index = {"articles": 1234, "passages": 5678, "newest_published_at": None}
    told = {
        "home": "/home",
        "owner": None,
        "index": index,
        "pending_vectors": 0,
        "unread_passages": 0,
        "embedding_model": None,
    }
    told |= {"needs_migration": False, "entries": {}, "feeds": [], "checked_at": "2026-03-08T12:00:00+00:00"}
    told |= {"freshness": {"newest_age_hours": None, "is_stale": False}}
    return told | {"disk_bytes": 3 * 2**20} | changed


def test_line_breaks_inside_a_quote_become_spaces_so_that_nothing_looks_like_a_line_of_ours(shown):
    shown.terminal.outcome(answered("A [1]", citation(1, "A\n\n[2] A forged source\r\u2028(Reuters)")))
    assert "    “A [2] A forged source (Reuters)”" in shown.out.getvalue().splitlines()


def test_lines_are_not_broken_in_a_pipe_however_long(shown):
    long = "word " * 200 + "end"
    shown.terminal.outcome(answered(long, citation(1, long, url="https://wire.example/" + "a" * 500)))
    shown.terminal.status(status(home="/" + "home/" * 50))
    shown.terminal.checks([Check("home", "ok", long)])
    assert sum(long in line for line in shown.out.getvalue().splitlines()) == 3
    assert sum(len(line) > 250 for line in shown.out.getvalue().splitlines()) == 5


def test_an_intake_is_summed_up_and_its_rejections_stand_beside_the_output(shown):
    shown.terminal.report(report(rejected=[{"input": "a.jsonl:2", "reason": "no title"}]))
    assert shown.out.getvalue() == "1 added, 2 updated, 3 unchanged, 1 rejected; 4 passages in 1.2 s\n"
    assert shown.err.getvalue() == "Rejected a.jsonl:2: no title\n"
    shown.terminal.report(report(withdrawn=2))
    assert "3 unchanged, 2 withdrawn, 0 rejected; " in shown.out.getvalue()


def test_an_excerpt_is_told_as_one_and_the_publishers_terms_stand_small_and_short_below(shown):
    cited = citation(1, "A") | {"is_excerpt": True, "usage_terms": "No use\x1b after 30 days. " * 20}
    shown.terminal.outcome(answered("It was so.", cited))
    lines = shown.out.getvalue().splitlines()
    assert lines[2] == "[1] A (Sirte Coast Wire, 29 September 2020, 08:15 UTC) (excerpt)"
    assert lines[3].startswith("    No use after 30 days. No use")
    assert (len(lines[3]), lines[3][-1]) == (204, "…")


def test_problems_and_remarks_stand_beside_the_output(shown):
    shown.terminal.problem("It broke: mend it.")
    shown.terminal.tell("Serving.")
    assert (shown.out.getvalue(), shown.err.getvalue()) == ("", "Problem: It broke: mend it.\nServing.\n")


def test_checks_are_sound_unless_one_failed(shown):
    warning, failure = Check("disk", "warning", "little", "free some"), Check("home", "failure", "gone")
    assert shown.terminal.checks([Check("home", "ok", "there"), warning])
    assert not shown.terminal.checks(iter([failure, warning]))
    assert "         -> free some" in shown.out.getvalue().splitlines()


def test_a_status_and_scores_show_what_is_missing_as_missing(shown):
    shown.terminal.status(status())
    shown.terminal.scores(
        {
            "retrieval": {
                "questions": 3,
                "hit@1": 0.5,
                "mrr@10": None,
                "intervals": {"hit@1": (0.25, 0.75), "mrr@10": None},
            },
            "types": {"place\x1b": {"questions": 2, "hit@1": 1.0, "intervals": {"hit@1": (0.5, 1.0)}}},
            "risk_coverage": [{"coverage": 1.0}],
        }
    )
    lines = shown.out.getvalue().splitlines()
    assert "Articles         1,234" in lines
    assert "Owner            none" in lines
    assert [line.split() for line in lines[-5:]] == [
        ["retrieval", "questions", "3"],
        ["retrieval", "hit@1", "0.500", "0.250-0.750"],
        ["retrieval", "mrr@10", "-"],
        ["types", "place", "questions", "2"],
        ["types", "place", "hit@1", "1.000", "0.500-1.000"],
    ]


def test_json_is_one_line_of_ascii_whatever_it_holds(shown):
    held = {"title": HOSTILE + "\n\u2028\x85 é 🚚", "half": "\ud800"}
    shown.terminal.json(held)
    written = shown.out.getvalue()
    assert written.isascii()
    assert written.splitlines(keepends=True) == [written]
    assert json.loads(written) == held


def test_progress_is_shown_on_a_terminal_and_not_in_a_pipe(shown):
    async def events():
        yield {"progress": {"done": 5, "total": 10, "articles": 1234}}
        yield {"progress": {"done": 10, "total": 10, "articles": 5678}}
        yield {"report": {"added": 1}}

    assert asyncio.run(shown.terminal.follow(events(), "articles")) == {"added": 1}
    with shown.terminal.waiting("Opening ..."):
        pass
    assert shown.text() == ""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        on_terminal = Terminal(Console(file=io.StringIO()), Console(file=stream, width=80))
        asyncio.run(on_terminal.follow(events(), "articles"))
    drawn = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "articles" in drawn
    assert "100 %" in drawn


@pytest.fixture
def pipe():
    """Both ends of a pipe, as (reading, writing); whoever closes one sets it to None."""
    ends = list(os.pipe())
    yield ends
    for end in ends:
        if end is not None:
            os.close(end)


async def test_lines_come_as_soon_as_they_are_whole_and_the_last_needs_no_end(pipe):
    reading, writing = pipe
    lines = read_lines(reading)
    os.write(writing, b"one\ntw")
    assert await anext(lines) == b"one"
    second = asyncio.ensure_future(anext(lines))
    await asyncio.sleep(0)
    assert not second.done()
    os.write(writing, b"o\n\nlast\r\nand \xff")
    assert [await second, await anext(lines), await anext(lines)] == [b"two", b"", b"last\r"]
    os.close(writing)
    pipe[1] = None
    assert [line async for line in lines] == [b"and \xff"]


async def test_waiting_for_a_line_can_be_cancelled_and_loses_no_line(pipe):
    reading, writing = pipe
    waiting = asyncio.ensure_future(anext(read_lines(reading)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not asyncio.get_running_loop().remove_reader(reading)  # nobody watches the pipe any more
    os.write(writing, b"still there\n")
    assert await anext(read_lines(reading)) == b"still there"


@pytest.mark.parametrize("size", [0, 1, 200_000])
async def test_a_file_is_read_like_a_pipe_with_lines_of_any_length(tmp_path, size):
    path = tmp_path / "lines"
    path.write_bytes((b"a" * size + b"\n") * 3 + b"b" * size)
    with path.open("rb") as stream:
        read = [line async for line in read_lines(stream.fileno())]
    assert read == [b"a" * size] * 3 + ([b"b" * size] if size else [])


async def test_questions_come_from_standard_input_without_a_prompt_in_a_pipe(shown, pipe, monkeypatch):
    reading, writing = pipe
    os.write(writing, " Wo ist er? \n\né\xff".encode("latin-1") + b"\n")
    os.close(writing)
    pipe[1] = None
    with os.fdopen(reading) as stream:
        pipe[0] = None
        monkeypatch.setattr(sys, "stdin", stream)
        asked = [question async for question in shown.terminal.questions()]
    assert asked == ["Wo ist er?", "", "\ufffd\ufffd"]
    assert shown.text() == ""


async def test_a_person_at_a_terminal_sees_a_prompt_for_each_question(shown, monkeypatch):
    ours, theirs = pty.openpty()
    os.write(ours, b"Who left?\n\x04")
    with os.fdopen(theirs) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        asked = [question async for question in shown.terminal.questions()]
    os.close(ours)
    assert asked == ["Who left?"]
    assert shown.err.getvalue() == "Ask: Ask: \n"
    assert shown.out.getvalue() == ""


def test_how_a_follow_up_was_understood_is_told_under_the_answer(shown):
    shown.terminal.outcome(answered("A [1]", citation(1, "A")) | {"understood_as": "when did it go?"})
    assert "Understood as: when did it go?" in shown.out.getvalue()
