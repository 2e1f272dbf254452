"""A thumb is one person's on one answer; words and questions are kept only of those who agree, and only their own."""

from datetime import timedelta

from bot.records.feedback import FeedbackReason

ASKER, OTHER = 81_234_567_890_123_456, 92_345_678_901_234_567


async def test_without_consent_neither_the_words_nor_the_question_is_kept(opened, make_kept, clock, tmp_path):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
        given = await records.feedback.give(
            number, ASKER, is_good=False, at=clock.at, reason=FeedbackReason.WRONG, words="it was marmalade"
        )
        assert given
        (thumb,) = await records.feedback.list()
    assert (thumb.is_good, thumb.reason, thumb.status) == (False, FeedbackReason.WRONG, "answered")
    assert (thumb.words, thumb.question, thumb.outcome, thumb.asked_at) == (None, None, None, None)
    assert not any(b"marmalade" in one.read_bytes() for one in tmp_path.iterdir())


async def test_with_consent_the_words_the_question_as_understood_and_the_answer_are_kept(opened, make_kept, clock):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
        await records.feedback.give(number, ASKER, is_good=True, at=clock.at, words=" quite right ", consents=True)
        (thumb,) = await records.feedback.list()
    assert (thumb.words, thumb.question) == ("quite right", "Who hid under the bridge?")
    assert (thumb.asked_at, thumb.outcome["citations"][0]["article_id"]) == (make_kept().asked_at, "plum")


async def test_nobody_gives_away_a_question_that_another_asked(opened, make_kept, clock):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
        await records.feedback.give(number, OTHER, is_good=True, at=clock.at, words="fine", consents=True)
        (thumb,) = await records.feedback.list()
    assert (thumb.words, thumb.question, thumb.outcome) == ("fine", None, None)


async def test_a_second_thumb_of_the_same_person_takes_the_place_of_the_first(opened, make_kept, clock):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
        await records.feedback.give(number, ASKER, is_good=True, at=clock.at, words="yes", consents=True)
        await records.feedback.give(number, OTHER, is_good=True, at=clock.at)
        later = clock.at + timedelta(minutes=1)
        await records.feedback.give(number, ASKER, is_good=False, at=later)
        listed = await records.feedback.list()
        assert [(one.is_good, one.words, one.question) for one in listed] == [(False, None, None), (True, None, None)]
        assert len(await records.feedback.list(limit=1)) == 1
        assert await records.feedback.withdraw(number, ASKER)
        assert not await records.feedback.withdraw(number, ASKER)


async def test_an_answer_that_is_gone_takes_no_thumb(opened, clock):
    async with opened() as records:
        assert not await records.feedback.give(7, ASKER, is_good=True, at=clock.at)
        assert await records.feedback.list() == []
