"""Answers are kept under numbers of their own, survive a restart, and are gone when their time is over."""

from datetime import timedelta

from bot.records.answers import KeptAnswers
from bot.records.forgotten import JustForgotten
from bot.records.store import open_store


async def test_an_answer_is_read_as_it_was_kept_after_a_restart_but_for_its_hits(opened, make_kept):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
    async with opened() as records:
        read = await records.answers.read(number)
    expected = make_kept()
    assert read.outcome == {**expected.outcome, "hits": []}
    assert (read.asker_id, read.asked_at, read.question) == (expected.asker_id, expected.asked_at, expected.question)
    assert (read.understood_as, read.scope) == (expected.understood_as, None)


async def test_an_answer_that_was_deleted_is_gone_for_good(opened, make_kept):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
        await records.answers.delete(number)
        await records.answers.delete(number)
        assert await records.answers.read(number) is None


async def test_numbers_are_drawn_so_that_an_old_card_of_any_home_does_not_show_another_answer(
    tmp_path, make_kept, clock
):
    drawn = iter([7, 7, 0, 3])
    async with open_store(tmp_path) as store:
        answers = KeptAnswers(store, JustForgotten(), now=clock, keep_days=30, draw=lambda: next(drawn))
        numbers = [await answers.keep(make_kept(question=f"question {n}")) for n in range(3)]
        assert numbers == [7, 1, 3], "7 is taken, and 0 is no answer's"
        assert (await answers.read(7)).question == "question 0"


async def test_numbers_fit_into_the_64_bits_of_a_row_and_are_not_guessed(opened, make_kept):
    async with opened() as records:
        numbers = [await records.answers.keep(make_kept()) for _ in range(20)]
    assert len(set(numbers)) == 20
    assert max(numbers) > 2**53
    assert all(0 < number < 2**62 for number in numbers)


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
