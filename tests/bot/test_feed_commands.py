"""`dateline feeds` as an operator uses it while `dateline serve` runs, and the news that comes of it."""

from __future__ import annotations

import json
import signal
import time
from types import SimpleNamespace

import pytest
from loopback_site import BRIDGE, XML, serve_courier

from retrieval.archive.archive import utc_now
from retrieval.archive.database import open_archive
from retrieval.archive.entries import EntryState, Listing
from retrieval.archive.entry_ledger import EntryLedger

#: What was added is to be asked for within a minute.
SOON_S = 60
FERRY = "The ferry Oystercatcher sank off Marrow Bay with eleven sheep on board."


@pytest.fixture
def site():
    with serve_courier() as served:
        yield served


@pytest.fixture
def served(site, tmp_path, start_serving, invoke):
    """An empty home that is served with a watched folder, and `do` to run a command on it."""
    home, dropped = tmp_path / "home", tmp_path / "dropped"
    (tmp_path / "feeds.toml").write_text(f'[[feeds]]\nurl = "{site.url("/sport.xml")}"\nsource = "Courier Sport"\n')
    settings = {
        "DATELINE_INTAKE__PRIVATE_HOSTS": json.dumps([site.host]),
        "DATELINE_INTAKE__HOST_DELAY_S": "0",
        "DATELINE_INTAKE__WATCH_DIRS": json.dumps([str(dropped)]),
        "DATELINE_INTAKE__FEEDS_FILE": str(tmp_path / "feeds.toml"),
    }

    def do(*arguments, code=0):
        ended = invoke("--home", home, *arguments)
        assert ended.exit_code == code, ended.output
        assert "Traceback" not in ended.output
        return ended

    def until_told(question, sentence, *options):
        ends_at = time.monotonic() + SOON_S
        while time.monotonic() < ends_at:
            ended = invoke("--home", home, "ask", question, *options)
            if sentence in ended.stdout:
                return
        pytest.fail(f"not told within {SOON_S} s: {sentence}")

    running = start_serving(home, settings=settings)
    yield SimpleNamespace(do=do, until_told=until_told, home=home, dropped=dropped, process=running.process)
    running.process.send_signal(signal.SIGTERM)
    _, told = running.process.communicate(timeout=60)
    assert running.process.returncode == 0
    assert told.splitlines()[-1] == "Stopped."
    assert "Traceback" not in told


def test_news_is_followed_dropped_tried_out_paused_and_told(served, site, tmp_path):
    """One test, for each step builds on the one before and serving takes long to start."""
    do, url = served.do, site.url

    # A site becomes its first feed, and its article can be asked for within a minute.
    added = do("feeds", "add", url(), "--tag", "local").stdout.splitlines()
    assert added[0].startswith("Added feed ")
    assert added[0].endswith(": The Averden Courier")
    assert added[-2:] == ["The site offers more; add those that you want:", f"  {url('/sport.xml')}  Sport"]
    served.until_told("When does the Linnet Bridge open?", BRIDGE)

    # So can what is dropped into a watched folder.
    (served.dropped / "ferry.txt").write_text(f"Ferry sinks\n\n{FERRY}\n")
    served.until_told("Which ferry sank off Marrow Bay?", FERRY)

    # The list and the status tell how the feeds do; the file's feed is there too.
    listed = json.loads(do("feeds", "list", "--json").stdout)
    by_url = {feed["url"]: feed for feed in listed}
    assert set(by_url) == {url("/rss.xml"), url("/sport.xml")}
    assert (by_url[url("/rss.xml")]["entries"], by_url[url("/sport.xml")]["source"]) == (1, "Courier Sport")
    status = json.loads(do("status", "--json").stdout)
    assert {feed["url"]: feed["state"] for feed in status["feeds"]} == dict.fromkeys(by_url, "active")
    assert (status["entries"], status["needs_migration"]) == ({"kept": 1}, False)
    shown = do("status").stdout
    assert "Feeds            2 active" in shown
    assert "The Averden Courier" in do("feeds", "list").stdout

    # Trying out takes nothing.
    site.put_article("/goats", "Seven goats", "Seven goats stood on the northern hill.")
    site.put_feed("/goats.xml", "Goats Daily", ("Seven goats", "/goats"))
    tried = do("feeds", "test", url("/goats.xml")).stdout
    assert "Seven goats" in tried
    assert tried.endswith("Nothing was taken in.\n")
    assert len(json.loads(do("feeds", "list", "--json").stdout)) == 2

    # A feed is paused and removed by its number; an unknown one is one sentence.
    number = str(by_url[url("/sport.xml")]["id"])
    assert "paused" in do("feeds", "pause", number).stdout
    assert "active" in do("feeds", "resume", number).stdout
    do("feeds", "remove", number)
    unknown = do("feeds", "pause", number, code=1)
    assert unknown.stderr == (
        f"Problem: There is no feed {number}: give its number or address, as `dateline feeds list` shows them.\n"
    )

    # What is followed for one server is told to that server alone, whatever a batch says.
    ducks = "The Quillmere ducks were given a heated pond by the town council."
    do("feeds", "add", site.put_article("/ducks", "Heated pond for ducks", ducks), "--server", "77")
    asked = "What were the Quillmere ducks given by the town council?"
    served.until_told(asked, ducks, "--server", "77")
    (tmp_path / "batch.jsonl").write_text(json.dumps({"question": asked, "scope": "guild:77"}))
    for told in (do("ask", asked, code=3), do("ask", asked, "--server", "78", code=3)):
        assert "Quillmere ducks were" not in told.output
    assert json.loads(do("ask", "--batch", tmp_path / "batch.jsonl").stdout)["status"] == "abstained"
    assert "seen by guild:77 alone" in do("feeds", "list").stdout

    # The list that is written is read again.
    (tmp_path / "feeds.opml").write_text(do("feeds", "export").stdout)
    assert do("feeds", "import", tmp_path / "feeds.opml").stdout == "0 added, 1 known already, 0 left out\n"
    assert "missing.opml" in do("feeds", "import", tmp_path / "missing.opml", code=1).stderr

    # A changed page is a version, which history tells; here it comes by hand.
    site.put_article("/bridge", "Linnet Bridge opens later", BRIDGE.replace("3 May", "9 June"))
    do("ingest", url("/bridge"))
    told = do("history", url("/bridge")).stdout.splitlines()
    assert [line for line in told if line[:2] in ("1.", "2.")][1].endswith("Linnet Bridge opens later")
    assert any("+The Linnet Bridge opens on 9 June 2026" in line for line in told)

    # Nothing has failed, and so nothing is tried again.
    assert do("feeds", "failures").stdout == "Nothing has failed.\n"
    assert do("feeds", "retry").stdout == "Nothing to try again: nothing has failed.\n"

    # What cannot be added is one sentence that names it.
    site.put("/list.opml", '<opml version="2.0"><body><outline xmlUrl="https://a.example/"/></body></opml>', XML)
    for address, word in (
        (url("/nowhere"), "404"),
        (url("/list.opml"), "feeds import"),
        ("http://127.0.0.1:9/", "intake.private_hosts"),
    ):
        refused = do("feeds", "add", address, code=1).stderr
        assert refused.startswith("Problem: ")
        assert refused.count("\n") == 1
        assert address in refused
        assert word in refused


@pytest.mark.parametrize("command", ["add", "test"])
@pytest.mark.parametrize("given", ["not a url", "news.example", "ftp://news.example/", "https://me:pw@news.example/"])
def test_what_is_no_address_is_wrong_usage_and_opens_nothing(invoke, tmp_path, command, given):
    ended = invoke("--home", tmp_path / "home", "feeds", command, given)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("limit", ["0", "10001", "some"])
def test_a_limit_that_is_none_is_wrong_usage_and_opens_nothing(invoke, tmp_path, limit):
    ended = invoke("--home", tmp_path / "home", "feeds", "failures", "--limit", limit)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert not (tmp_path / "home").exists()


def test_failures_beyond_the_limit_are_counted_below_a_list_and_beside_json(invoke, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with open_archive(home) as archive, archive.writing() as connection:
        for number in range(3):
            listing = Listing(None, f"https://a.example/{number}", {})
            (row,) = EntryLedger().record_once(connection, [listing], utc_now(), place="https://a.example/")
            EntryLedger().set(connection, row.id, now=utc_now(), next_at=None, state=EntryState.DEAD)
    shown = invoke("--home", home, "feeds", "failures", "--limit", "2")
    assert (shown.exit_code, shown.stdout.splitlines()[-1]) == (0, "and 1 more; see --limit")
    as_json = invoke("--home", home, "feeds", "failures", "--limit", "2", "--json")
    assert (len(json.loads(as_json.stdout)), as_json.stderr.strip()) == (2, "and 1 more; see --limit")
    assert "more" not in invoke("--home", home, "feeds", "failures").stdout


def test_a_file_of_feeds_that_is_wrong_is_refused_before_anything_is_served(invoke, tmp_path):
    (tmp_path / "feeds.toml").write_text("[[feeds]]\nsource = 'A'\n")
    env = {"DATELINE_INTAKE__FEEDS_FILE": str(tmp_path / "feeds.toml")}
    ended = invoke("--home", tmp_path / "home", "serve", "--no-discord", **env)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"Problem: {tmp_path}/feeds.toml names its feeds wrongly: feeds.1.url: ")
    assert ended.stderr.count("\n") == 1
