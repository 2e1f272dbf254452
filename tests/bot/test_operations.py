"""What a home can be asked to do gives the same plain events, whoever asks."""

from __future__ import annotations

import json
from contextlib import aclosing
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from bot.answering.errors import QuestionMalformed
from bot.answering.testing import ScriptedChatModel
from bot.inspection import read_status
from retrieval.errors import IndexUnfinished, InputNotFound

NOW = datetime(2020, 10, 1, tzinfo=UTC)
CONVOY = {"question": "Where did the convoy go?"}


@pytest.fixture
def folder(tmp_path):
    """A mixed folder of seven articles in five files, one line of which is no article."""
    made = tmp_path / "news"
    (made / "deep" / "er").mkdir(parents=True)
    (made / "ferry.txt").write_text("Ferry sinks\n\nThe ferry sank off Marrow Bay on Monday night.")
    (made / "deep" / "convoy.md").write_text("# Convoy leaves\n\nThe convoy went to **Brak al-Shati**, north of Sabha.")
    (made / "deep" / "er" / "page.html").write_text(
        "<html><head><title>Goats</title></head><body><article><h1>Goats</h1><p>"
        + "Seven goats stood on the northern hill and looked at the sea. " * 5
        + "</p></article></body></html>"
    )
    (made / "more.json").write_text(json.dumps([{"title": f"Title {n}", "text": f"Text {n} is here."} for n in (1, 2)]))
    lines = [json.dumps({"id": f"l{n}", "title": f"Line {n}", "text": f"Line {n} tells of hens."}) for n in (1, 2)]
    (made / "lines.jsonl").write_text("\n".join([lines[0], '{"title": "Half', lines[1]]) + "\n")
    (made / "picture.png").write_bytes(b"\x89PNG")
    return made


async def events_of(operations, operation, arguments=None):
    return [event async for event in operations.perform(operation, arguments or {})]


async def ingest(operations, *paths):
    return (await events_of(operations, "ingest", {"paths": [str(path) for path in paths]}))[-1]["report"]


async def ask(operations, fields=CONVOY):
    (event,) = await events_of(operations, "ask", fields)
    return event["outcome"]


async def test_a_mixed_folder_is_taken_in_but_for_one_bad_line_and_taken_again_it_adds_nothing(
    tmp_path, folder, open_operations
):
    async with open_operations(tmp_path / "home") as operations:
        first = await ingest(operations, folder)
        again = await ingest(operations, folder)
    assert (first["added"], first["updated"], first["unchanged"]) == (7, 0, 0)
    ((rejected),) = first["rejected"]
    assert rejected["input"] == f"{folder}/lines.jsonl:2"
    assert "JSON" in rejected["reason"]
    assert first["passages_added"] >= 7
    assert first["elapsed_s"] >= 0
    assert (again["added"], again["updated"], again["unchanged"], again["passages_added"]) == (0, 0, 7, 0)
    assert again["rejected"] == first["rejected"]


async def test_a_chat_model_that_is_given_writes_in_place_of_the_one_that_the_settings_name(
    tmp_path, folder, open_operations, settings
):
    claims = [{"sentence": "The convoy went to Brak al-Shati.", "citations": [1]}]
    model = ScriptedChatModel(reads=lambda passages: {"can_answer": True, "claims": claims})
    named = settings.model_copy(update={"llm": settings.llm.model_copy(update={"model": "openai:none"})})
    async with open_operations(tmp_path / "home", changed=named, chat_model=model) as operations:
        await ingest(operations, folder / "deep" / "convoy.md")
        outcome = await ask(operations)
    said = "Brak al-Shati [1]: The convoy went to Brak al-Shati. [1]"
    assert (outcome["answer"], outcome["writer"]) == (said, "openai:none")


async def test_a_stretch_of_any_version_is_read_and_without_a_version_all_of_the_current_one(
    tmp_path, folder, open_operations
):
    async def read(operations, **arguments):
        (event,) = await events_of(operations, "read", arguments)
        return event["article"]

    async with open_operations(tmp_path / "home") as operations:
        await ingest(operations, folder)
        (cited, *_) = (await ask(operations))["citations"]
        named = {"article_id": cited["article_id"]}
        (folder / "deep" / "convoy.md").write_text("# Convoy leaves\n\nThe convoy went to Sabha itself, it turned out.")
        await ingest(operations, folder / "deep")
        place = {name: cited[name] for name in ("version", "start", "end")}
        assert await read(operations, **named, **place) == {
            "id": cited["article_id"],
            "published_at": None,
            "text": cited["quote"],
        }
        assert (await read(operations, **named))["text"] == "The convoy went to Sabha itself, it turned out."
        assert await read(operations, **named, version="0" * 64) is None
        assert await read(operations, article_id="nobody's") is None


async def test_a_changed_article_becomes_a_new_version_and_its_old_words_are_not_found(
    tmp_path, folder, open_operations
):
    async with open_operations(tmp_path / "home") as operations:
        await ingest(operations, folder)
        before = await ask(operations)
        (folder / "deep" / "convoy.md").write_text("# Convoy leaves\n\nThe convoy went to Sabha itself, it turned out.")
        report = await ingest(operations, folder / "deep")
        after = await ask(operations)
    assert (report["added"], report["updated"], report["unchanged"]) == (0, 1, 1)
    assert before["citations"][0]["quote"] == "The convoy went to Brak al-Shati, north of Sabha."
    assert after["citations"][0]["quote"] == "The convoy went to Sabha itself, it turned out."
    assert before["citations"][0]["article_id"] == after["citations"][0]["article_id"]
    assert before["citations"][0]["version"] != after["citations"][0]["version"]


async def test_progress_begins_at_nil_never_falls_and_ends_at_the_whole(tmp_path, folder, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        events = await events_of(operations, "ingest", {"paths": [str(folder)]})
    steps = [event["progress"] for event in events[:-1]]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.suffix != ".png")
    assert steps[0] == {"done": 0, "total": size, "articles": 0}
    assert steps[-1] == {"done": size, "total": size, "articles": 7}
    assert [step["done"] for step in steps] == sorted(step["done"] for step in steps)
    assert set(events[-1]) == {"report"}


async def test_the_samples_are_those_of_the_package(tmp_path, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        report = (await events_of(operations, "ingest", {"samples": True}))[-1]["report"]
    packaged = [one for one in files("bot").joinpath("samples").iterdir() if one.name.endswith(".md")]
    assert (report["added"], report["rejected"]) == (len(packaged), [])


async def test_a_missing_path_takes_nothing_in(tmp_path, folder, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        with pytest.raises(InputNotFound, match="no-such-file"):
            await ingest(operations, folder, tmp_path / "no-such-file")
        assert (await ask(operations))["index"]["articles"] == 0


async def test_a_question_is_asked_now_unless_it_says_when(tmp_path, open_operations):
    async with open_operations(tmp_path / "home", now=lambda: NOW) as operations:
        assert (await ask(operations))["asked_at"] == "2020-10-01T00:00:00Z"
        assert (await ask(operations, CONVOY | {"asked_at": "2019"}))["asked_at"] == "2019-12-31T23:59:59Z"
        with pytest.raises(QuestionMalformed):
            await ask(operations, {"question": "Who?", "until": "soon"})


async def test_searching_gives_passages_by_the_weight_asked_for(tmp_path, folder, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        await ingest(operations, folder)
        for weight in (None, 0.0, 1.0):
            (event,) = await events_of(operations, "search", CONVOY | {"dense_weight": weight, "limit": 2})
            assert event["hits"][0]["text"] == "The convoy went to Brak al-Shati, north of Sabha."
            assert len(event["hits"]) <= 2


async def test_a_warmed_home_answers_as_one_that_is_not(tmp_path, folder, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        await ingest(operations, folder)
        before = await ask(operations)
        await operations.warm()
        after = await ask(operations)
    assert [before[name] for name in ("status", "citations")] == [after[name] for name in ("status", "citations")]


async def test_an_unknown_operation_is_refused(tmp_path, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        with pytest.raises(ValueError, match="'fly'"):
            await events_of(operations, "fly")


async def test_status_is_what_the_home_tells_and_what_the_process_adds(tmp_path, folder, open_operations):
    home = tmp_path / "home"
    async with open_operations(home, live=lambda: {"guilds": 3}) as operations:
        await ingest(operations, folder)
        (event,) = await events_of(operations, "status")
        told = read_status(home)
        (home / "large").write_bytes(b"x" * 1_000_000)
        (again,) = await events_of(operations, "status")
    assert again["status"]["disk_bytes"] == event["status"]["disk_bytes"] > 0, "every file is looked at once a minute"
    assert event["status"].pop("guilds") == 3
    assert (event["status"]["index"], event["status"]["owner"]) == (told["index"], told["owner"])
    assert told["index"]["articles"] == 7


async def test_questions_are_answered_between_the_pieces_of_an_intake(tmp_path, open_operations):
    lines = [
        json.dumps({"id": f"c{n}", "title": "Convoy", "text": f"Convoy {n} went to Brak al-Shati."}) for n in range(40)
    ]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    async with open_operations(tmp_path / "home") as operations:
        known = []
        async for event in operations.perform("ingest", {"paths": [str(tmp_path / "many.jsonl")]}):
            if "progress" in event:
                known.append((await ask(operations))["index"]["articles"])
    assert known[0] == 0
    assert 0 < known[1] < 40
    assert known[-1] == 40


async def test_reading_ahead_counts_passages_leaves_none_unread_and_changes_no_answer(
    tmp_path, folder, open_operations
):
    home = tmp_path / "home"
    async with open_operations(home) as operations:
        await ingest(operations, folder)
        before, unread = await ask(operations), read_status(home)["unread_passages"]
        *steps, last = await events_of(operations, "read ahead")
        after = await ask(operations)
    assert steps == [{"progress": {"done": unread, "total": unread, "articles": unread}}]
    assert last == {"report": {"passages_read": unread}}
    assert (unread, read_status(home)["unread_passages"]) == (7, 0)
    assert after["citations"] == before["citations"]


async def test_a_rebuilt_index_answers_as_before_and_its_progress_counts_articles(tmp_path, folder, open_operations):
    async with open_operations(tmp_path / "home") as operations:
        await ingest(operations, folder)
        before = await ask(operations)
        events = await events_of(operations, "reindex")
        after = await ask(operations)
    assert events[0] == {"progress": {"done": 0, "total": 7, "articles": 0}}
    assert events[-2] == {"progress": {"done": 7, "total": 7, "articles": 7}}
    assert events[-1]["report"]["articles"] == 7
    assert (after["citations"], after["hits"]) == (before["citations"], before["hits"])


async def test_a_rebuild_that_was_left_is_finished_before_anything_is_asked_or_taken_in(tmp_path, open_operations):
    lines = [
        json.dumps({"id": f"c{n}", "title": "Convoy", "text": f"Convoy {n} went to Brak al-Shati."}) for n in range(20)
    ]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    home = tmp_path / "home"
    async with open_operations(home) as operations:
        await ingest(operations, tmp_path / "many.jsonl")
        async with aclosing(operations.perform("reindex", {})) as events:
            async for event in events:
                with pytest.raises(IndexUnfinished) as unfinished:
                    await ask(operations)
                assert (unfinished.value.done, unfinished.value.total) == (event["progress"]["done"], 20)
                if event["progress"]["done"]:
                    break
        for refused in (ask(operations), ingest(operations, tmp_path / "many.jsonl")):
            with pytest.raises(IndexUnfinished) as unfinished:
                await refused
            assert (unfinished.value.done, unfinished.value.total) == (16, 20)
        assert read_status(home)["articles_to_reindex"] == 4
    with pytest.raises(IndexUnfinished):
        async with open_operations(home):
            pytest.fail("an unfinished index must not open")


async def test_a_left_rebuild_goes_on_where_it_stood(tmp_path, open_operations):
    lines = [
        json.dumps({"id": f"c{n}", "title": "Convoy", "text": f"Convoy {n} went to Brak al-Shati."}) for n in range(20)
    ]
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    home = tmp_path / "home"
    async with open_operations(home) as operations:
        await ingest(operations, tmp_path / "many.jsonl")
        async with aclosing(operations.perform("reindex", {})) as events:
            async for event in events:
                if event["progress"]["done"]:
                    break
    async with open_operations(home, opens_index=False) as operations:
        report = (await events_of(operations, "reindex"))[-1]["report"]
        assert report["articles"] == 4
        assert (await ask(operations))["status"] == "answered"
    async with open_operations(home) as operations:
        assert (await ask(operations))["index"]["articles"] == 20


async def test_a_quote_of_an_answer_is_read_again_where_it_stands_within_the_limits_of_its_publisher(
    tmp_path, folder, open_operations, settings
):
    async def reread(home, changed):
        async with open_operations(home, changed=changed) as operations:
            await ingest(operations, folder)
            (citation, *_) = (await ask(operations))["citations"]
            quote = citation["quote"][:12]
            cut = {**citation, "quote": quote, "end": citation["start"] + 12}
            return await operations.read_in_place(cut)

    place = await reread(tmp_path / "home", settings)
    assert (place.since, place.quote) == ("unchanged", "The convoy w")
    assert place.after.startswith("ent to Brak al-Shati")
    limited = settings.model_copy(update={"intake": settings.intake.model_copy(update={"max_quote_chars": 40})})
    place = await reread(tmp_path / "limited", limited)
    assert (place.before, place.after) == ("", "")
