"""Several questions in one message, told apart."""

from __future__ import annotations

import re

from bot.answering.leaning import WH

#: So many questions of a message are answered; with more, the message is taken as one question.
MOST_QUESTIONS = 3
_AUX = r"(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)"
_SENTENCES = re.compile(r"(?<=[?？])\s+(?=\S)")
_ASKS = re.compile(rf"^\W*(?:(?:and|but|so|also|then)\s+)?(?:{WH}|{_AUX})\b", re.IGNORECASE)
_AND = re.compile(rf"(?:\s*[,;]\s*|\s+)and\s+(?=(?:also\s+)?{WH}\b)", re.IGNORECASE)
# "Who said what he saw and who he met": no question word, but a clause within the question.
_IS_CLAUSE = re.compile(
    rf"^(?:also\s+)?(?:{WH})(?:\s+(?:many|much|old|long|far)(?:\s+\w+)?)?"
    r"\s+(?:i|you|he|she|it|we|they|the|his|her|its|their|my|our)\b",
    re.IGNORECASE,
)
# "What did the mayor and what did the deputy say?"
_LACKS_VERB = re.compile(rf"^\W*{WH}\s+(?:did|does|do)\s+(?:(?:the|a|an)\s+)?[\w-]+$", re.IGNORECASE)
_BEGINS_WITH_WH = re.compile(rf"^\W*(?:(?:and|but|so|also|then)\s+)?{WH}\b", re.IGNORECASE)
_ANY_WH = re.compile(rf"\b{WH}\b", re.IGNORECASE)


def split_questions(text: str) -> tuple[str, ...]:
    """Split an English message into its questions; in doubt it is one.

    Sentences that end in a question mark are split where each of them asks, and "who won and how many came?" where
    both sides begin with a question word. "Which is older, A or B?", "when and where ...?" and "did both A and B ...?"
    are one question each. More than `MOST_QUESTIONS` are one too: whoever asks so much is better asked back.

    Returns:
        One to three questions in order; the text itself, stripped, if it is one.
    """
    whole = text.strip()
    sentences = _SENTENCES.split(whole)
    # "Who? What? Where?" begins with nothing to ask about.
    if not all(_ASKS.match(one) for one in sentences) or len(sentences[0].split()) == 1:
        return (whole,)
    parts = [part for sentence in sentences for part in _at_and(sentence)]
    return tuple(parts) if len(parts) <= MOST_QUESTIONS else (whole,)


def _at_and(sentence: str) -> list[str]:
    for match in _AND.finditer(sentence):
        before, after = sentence[: match.start()], sentence[match.end() :]
        asks_once = _BEGINS_WITH_WH.match(before) is not None and len(_ANY_WH.findall(before)) == 1
        is_whole = len(before.split()) > 1 and not _LACKS_VERB.search(before)
        if asks_once and is_whole and not _IS_CLAUSE.match(after):
            return [f"{before.strip()}?", *_at_and(after.strip())]
    return [sentence.strip()]
