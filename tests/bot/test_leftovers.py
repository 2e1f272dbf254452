"""Forgetting an article reaches what people asked and were told of it, and nothing of it stands in any file."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from bytes_on_disk import found_bytes

from bot.answering.questions import Exchange
from bot.records.answers import KeptAnswer
from bot.records.pending import PendingQuestion

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
USER, PLACE = 81_234_567_890_123_456, 701
TOLD = "Zyxwvutsia Plumdragonov hid marmaladefully under Quartzomarble bridge."
URL = "https://obscurer.example/affair"
SOURCE = "The Quibblethorpe Obscurer"
WANTED = {one: one.encode() for one in ("Zyxwvutsia", "plumdragonov", "Quibblethorpe", "obscurer.example")}


@pytest.fixture
def news(tmp_path):
    made = tmp_path / "secret.json"
    fields = {"id": "hid", "title": "Plumdragonov affair", "text": TOLD, "url": URL, "source": SOURCE}
    goats = {"id": "goat", "title": "Goats", "text": "Seven goats stood on a hill.", "source": "Hill Post"}
    made.write_text(json.dumps([fields, goats]))
    return made


async def report_of(operations, operation, **arguments):
    return [event async for event in operations.perform(operation, arguments)][-1]["report"]


async def ask(operations, question):
    """Ask as a cog does, and keep what it keeps."""
    records, at = operations.records, NOW
    waiting = PendingQuestion(USER, PLACE, None, question, {}, at, 1, "token", 2)
    pending = await records.pending.accept(waiting)
    (event,) = [event async for event in operations.perform("ask", {"question": question, "asked_at": at.isoformat()})]
    outcome = event["outcome"]
    number = await records.answers.keep(KeptAnswer(USER, None, PLACE, at, question, None, None, outcome))
    exchange = Exchange(question, outcome["answer"] or "")
    await records.conversations.add(PLACE, USER, exchange, at, outcome=outcome)
    words = f"so that is it: {outcome['answer']}"
    await records.feedback.give(number, USER, is_good=True, at=at, words=words, consents=True)
    return number, pending


@pytest.mark.parametrize("name", [URL, SOURCE.lower(), "hid"])
async def test_no_byte_of_it_is_left_in_answers_conversations_feedback_and_waiting_questions(
    tmp_path, news, open_operations, name
):
    home = tmp_path / "home"
    async with open_operations(home, now=lambda: NOW) as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        records = operations.records
        goats, _ = await ask(operations, "How many goats stood on the hill?")
        hid, _ = await ask(operations, "Who hid under Quartzomarble bridge?")
        waiting = PendingQuestion(USER, PLACE, None, "Did Zyxwvutsia Plumdragonov swim?", {}, NOW, 1, "token", 2)
        await records.pending.accept(waiting)
        if name != "hid":  # whoever forgets one id says nothing of the publisher's name and address in people's words
            await records.pending.accept(PendingQuestion(USER, PLACE, None, f"What of {URL}?", {}, NOW, 1, "token", 2))
        assert {file for file, _ in found_bytes(home, WANTED)} >= {"records.db-wal"}, "the search would find it"
        report = await report_of(operations, "forget", names=[name])
        assert report["records"] > 0
        assert found_bytes(home, WANTED) == set()
        assert await records.answers.read(hid) is None
        assert await records.answers.read(goats) is not None
        left = [one.question for _, one in await records.pending.unfinished()]
        assert left == ["How many goats stood on the hill?"]
        assert sorted(bool(thumb.question) for thumb in await records.feedback.list()) == [False, True]
    assert found_bytes(home, WANTED) == set(), "nor after closing"


async def test_a_forgetting_that_was_killed_before_the_records_is_finished_when_the_home_is_opened(
    tmp_path, news, open_operations, monkeypatch
):
    class Killed(Exception):
        pass

    async def killed(_self):
        raise Killed

    home = tmp_path / "home"
    async with open_operations(home, now=lambda: NOW) as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        await ask(operations, "Who hid under Quartzomarble bridge?")
        waiting = PendingQuestion(USER, PLACE, None, "Did Zyxwvutsia swim?", {}, NOW, 1, "token", 2)
        await operations.records.pending.accept(waiting)
        monkeypatch.setattr("bot.leftovers.Leftovers.finish", killed)
        with pytest.raises(Killed):
            await report_of(operations, "forget", names=[URL])
        monkeypatch.undo()
    assert found_bytes(home, WANTED) != set()
    async with open_operations(home, now=lambda: NOW):
        assert found_bytes(home, WANTED) == set()


async def test_an_answer_goes_with_its_article_when_that_was_kept_long_enough(
    tmp_path, news, open_operations, settings
):
    intake = settings.intake.model_copy(update={"keep_days": 1})
    home = tmp_path / "home"
    async with open_operations(home, now=lambda: NOW) as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        number, _ = await ask(operations, "Who hid under Quartzomarble bridge?")
        assert await report_of(operations, "expire") == {"articles": 0, "records": 0}
        assert await operations.records.answers.read(number) is not None
    changed = settings.model_copy(update={"intake": intake})
    async with open_operations(home, now=lambda: NOW + timedelta(minutes=20), changed=changed) as operations:
        operations._engine.forgetter._now = lambda: datetime.now(UTC) + timedelta(days=2)
        report = await report_of(operations, "expire")
        assert report["articles"] == 2
        assert await operations.records.answers.read(number) is None
        assert {file for file, name in found_bytes(home, WANTED) if file.startswith("records.db")} == set()


async def test_of_two_forgettings_at_once_each_erases_what_it_was_to_look_for(tmp_path, news, open_operations):
    home = tmp_path / "home"
    async with open_operations(home, now=lambda: NOW) as operations:
        await report_of(operations, "ingest", paths=[str(news)])
        for question in ("Did Zyxwvutsia swim?", "Do goats swim?", "Who won?"):
            await operations.records.pending.accept(PendingQuestion(USER, PLACE, None, question, {}, NOW, 1, "t", 2))
        async with asyncio.TaskGroup() as group:
            for name in (URL, "Hill Post"):
                group.create_task(report_of(operations, "forget", names=[name]))
        left = [one.question for _, one in await operations.records.pending.unfinished()]
        assert left == ["Who won?"]
