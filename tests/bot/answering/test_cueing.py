"""The cue of a sentence: what speaks for it depends on the kind of answer that is wanted."""

from datetime import UTC, datetime

import pytest

from bot.answering.answers import Evidence
from bot.answering.cueing import Cueing
from bot.answering.questions import Question
from bot.answering.testing import make_hit
from retrieval.index.terms import terms
from retrieval.passages import Findings, IndexSize

ASKED_AT = datetime(2020, 10, 1, tzinfo=UTC)


def cues(asked, text, *, fits=0.0, is_about=True):
    """Give the cue of each sentence of a text."""
    hit = make_hit(text)
    evidence = Evidence(
        Question(asked, ASKED_AT), Findings((hit,), dict.fromkeys(terms(asked), 1.0), IndexSize(1, 1, None))
    )
    cueing = Cueing(evidence)
    return [cueing.of(hit, sentence, fits, is_about=is_about) for sentence in hit.sentences]


WORDS = (
    "Captain Ole Brandt refused to sail on Tuesday. “Nobody wants to be first into the rocks,” he said. "
    "“We have paid for this crossing,” a passenger said. The fog lay on the harbour."
)


def test_the_words_of_the_one_asked_about_are_the_cue_and_not_those_of_others():
    assert cues("What did Ole Brandt say about sailing?", WORDS)[1:] == [1.0, 0.0, 0.0]
    assert cues("How did the passenger react?", WORDS)[1:] == [0.0, 1.0, 0.0]


def test_words_as_they_were_said_are_preferred_to_words_as_they_were_reported():
    assert cues("What did Ole Brandt say?", "Ole Brandt said that nobody had been to blame.") == [0.75]


def test_words_of_who_knows_whom_count_half():
    assert cues("What did Ole Brandt say?", "“It was nobody's fault at all,” he said.") == [0.5]


def test_what_has_the_verb_of_a_yes_or_no_question_is_its_cue_stated_or_denied():
    asked = "Did Brandt sail?"
    assert cues(asked, "The captain did not sail. The fog lay on the harbour. Brandt sailed at noon.") == [
        1.0,
        0.0,
        1.0,
    ]
    assert cues(asked, "The captain did not sail.", is_about=False) == [0.0]


@pytest.mark.parametrize(("asked", "cue"), [("Why did it stop?", 1.0), ("Where did it stop?", 0.25), ("Tell me", 0.5)])
def test_the_other_kinds_ask_for_a_reason_or_a_name_or_nothing_that_tells_sentences_apart(asked, cue):
    assert cues(asked, "It stopped because of the fog.", fits=0.25) == [cue]
