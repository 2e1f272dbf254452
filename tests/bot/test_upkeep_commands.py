"""`dateline forget`, `backup` and `restore` as people run them, on a home that is served and on one that is not."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys

import pytest
from bytes_on_disk import found_bytes

from bot.home import hold_home

TOLD = "Zyxwvutsia Plumdragonov hid marmaladefully under Quartzomarble bridge."
URL = "https://obscurer.example/affair"
WANTED = {one: one.encode() for one in ("Zyxwvutsia", "plumdragonov", "Quibblethorpe", "obscurer.example")}
QUESTION = "Who hid under Quartzomarble bridge?"


@pytest.fixture
def news(tmp_path):
    made = tmp_path / "secret.json"
    fields = {"id": "plum", "title": "Plumdragonov affair", "text": TOLD, "url": URL}
    made.write_text(json.dumps({**fields, "source": "The Quibblethorpe Obscurer"}))
    return made


@pytest.fixture(autouse=True)
def _rules(monkeypatch):
    """As the sample home was made."""
    monkeypatch.setenv("DATELINE_EMBEDDING__TAGGER", "rules")


@pytest.fixture
def home(invoke, lone_home, tmp_path, news):
    """A home with the samples and the secret article."""
    place = shutil.copytree(lone_home, tmp_path / "home")
    assert invoke("ingest", news, "--home", place).exit_code == 0
    return place


def asked(invoke, home):
    outcome = json.loads(invoke("ask", QUESTION, "--json", "--home", home).stdout)
    return {name: value for name, value in outcome.items() if name not in ("timings_ms", "asked_at")}


def test_without_yes_and_without_a_terminal_nothing_is_forgotten(invoke, home):
    refused = invoke("forget", URL, "--home", home)
    assert refused.exit_code == 1
    assert "--yes" in refused.stderr
    assert found_bytes(home, WANTED) != set()


@pytest.mark.parametrize(("typed", "code"), [(b"yes\n", 0), (b"no\n", 1)])
def test_on_a_terminal_a_person_is_told_how_much_goes_and_asked(home, typed, code):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "forget", "The Quibblethorpe Obscurer"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"DATELINE_HOME": str(home)},
        text=True,
    )
    os.close(theirs)
    os.write(ours, typed)
    _, err = process.communicate(timeout=180)
    os.close(ours)
    assert process.returncode == code, err
    assert "The Quibblethorpe Obscurer: a publisher with 1 articles" in err
    assert (found_bytes(home, WANTED) == set()) == (code == 0)


def test_a_served_home_is_backed_up_forgotten_in_and_restored_elsewhere_with_the_same_answers(
    dateline, invoke, serving, tmp_path, news
):
    home, file = serving.home, tmp_path / "made.backup"
    assert dateline("ingest", news, home=home).code == 0
    before = asked(invoke, home)
    (made,) = dateline("backup", "made.backup", "--json", home=home, cwd=tmp_path).lines()
    assert (made["path"], made["bytes"]) == (str(file), file.stat().st_size)

    refused = dateline("restore", file, "--replace", home=home)
    assert refused.code == 1
    assert "dateline serve" in refused.err

    other = tmp_path / "other"
    (restored,) = dateline("restore", file, "--json", home=other).lines()
    assert (restored["forgotten"], restored["pending"]) == (0, 0)
    assert asked(invoke, other) == before

    forgotten = dateline("forget", "the quibblethorpe obscurer", "--yes", "--json", home=home)
    assert (forgotten.code, forgotten.lines()[0]["articles"]) == (0, 1)
    assert found_bytes(home, WANTED) == set()
    assert asked(invoke, home)["status"] == "abstained"
    assert dateline("forget", "--undo", "the quibblethorpe obscurer", home=home).code == 0, "for the tests after this"


def test_what_its_publisher_cancelled_after_a_backup_is_not_answered_from_once_that_is_restored(invoke, home, tmp_path):
    file, cancelled = tmp_path / "made.backup", tmp_path / "cancelled.json"
    assert asked(invoke, home)["status"] == "answered"
    assert invoke("backup", file, "--home", home).exit_code == 0
    cancelled.write_text(json.dumps({"uri": "plum", "type": "text", "pubstatus": "canceled"}))
    assert invoke("ingest", cancelled, "--home", home).exit_code == 0
    assert asked(invoke, home)["status"] == "abstained"
    ended = invoke("restore", file, "--replace", "--home", home)
    assert "0 left out as forgotten, 1 taken back since" in ended.stdout.replace("\n", " ")
    assert asked(invoke, home)["status"] == "abstained"


def test_a_bad_backup_is_one_sentence(invoke, tmp_path):
    bad = tmp_path / "letter.txt"
    bad.write_text("Dear reader")
    ended = invoke("restore", bad, "--home", tmp_path / "home")
    assert ended.exit_code == 1
    assert ended.stderr.startswith(f"Problem: {bad} cannot be restored (")
    with hold_home(tmp_path / "home", "dateline ingest"):
        ended = invoke("restore", bad, "--home", tmp_path / "home")
    assert "in use by dateline ingest" in ended.stderr.replace("\n", " ")
