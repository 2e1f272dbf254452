"""Somebody gets all that is kept of them, and once they want to be forgotten no byte of it is left."""

import json

from bytes_on_disk import found_bytes

from bot.answering.questions import Exchange
from bot.records.forgotten import forgotten_at
from bot.records.pending import PendingQuestion

ASKER, OTHER, PLACE = 81_234_567_890_123_456, 92_345_678_901_234_567, 701
SAID = "Wherefore Zibbledorf"
#: As SQLite stores it, and as text.
WANTED = {"said": SAID.encode(), "id": ASKER.to_bytes(8, "big"), "id as text": str(ASKER).encode()}


async def leave(records, make_kept, at, user_id, said):
    number = await records.answers.keep(make_kept(asker_id=user_id, question=said))
    await records.conversations.add(PLACE, user_id, Exchange(said, f"answer to {said}"), at)
    await records.feedback.give(number, user_id, is_good=True, at=at, words=f"words: {said}", consents=True)
    pending = PendingQuestion(user_id, PLACE, None, said, {"sources": [said]}, at, 1, "the-token", 2)
    await records.pending.accept(pending)
    return number


async def test_an_export_has_all_that_is_kept_of_a_person_and_neither_tokens_nor_anything_of_others(
    opened, make_kept, clock
):
    async with opened() as records:
        await leave(records, make_kept, clock.at, ASKER, SAID)
        await leave(records, make_kept, clock.at, OTHER, "somebody else's words")
        told = await records.people.export(ASKER)
        assert await records.people.export(7) == {
            "user_id": "7",
            "answers": [],
            "conversations": [],
            "feedback": [],
            "pending_questions": [],
        }
    written = json.dumps(told)
    assert {name: len(rows) for name, rows in told.items() if name != "user_id"} == {
        "answers": 1,
        "conversations": 1,
        "feedback": 1,
        "pending_questions": 1,
    }
    assert told["user_id"] == str(ASKER)
    assert told["answers"][0]["question"] == SAID
    assert told["feedback"][0]["words"] == f"words: {SAID}"
    assert "the-token" not in written
    assert "somebody else" not in written


async def test_nothing_of_a_forgotten_person_stands_in_any_file_and_others_keep_theirs(
    opened, make_kept, clock, tmp_path
):
    async with opened() as records:
        for n in range(50):
            await leave(records, make_kept, clock.at, 1_000 + n, f"somebody else's words {n}")
        number = await leave(records, make_kept, clock.at, ASKER, SAID)
        assert {name for _, name in found_bytes(tmp_path, WANTED)} >= {"said", "id"}, "the search would find them"
        assert await records.people.forget(ASKER) == 4
        assert found_bytes(tmp_path, WANTED) == set()
        assert await records.answers.read(number) is None
        assert await records.people.forget(ASKER) == 0
        assert len((await records.people.export(1_007))["answers"]) == 1
    assert found_bytes(tmp_path, WANTED) == set(), "nor after closing"


async def test_what_was_asked_before_somebody_was_forgotten_is_not_kept_afterwards(opened, make_kept, clock):
    async with opened() as records:
        await records.people.forget(ASKER)
        assert await records.answers.keep(make_kept()) == 0
        assert await records.answers.read(0) is None
        await records.conversations.add(PLACE, ASKER, Exchange("a", "b"), clock.at)
        assert await records.conversations.read(PLACE, ASKER, clock.at) == ()
        assert await records.answers.keep(make_kept(asker_id=OTHER)) > 0
        asked_at = clock.at.replace(second=1)
        assert await records.answers.keep(make_kept(asked_at=asked_at)) > 0, "what they leave anew is kept"


async def test_the_mark_of_a_forgotten_person_knows_them_again_and_nobody_else(opened, clock):
    async with opened() as records:
        await records.people.forget(ASKER)
        marked_at, clock.at = clock.at, clock.at.replace(hour=13)
        await records.people.forget(OTHER)
        known = await records.store.run(forgotten_at, [ASKER, OTHER, 7])
        assert known == {ASKER: marked_at, OTHER: clock.at}
        await records.people.forget(ASKER)
        assert await records.store.run(forgotten_at, [ASKER]) == {ASKER: clock.at}
