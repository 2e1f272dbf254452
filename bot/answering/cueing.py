"""How far a sentence has what a question of its kind wants: a name, a reason, somebody's words, a yes or no."""

from __future__ import annotations

from collections.abc import Iterator

from bot.answering.answers import Evidence
from bot.answering.cues import Kind, gives_reason, has_kind_of_entity, kind_of
from bot.answering.named import named_terms
from bot.answering.possible import names_person
from bot.answering.speech import asked_speaker, find_speech, introduction, is_spoken_by
from retrieval.passages import Entity, Hit, Sentence
from retrieval.search.rerank import coverage

# Where nothing tells sentences apart, all get the middle.
_MIDDLE = 0.5
# Whoever asks for somebody's words would rather have them as they were said than as they were reported.
_REPORTED = 0.75


class Cueing:
    """Reads a question once and gives each sentence its cue. Holds nothing to close."""

    def __init__(self, evidence: Evidence) -> None:
        """Take the question, with the weights of its terms and the passages that were found."""
        question, weights = evidence.question.text, evidence.findings.term_weights
        self._kind = kind_of(question)
        self._speaker = asked_speaker(question)
        self._variants = evidence.findings.variants
        named = named_terms(question, weights)
        self._predicate = {term: weight for term, weight in weights.items() if term not in named}
        self._people: dict[str, list[Entity]] = {}
        if self._kind is Kind.QUOTE and self._speaker is not None:
            for hit in evidence.findings.hits:
                self._people.setdefault(hit.article.id, []).extend(_people(hit, self._speaker))
            for people in self._people.values():
                people.sort()

    def of(self, hit: Hit, sentence: Sentence, fits: float, *, is_about: bool) -> float:
        """Tell how far a sentence has what is wanted, 0..1.

        Args:
            hit: where it stands.
            sentence: the sentence.
            fits: 1 if it holds something that could answer, less if it holds only part of that.
            is_about: its passage is about whom the question names.
        """
        text = hit.article.text[sentence.start : sentence.end]
        if self._kind is Kind.REASON:
            return float(gives_reason(text))
        if self._kind is Kind.QUOTE and self._speaker is not None:
            return self._spoken(hit, sentence, self._speaker)
        if self._kind is Kind.YES_NO:
            # What settles it has the question's verb, stated or denied; whom it is about the passage tells.
            return coverage(self._predicate, text, self._variants) if is_about and self._predicate else 0.0
        return fits if has_kind_of_entity(self._kind) else _MIDDLE

    def _spoken(self, hit: Hit, sentence: Sentence, who: str) -> float:
        """Give 1 for words of the one asked about, less if they are reported or nobody's, and 0 for anything else."""
        named = self._people.get(hit.article.id, ())
        speech = find_speech(hit.article.text, sentence.start, sentence.end, named)
        if speech is None:
            return 0.0
        if not speech.speaker:
            return _MIDDLE
        known_as = (speech.speaker, introduction(hit.article.text, speech.speaker))
        if not any(is_spoken_by(who, speaker) for speaker in known_as):
            return 0.0
        return 1.0 if speech.is_quoted else _REPORTED


def _people(hit: Hit, who: str) -> Iterator[Entity]:
    """Yield the people that a passage names; the one asked about also where the tagger mistakes the name."""
    text = hit.article.text
    for sentence in hit.sentences:
        for one in sentence.entities:
            written = text[one.start : one.end]
            if names_person(one.label, text[sentence.start : one.start], written) or is_spoken_by(who, written):
                yield one
