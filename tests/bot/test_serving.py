"""While `dateline serve` runs, every other command on its home works as without it; and it leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import stat
import sys
from contextlib import AsyncExitStack

import pytest

from bot.home import hold_home, read_owner
from bot.inspection import read_status
from bot.serving import Served

CONVOY = "Where did the convoy go?"


def test_every_command_works_on_a_served_home(dateline, invoke, serving, tmp_path):
    """One test, for each step builds on the one before."""
    home, owner = serving.home, read_owner(serving.home)
    assert (owner.command, owner.pid) == ("dateline serve", serving.process.pid)
    held = json.loads(invoke("status", "--json", "--home", home).stdout)
    assert held["owner"] == {"command": owner.command, "pid": owner.pid, "since": owner.since}

    news = tmp_path / "news"
    news.mkdir()
    (news / "a.txt").write_text("Quokkas\n\nNinety quokkas were counted on the islet of Wadjemup by rangers.")
    (news / "b.jsonl").write_text(
        '{"title": "One", "text": "1."}\n{"title": "Broken"\n{"title": "Two", "text": "2."}\n'
    )
    (news / "c.bin").write_bytes(bytes(range(256)))
    taken = dateline("ingest", "news", "--json", home=home, cwd=tmp_path)
    assert (taken.code, taken.err) == (0, "")
    (report,) = taken.lines()
    assert list(report) == [
        "added", "updated", "unchanged", "withdrawn", "rejected", "passages_added", "elapsed_s",
    ]  # fmt: skip
    assert (report["added"], report["updated"], report["unchanged"], report["passages_added"]) == (3, 0, 0, 3)
    ((rejected),) = report["rejected"]
    assert rejected["input"] == f"{news}/b.jsonl:2"
    assert "JSON" in rejected["reason"]

    again = dateline("ingest", "news", home=home, cwd=tmp_path)
    assert again.code == 0
    assert again.out.startswith("0 added, 0 updated, 3 unchanged, 1 rejected; 0 passages in ")
    assert again.err == f"Rejected {rejected['input']}: {rejected['reason']}\n"

    (known,) = dateline("ask", "How many quokkas were counted?", "--json", home=home).lines()
    assert known["index"]["articles"] == held["index"]["articles"] + 3
    assert known["hits"][0]["article_id"].startswith("file-")

    rebuilt = dateline("reindex", "--json", home=home)
    assert rebuilt.code == 0
    assert rebuilt.lines()[0]["articles"] == known["index"]["articles"]
    told = json.loads(invoke("status", "--json", "--home", home).stdout)
    assert (told["generation"], told["articles_to_reindex"]) == (held["generation"] + 1, 0)
    assert told["index"]["articles"] == known["index"]["articles"]
    after = json.loads(invoke("ask", "How many quokkas were counted?", "--json", "--home", home).stdout)
    assert (after["hits"], after["citations"]) == (known["hits"], known["citations"])

    examined = invoke("doctor", "--home", home)
    assert examined.exit_code == 0
    assert f"owned by dateline serve (process {serving.process.pid})" in examined.stdout

    missing = invoke("ingest", tmp_path / "missing", "--home", home)
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert missing.stderr == (
        f"Problem: {tmp_path}/missing does not exist or cannot be read: check the spelling and the permissions.\n"
    )


def test_judged_questions_are_measured_through_the_serving_process(dateline, invoke, serving, tmp_path):
    judged = [
        {
            "question": CONVOY,
            "answers": ["Brak al-Shati"],
            "asked_at": "2020-10-01",
            "evidence": [{"article_id": "sample-wagner-convoy-al-jufra", "text": "gone to Brak al-Shati air base"}],
        },
        {"question": "How old is the seagrass in Marrow Bay?", "answers": ["1,400 years"]},
        {"question": "What is the capital of Mongolia?", "answers": []},
    ]
    (tmp_path / "judged.jsonl").write_text("\n".join(map(json.dumps, judged)))
    curve = tmp_path / "curve.png"
    measured = dateline("evaluate", tmp_path / "judged.jsonl", "--json", "--plot", curve, home=serving.home)
    assert (measured.code, measured.err) == (0, "")
    (scores,) = measured.lines()
    assert (scores["retrieval"]["questions"], scores["retrieval"]["hit@10"]) == (1, 1.0)
    answers = scores["answers"]
    assert (answers["answerable"], answers["unanswerable"]) == (2, 1)
    assert (answers["quote@1"], answers["abstention_recall"], answers["cited_source"]) == (1.0, 1.0, 1.0)
    assert (answers["verbatim"], answers["coverage"]) == (1.0, pytest.approx(2 / 3))
    assert scores["knowable"]["left_out"] == 0
    assert scores["latency_ms"]["total"]["p95"] >= scores["latency_ms"]["write"]["p50"] > 0
    assert [point["risk@1"] for point in scores["risk_coverage"]] == [0.0, 0.0, pytest.approx(1 / 3)]
    assert curve.read_bytes().startswith(b"\x89PNG")
    swept = invoke("evaluate", "--sweep", tmp_path / "judged.jsonl", "--home", serving.home)
    assert swept.exit_code == 0
    parts = dict.fromkeys(line.split()[0] for line in swept.stdout.splitlines())
    assert list(parts) == [f"{n / 10:.1f}" for n in range(11)]
    broken = invoke("evaluate", tmp_path / "missing.jsonl", "--home", serving.home)
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert broken.stderr.startswith(f"Problem: {tmp_path}/missing.jsonl cannot be read: ")


def test_a_second_process_may_not_serve_the_home_and_is_told_who_does(dateline, serving):
    second = dateline("serve", "--no-discord", home=serving.home)
    assert (second.code, second.out) == (1, "")
    assert second.err.startswith(
        f"Problem: {serving.home} is in use by dateline serve (process {serving.process.pid}, since 2"
    )
    assert second.err.count("\n") == 1


async def test_many_commands_at_once_are_all_answered(serving):
    async def ask():
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "--home", str(serving.home), "ask", "--batch", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate((json.dumps({"question": CONVOY}) + "\n").encode() * 2)
        return process.returncode, [json.loads(line)["citations"] for line in out.splitlines()]

    for code, citations in await asyncio.gather(*(ask() for _ in range(3))):
        assert code == 0
        assert citations == [serving.outcomes["convoy"]["citations"]] * 2


def test_the_home_and_its_socket_are_for_their_user_alone(serving):
    assert stat.S_IMODE((serving.home).stat().st_mode) == 0o700
    assert stat.S_IMODE((serving.home / "control.sock").stat().st_mode) == 0o600


def test_a_killed_server_blocks_nothing_and_one_that_is_told_to_stop_leaves_nothing(
    start_serving, dateline, lone_home, tmp_path
):
    home = shutil.copytree(lone_home, tmp_path / "home")
    killed = start_serving(home).process
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert (home / "control.sock").exists()  # what a crash leaves
    assert read_owner(home) is None
    assert read_status(home)["owner"] is None

    process = start_serving(home, wait=False).process
    while (owner := read_owner(home)) is None:
        assert process.poll() is None
    assert (owner.command, owner.pid) == ("dateline serve", process.pid)
    asked = dateline("ask", CONVOY, home=home)  # it may still be loading its model
    assert (asked.code, "Brak al-Shati" in asked.out) == (0, True)

    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert told.splitlines()[-2:] == [f"Serving {home}. Stop with Ctrl-C or SIGTERM.", "Stopped."]
    assert not (home / "control.sock").exists()
    assert not (home / "owner.json").exists()
    with hold_home(home, "a test"):
        assert read_owner(home).pid == os.getpid()


async def test_a_port_that_is_taken_is_told_and_holds_no_question_up(settings, unused_tcp_port):
    told, health = [], settings.health.model_copy(update={"port": unused_tcp_port})
    taken = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", unused_tcp_port)
    async with taken, AsyncExitStack() as stack:
        served = Served(settings.model_copy(update={"health": health}), with_discord=True)
        await served.serve_health(stack, told.append)
    (sentence,) = told
    assert sentence.startswith(f"Health and metrics are not served: 127.0.0.1, port {unused_tcp_port}, cannot be had")
    assert sentence.endswith("set health.port to another one, or to 0.")


async def test_what_is_ready_is_told_as_it_becomes_so(settings, open_operations, tmp_path):
    served = Served(settings, with_discord=True)
    told = [served.is_ready()]
    async with open_operations(tmp_path / "home", opens_index=False) as operations:
        served.operations = operations
        told.append(served.is_ready())
        await operations.open_index()
        told.append(served.is_ready())
        served.gateway.came_up(0, of=1, resumed=False)
        told.append(served.is_ready())
    assert [list(parts.values()) for parts in told] == [
        [False, False, False],
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    assert Served(settings, with_discord=False).is_ready().keys() == {"model", "index"}


@pytest.mark.parametrize(
    ("hosts", "for_servers", "count"), [([], False, 7), (["news.intranet"], False, 0), (["news.intranet"], True, 7)]
)
def test_servers_add_feeds_only_where_these_lead_into_no_network_of_the_operators(settings, hosts, for_servers, count):
    intake = settings.intake.model_copy(update={"private_hosts": hosts})
    may = {"feeds_per_server": 7, "private_hosts_for_servers": for_servers}
    changed = settings.model_copy(update={"intake": intake, "discord": settings.discord.model_copy(update=may)})
    assert Served(changed, with_discord=True).feeds_per_server() == count
