"""The `dateline` command as people run it: output, exit codes, and one sentence where something is wrong."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from bot.home import hold_home, read_owner
from bot.inspection import read_status

SCHEMA = Draft202012Validator(json.loads(files("bot").joinpath("schemas/answer.schema.json").read_text("utf-8")))
CONVOY = "Where did the convoy go?"


def comparable(outcome):
    """Leave out what differs between two runs of one question: the times taken, and "now" where none was given."""
    return {name: value for name, value in outcome.items() if name not in ("timings_ms", "asked_at")}


def test_an_empty_home_is_made_and_abstains_with_exit_code_3(dateline, tmp_path):
    asked = dateline("--home", tmp_path / "new home", "ask", CONVOY, "--json", home=tmp_path / "not this one")
    assert (asked.code, asked.err) == (3, "")
    (outcome,) = asked.lines()
    SCHEMA.validate(outcome)
    assert outcome["abstention"] == {"reason": "empty_index", "nearest": [], "index_ends": None, "hints": []}
    assert (tmp_path / "new home" / "archive.db").is_file()
    assert not (tmp_path / "not this one").exists()


def test_every_outcome_keeps_the_schema(serving):
    for outcome in serving.outcomes.values():
        SCHEMA.validate(outcome)


def test_a_batch_answers_in_order_and_loses_nothing_to_lines_it_cannot_ask(dateline, lone_home, serving):
    """The home is not served here, and the outcomes are the same as where it is."""
    asked = [
        json.dumps({"question": CONVOY, "id": "convoy"}).encode(),
        b"",
        b"\xef\xbb\xbf" + json.dumps({"question": "Who?", "id": 8, "asked_at": "2020-13-01"}).encode(),
        b"not json",
        b'["a list"]',
        b"[" * 100_000,
        b'{"question": "caf\xe9"}',
        b'{"question": "half a pair: \\ud800", "id": "half"}',
        json.dumps({"question": "x" * 1001, "id": "long"}).encode(),
        b'{"question": "   "}',
        json.dumps({"question": CONVOY, "id": "before all", "asked_at": 2019}).encode() + b"\r",
        json.dumps({"question": "Who was elected mayor of Port Ellery?", "id": "mayor"}).encode(),  # no line end
    ]
    ended = dateline("ask", "--batch", "-", home=lone_home, stdin=b"\n".join(asked))
    assert (ended.code, ended.err) == (1, "")
    convoy, date, *malformed, half, long, empty, early, mayor = ended.lines()
    assert [comparable(one) for one in (convoy, early, mayor)] == [
        comparable(serving.outcomes[name]) for name in ("convoy", "before all", "mayor")
    ]
    assert [one["line"] for one in (date, *malformed, half, long, empty)] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert all("is no JSON object" in one["error"] for one in malformed)
    assert (date["id"], half["id"], long["id"]) == ("8", "half", "long")
    assert "asked_at" in date["error"]
    assert "not valid Unicode" in half["error"]
    assert "1001 characters" in long["error"]
    assert "Nothing was asked" in empty["error"]


def test_an_answer_on_the_terminal_is_the_same_whether_the_home_is_served_or_not(dateline, lone_home, serving):
    alone = dateline("ask", CONVOY, home=lone_home)
    served = dateline("ask", CONVOY, home=serving.home)
    assert (alone.code, alone.err, served.code, served.err) == (0, "", 0, "")
    assert alone.out == served.out
    lines = alone.out.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("[1] "))
    assert lines[first] == (
        "[1] Wagner convoy leaves Al-Jufra base, Libyan military source says "
        "(Sirte Coast Wire, 29 September 2020, 08:15 UTC)"
    )
    assert lines[first + 1].startswith("    “")
    assert "Brak al-Shati" in lines[first + 1]
    assert lines[first + 2] == "    https://sirtecoastwire.example/2020/09/29/wagner-convoy-al-jufra"


def test_options_bound_the_question_and_an_abstention_ends_with_3(dateline, invoke, serving):
    early = dateline("ask", CONVOY, "--now", "2019-12-31", "--json", home=serving.home)
    assert (early.code, early.err) == (3, "")
    assert early.lines()[0]["abstention"]["reason"] == "nothing_found"
    bounds = ["--since", "2020-09-30", "--until", "2020-09", "--source", "THE ALDENMOOR LEDGER", "--source", "Nobody"]
    bounded = invoke("ask", CONVOY, *bounds, "--json", "--home", serving.home)
    assert bounded.exit_code == 0
    outcome = json.loads(bounded.stdout)
    SCHEMA.validate(outcome)
    assert {cited["article_id"] for cited in outcome["citations"]} == {"sample-pantsir-guns-convoy"}
    assert outcome["window"] == {"since": "2020-09-30T00:00:00Z", "until": "2020-09-30T23:59:59Z", "inferred": False}


def test_without_a_question_each_line_of_a_pipe_is_one_and_a_bad_one_does_not_end_it(dateline, serving):
    typed = f"{CONVOY}\n\n{'x' * 1001}\nWhat is the capital of Mongolia?\n"
    asked = dateline("ask", home=serving.home, stdin=typed)
    assert asked.code == 0
    assert asked.err == "Problem: The question has 1001 characters; shorten it to 1000.\n"
    assert "Brak al-Shati" in asked.out
    assert "The articles I have do not say." in asked.out.splitlines()


def test_hostile_text_of_an_article_reaches_the_terminal_harmless(dateline, serving, tmp_path):
    text = (
        "The Zorvax engine exploded in [/red] the town of Plimworth [bold]on[/bold] \u001b]0;owned\u0007 Monday "
        ":skull: \u009b31m \u202e reversed."
    )
    line = {
        "title": "Zorvax [link=file:///etc/passwd]engine[/link] \u001b[2J",
        "source": "[red]Bad[/red]",
        "text": text,
    }
    (tmp_path / "hostile.jsonl").write_text(json.dumps(line) + "\n" + json.dumps({"title": "[/b]\u001b[31m"}) + "\n")
    taken = dateline("ingest", tmp_path / "hostile.jsonl", home=serving.home)
    assert taken.code == 0
    assert taken.out.startswith("1 added, 0 updated, 0 unchanged, 1 rejected; ")
    assert taken.err.startswith(f"Rejected {tmp_path}/hostile.jsonl:2: ")
    asked = dateline("ask", "In which town did the Zorvax engine explode?", home=serving.home)
    assert (asked.code, asked.err) == (0, "")
    assert "in [/red] the town of Plimworth [bold]on[/bold]" in asked.out
    assert "[1] Zorvax [link=file:///etc/passwd]engine[/link]" in asked.out
    assert "([red]Bad[/red], date not given)" in asked.out
    assert not set(asked.out + taken.err) & set("\x1b\x07\x9b\u202e")


def test_after_an_intake_and_after_a_rebuild_no_passage_is_left_unread(dateline, tmp_path):
    (tmp_path / "one.jsonl").write_text(json.dumps({"title": "Ferry", "text": "The ferry sank off Marrow Bay."}))
    home = tmp_path / "home"
    for command in (("ingest", tmp_path / "one.jsonl"), ("reindex",)):
        assert dateline(*command, home=home).code == 0
        assert read_status(home)["unread_passages"] == 0


def test_whoever_stops_reading_the_output_ends_the_command_in_silence(serving):
    questions = json.dumps({"question": CONVOY}) + "\n"
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "--home", str(serving.home), "ask", "--batch", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(questions)
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["status"] == "answered"  # answered before the input has ended
    process.stdout.close()
    process.stdin.write(questions)
    process.stdin.close()
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=60), told) == (1, "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_at_the_prompt_ends_the_command_at_once(serving, number, code):
    # Tests that run in the background may have been started with SIGINT ignored, which a process hands down.
    heeding = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import bot.__main__ as m; m.main()"
    )
    ours, theirs = pty.openpty()
    command = [sys.executable, "-X", "faulthandler", "-c", heeding, "ask", "--home", str(serving.home)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        shown = b""
        while b"Ask: " not in shown:
            shown += os.read(ours, 1024)
        process.send_signal(number)
        try:
            assert process.wait(timeout=60) == code
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # it writes where it stands
            pytest.fail(os.read(ours, 65_536).decode("utf-8", "replace"))
        with suppress(OSError):  # the end of a terminal that no process has open
            while True:
                shown += os.read(ours, 1024)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"Traceback" not in shown


def test_a_home_in_use_by_another_command_is_refused_by_its_name(dateline, tmp_path):
    with hold_home(tmp_path / "home", "dateline ingest"):
        asked = dateline("ask", CONVOY, home=tmp_path / "home")
    assert (asked.code, asked.out) == (1, "")
    assert asked.err.startswith(
        f"Problem: {tmp_path}/home is in use by dateline ingest (process {os.getpid()}, since 2"
    )
    assert asked.err.count("\n") == 1


def test_a_damaged_archive_is_one_sentence_with_its_remedy(dateline, lone_home, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "archive.db").write_bytes(b"\0" * 50 + (lone_home / "archive.db").read_bytes()[50:])
    asked = dateline("ask", CONVOY, home=home)
    assert (asked.code, asked.out) == (1, "")
    assert asked.err.startswith(f"Problem: {home}/archive.db cannot be read or written (file is not a database): ")
    assert "restore a backup" in asked.err
    assert asked.err.count("\n") == 1
    assert read_owner(home) is None


def test_an_output_that_cannot_be_written_is_one_sentence(dateline, lone_home):
    with open("/dev/full", "w") as full:
        told = dateline("status", home=lone_home, stdout=full)
    assert told.code == 1
    assert told.err.startswith("Problem: The system refuses to read or write: [Errno 28]")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("command", ["doctor", "status", "--help"])
def test_what_needs_no_engine_loads_none(command, lone_home, dateline):
    ended = dateline(command, home=lone_home, python=["-X", "importtime"])
    assert ended.code == 0
    loaded = {line.rpartition("|")[2].strip() for line in ended.err.splitlines() if line.startswith("import time:")}
    assert "rich.console" in loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers", "chromadb", "langchain_core", "bot.app"}


def test_the_help_names_every_command_and_the_exit_codes(invoke):
    told = invoke("--help")
    assert told.exit_code == 0
    for word in ("ask", "ingest", "reindex", "status", "doctor", "evaluate", "serve", "3 abstained", "DATELINE_HOME"):
        assert word in told.output
    assert invoke().exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", CONVOY, "--now", "yesterday"],
        ["ask", CONVOY, "--now", "[/bold]"],
        ["ask", CONVOY, "--since", "2020-13-01"],
        ["ask", CONVOY, "--until", "29/09/2020"],
        ["ask", CONVOY, "--since", "2020-10-01", "--until", "2020-09-30"],
        ["ask", CONVOY, "--home", ""],
        ["ask", "Where", "did", "the", "convoy", "go?"],
        ["ask", CONVOY, "--batch", "-"],
        ["ask", "--batch", "/no/such/file.jsonl"],
        ["ask", "--batch", "/"],
        ["ask", CONVOY, "--no-such-option"],
        ["evaluate", "judged.jsonl", "--sweep", "--plot", "curve.png"],
        ["ingest"],
        ["ingest", "--samples", "/tmp"],
        ["fly"],
    ],
    ids=" ".join,
)
def test_a_wrong_usage_ends_with_2_and_opens_nothing(invoke, tmp_path, arguments):
    ended = invoke("--home", tmp_path / "home", *arguments)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "Error" in ended.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"DATELINE_RETRIEVAL__HITZ": "3"}, "DATELINE_RETRIEVAL__HITZ names no setting"),
        ({"DATELINE_RETRIEVAL__HITS": "many"}, "The setting retrieval.hits is wrong"),
        ({"DATELINE_CONFIG": "/no/such.toml"}, "/no/such.toml, which cannot be read"),
    ],
)
def test_a_mistake_in_the_settings_is_told_before_anything_is_opened(invoke, tmp_path, env, told):
    for command in (["status"], ["ask", CONVOY], ["serve", "--no-discord"], ["doctor"]):
        ended = invoke("--home", tmp_path / "home", *command, **env)
        assert (ended.exit_code, ended.stdout) == (1, "")
        assert ended.stderr.startswith("Problem: ")
        assert ended.stderr.count("\n") == 1
        assert told in ended.stderr
    assert not (tmp_path / "home").exists()


def test_serving_discord_needs_a_token_and_says_where_it_goes(invoke, tmp_path):
    ended = invoke("--home", tmp_path / "home", "serve")
    assert ended.exit_code == 1
    assert ended.stderr.startswith("Problem: DATELINE_DISCORD__TOKEN is not set: ")
    assert "--no-discord" in ended.stderr


def test_a_home_that_cannot_be_is_one_sentence(invoke, tmp_path):
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        ended = invoke("ask", CONVOY, "--home", home)
        assert (ended.exit_code, ended.stdout) == (1, "")
        assert ended.stderr.startswith(f"Problem: {home} cannot be read or written (")
        assert ended.stderr.count("\n") == 1


def test_a_home_may_stand_before_or_after_the_command_and_wins_over_the_environment(invoke, tmp_path):
    for arguments in (["--home", tmp_path / "a", "status", "--json"], ["status", "--json", "--home", tmp_path / "a"]):
        assert json.loads(invoke(*arguments, DATELINE_HOME=str(tmp_path / "b")).stdout)["home"] == f"{tmp_path}/a"
    told = invoke("status", "--json", DATELINE_HOME=str(tmp_path / "b"))
    assert json.loads(told.stdout)["home"] == f"{tmp_path}/b"


def test_a_timeline_is_the_same_object_where_the_home_is_served_and_where_it_is_not(dateline, lone_home, serving):
    arguments = ("timeline", "helicopter near Sukna", "--json")
    (here,), (served,) = (dateline(*arguments, home=home).lines() for home in (lone_home, serving.home))
    # Other tests take articles into the served home; the story is the same.
    assert comparable({**here, "index": None}) == comparable({**served, "index": None})
    assert here["steps"] and [step["citations"] for step in here["steps"]] == [[one["n"]] for one in here["citations"]]


def test_a_timeline_says_what_is_wrong_with_its_topic_or_limits_and_that_nothing_is_told(dateline, serving):
    ended = [
        dateline("timeline", *arguments, home=serving.home)
        for arguments in ((" ",), ("convoy", "--since", "2021", "--until", "2020"), ("sourdough",))
    ]
    assert [one.code for one in ended] == [1, 2, 3]
    assert "Nothing was asked" in ended[0].err
    assert "found nothing" in ended[2].out
