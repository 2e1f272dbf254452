"""A question that was accepted is there after a restart until it was answered or its token is dead."""

from datetime import timedelta

import pytest

from bot.records.pending import PendingQuestion

TOKEN = "aW50ZXJhY3Rpb246-secret-token"


@pytest.fixture
def make_pending(clock):
    def make(**changed):
        filled = {
            "user_id": 11,
            "channel_id": 701,
            "guild_id": None,
            "question": "Who hid?",
            "options": {"since": "2026-11-01", "sources": ["Courier"], "private": True},
            "accepted_at": clock.at,
            "interaction_id": 2**62,
            "token": TOKEN,
            "application_id": 99,
        }
        return PendingQuestion(**(filled | changed))

    return make


async def test_what_was_accepted_and_not_struck_is_there_after_a_restart_the_longest_waiting_first(
    opened, make_pending, clock
):
    message = {"interaction_id": None, "token": None, "application_id": None, "message_id": 5, "guild_id": 3}
    later = make_pending(accepted_at=clock.at + timedelta(seconds=1), **message)
    async with opened() as records:
        struck = await records.pending.accept(make_pending(question="answered"))
        second = await records.pending.accept(later)
        first = await records.pending.accept(make_pending())
        await records.pending.strike(struck)
        await records.pending.strike(struck)
    async with opened() as records:
        assert await records.pending.unfinished() == [(first, make_pending()), (second, later)]


async def test_what_was_accepted_fifteen_minutes_ago_cannot_be_answered_and_is_swept_away(opened, make_pending, clock):
    async with opened() as records:
        await records.pending.accept(make_pending())
        clock.at += timedelta(minutes=14, seconds=59)
        assert len(await records.pending.unfinished()) == 1
        assert await records.pending.expire() == 0
        clock.at += timedelta(seconds=1)
        assert await records.pending.unfinished() == []
        assert await records.pending.expire() == 1


async def test_a_token_is_gone_from_every_byte_once_it_was_struck_and_what_expired_was_swept(
    opened, make_pending, clock, tmp_path, make_kept
):
    async with opened() as records:
        await records.answers.keep(make_kept(asked_at=clock.at - timedelta(days=31)))
        assert await records.expire() == 1
        await records.pending.strike(await records.pending.accept(make_pending()))
        assert any(TOKEN.encode() in one.read_bytes() for one in tmp_path.iterdir()), "the search would find it"
        assert await records.expire() == 0
        assert not any(TOKEN.encode() in one.read_bytes() for one in tmp_path.iterdir())


def test_a_token_stands_in_no_text_that_a_log_could_have(make_pending):
    assert TOKEN not in f"{make_pending()!r} {make_pending()}"


async def test_half_of_an_escaped_pair_in_a_question_does_not_keep_it_from_being_accepted(opened, make_pending):
    async with opened() as records:
        await records.pending.accept(make_pending(question="Who\ud800?"))
        ((_, read),) = await records.pending.unfinished()
        assert read.question == "Who??"
