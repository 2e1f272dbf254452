"""Answers are kept under numbers of their own, survive a restart, and are gone when their time is over."""

from datetime import timedelta


async def test_an_answer_is_read_as_it_was_kept_after_a_restart_but_for_its_hits(opened, make_kept):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
    async with opened() as records:
        read = await records.answers.read(number)
    expected = make_kept()
    assert read.outcome == {**expected.outcome, "hits": []}
    assert (read.asker_id, read.asked_at, read.question) == (expected.asker_id, expected.asked_at, expected.question)
    assert (read.understood_as, read.scope, read.message_id) == (expected.understood_as, None, None)


async def test_the_message_that_shows_an_answer_is_noted_once_it_is_known(opened, make_kept):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
        await records.answers.note_message(number, 123)
        await records.answers.note_message(number + 1, 456)
        assert (await records.answers.read(number)).message_id == 123


async def test_a_number_is_never_given_again_so_that_an_old_button_shows_no_other_answer(opened, make_kept):
    async with opened() as records:
        first = await records.answers.keep(make_kept())
        await records.answers.delete(first)
        await records.answers.delete(first)
        assert await records.answers.read(first) is None
    async with opened() as records:
        assert await records.answers.keep(make_kept()) == first + 1


async def test_an_answer_is_gone_once_it_was_kept_long_enough_even_before_it_is_swept_away(opened, make_kept, clock):
    async with opened(keep_days=7) as records:
        old = await records.answers.keep(make_kept())
        clock.at += timedelta(days=7)
        young = await records.answers.keep(make_kept(asked_at=clock.at))
        assert await records.answers.read(old) is not None
        clock.at += timedelta(seconds=1)
        assert await records.answers.read(old) is None
        assert await records.answers.expire() == 1
        assert await records.answers.expire() == 0
        assert await records.answers.read(young) is not None
