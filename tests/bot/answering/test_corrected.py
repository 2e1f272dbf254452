"""What a publisher has taken back is not the answer, and the reader is told of the correction."""

from datetime import UTC, datetime

from bot.answering.extractive import ExtractiveWriter
from bot.answering.testing import make_evidence, make_hit

ASKED = "How many people were hurt in the ferry crash?"
WRONG = "In the ferry crash 14 people were hurt, the county said on Tuesday."
NOTE = "Correction: an earlier version of this article said that 14 people had been hurt; it is 41."


def on(day, text, rank, source="Sennick Evening Mail"):
    return make_hit(text, rank, source=source, published_at=datetime(2024, 3, day, tzinfo=UTC))


async def written(*hits):
    return await ExtractiveWriter(max_quotes=3).write(make_evidence(*hits, question=ASKED))


async def test_a_number_taken_back_by_its_publisher_is_no_answer_and_the_reader_is_told():
    draft = await written(
        on(12, WRONG, 1), on(14, f"In the ferry crash 41 people were hurt, it is now known. {NOTE}", 2)
    )
    assert draft.short_answer is None or draft.short_answer.text != "14"
    assert "41" in draft.citations[0].quote
    assert draft.notice is not None
    assert "has corrected this article" in draft.notice
    assert "it is 41" in draft.notice


async def test_what_another_publisher_says_is_not_taken_back_by_the_note():
    other = on(12, WRONG, 1, source="Harbour Post")
    draft = await written(other, on(14, f"The ferry is in the dock. {NOTE}", 2))
    assert draft.citations[0].article.source == "Harbour Post"


async def test_without_a_correction_there_is_no_notice():
    draft = await written(on(12, WRONG, 1))
    assert draft.notice is None
