"""The reader is told which other spellings of the question's words were searched for."""

from datetime import UTC, datetime

import pytest

from bot.answering.answers import Evidence
from bot.answering.questions import Question
from bot.answering.respelling import joined_notice, spelling_notice
from retrieval.passages import Findings, Hit, IndexSize, Passage, Variant

JUFRA = Variant("jafra", "jafra", "jufra", "Jufra")


@pytest.fixture
def found(make_article):
    """Make the evidence for a question about Jafra: one article, and other spellings."""

    def found(text, *variants):
        article = make_article(text=text)
        hit = Hit(Passage("p", "a-1", article.version, 0, len(text), text), article, 1.0, 1)
        findings = Findings((hit,), {"jafra": 1.0}, IndexSize(1, 1, None), variants=variants)
        return Evidence(Question("Who left Jafra?", datetime(2020, 10, 1, tzinfo=UTC)), findings)

    return found


def test_the_spellings_that_the_hits_have_are_named_as_they_are_written(found):
    other = Variant("jafra", "jafra", "jufrah", "Jufrah")
    evidence = found("A convoy left Jufra.", JUFRA, other)
    assert spelling_notice(evidence) == "Also searched for: Jufra (you wrote Jafra)."


def test_a_spelling_that_no_hit_has_goes_unnamed(found):
    assert spelling_notice(found("A convoy left Sabha.", JUFRA)) is None
    assert spelling_notice(found("A convoy left Jufra.")) is None


def test_the_notice_of_the_writer_stays_and_comes_first(found):
    evidence = found("A convoy left Jufra.", JUFRA)
    assert joined_notice(evidence, "It was slow.") == "It was slow. Also searched for: Jufra (you wrote Jafra)."
    assert joined_notice(found("A convoy left Jufra."), None) is None
