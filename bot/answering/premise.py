"""Does what a question takes for granted stand in the evidence? "Why did she resign?", where nobody says she did."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.answering.answers import Evidence
from bot.answering.details import find_names
from retrieval.index.terms import content_words, stem, words
from retrieval.passages import Hit

# A verb in every third passage or more ("make", "say") tells nothing by its absence or by who it is said of.
_TELLING_WEIGHT = 0.3
# A negation counts up to this many words before the verb: "may not fly", "turned down calls to resign".
_NEGATION_REACH = 5
_ASKS_FOR_MORE = re.compile(
    r"^\W*(?:(?:and|but|so)\s+)?(?:why|how come|when|how)\s+(?:did|does|do|was|were|is|are|has|have|had)\s+",
    re.IGNORECASE,
)
_DETERMINERS = frozenset({"the", "a", "an", "its", "their", "his", "her"})
_TITLES = frozenset(
    "mayor president minister prime chief executive captain king queen prince princess pope judge coach director"
    " chancellor governor senator general mr mrs ms dr sir lord company former".split()
)
_NEGATIONS = frozenset(
    "not no never nor neither without cannot deny denies denied denying reject rejects rejected rejecting refuse"
    " refuses refused refusing rule ruled avoid avoids avoided avoiding save saved instead nobody none".split()
)
_NOT = re.compile(r"n['’]t\b")
_ADVERBS = frozenset("really suddenly finally first now still again soon just actually be been being".split())


def has_premise(evidence: Evidence) -> bool:
    """Tell whether what an English question takes for granted about its named subject may be so.

    Looked at are "why", "when" and "how" with a subject that begins with a name or a title, and the verb after it. It
    is not so if no found article about the subject has the verb; or if each sentence that has it is negated, or is
    about another name and not the subject's. A question of another form, without a name, with a common verb, or whose
    subject no found article has, is given the benefit of the doubt: whether its names stand there is counted in the
    confidence.
    """
    question, weights = evidence.question.text, evidence.findings.term_weights
    opening = _ASKS_FOR_MORE.match(question)
    if opening is None:
        return True
    subject, verb = _subject_and_verb(question[opening.end() :], evidence)
    if not subject or verb is None or weights.get(verb, 0.0) < _TELLING_WEIGHT:
        return True
    about = [hit for hit in evidence.findings.hits if subject <= _stems_of_article(hit)]
    if not about:
        return True
    # "Died" has another stem than "die"; of other verbs "d" would make other words: "ban", "band".
    forms = {verb, stem(f"{verb}d")} if verb.endswith("ie") else {verb}
    sentences = [one for hit in about for one in _sentences(hit) if any(stem(word) in forms for word in words(one))]
    if not sentences:
        return any(forms & _stems_of_article(hit) for hit in about)
    return any(_affirms(sentence, subject, forms) for sentence in sentences)


def _subject_and_verb(rest: str, evidence: Evidence) -> tuple[set[str], str | None]:
    """Read the names that a clause begins with (stemmed, without titles) and the verb after them (stemmed)."""
    texts = (f"{hit.article.title} . {hit.passage.text}" for hit in evidence.findings.hits)
    known = {part for text in texts for name in find_names(text) for part in name.value.split()}
    known |= {part for name in find_names(rest) for part in name.value.split()}
    subject: set[str] = set()
    following = words(rest)
    while following and (following[0] in known | _DETERMINERS | _TITLES or following[0].isdigit()):
        word = following.pop(0)
        if word in known and word not in _TITLES | _DETERMINERS:
            subject.add(stem(word))
    following = [word for word in following if word not in _ADVERBS]
    # "Why was the picture never found?" takes a negation for granted, and that is not looked for.
    is_verb = bool(following) and following[0] in content_words(" ".join(following)) and following[0] not in _NEGATIONS
    return (subject, stem(following[0])) if subject and is_verb else (set(), None)


def _affirms(sentence: str, subject: set[str], forms: set[str]) -> bool:
    spoken = words(_NOT.sub(" not", sentence))
    places = [n for n, word in enumerate(spoken) if stem(word) in forms]
    affirmed = [n for n in places if not _NEGATIONS & set(spoken[max(0, n - _NEGATION_REACH) : n + 1])]
    if not affirmed:
        return False
    stems_before = {stem(word) for word in spoken[: affirmed[0]]}
    if subject & {stem(word) for word in spoken}:
        return True
    people = [name for name in find_names(sentence) if " " in name.value]
    # "Ole Lindgarn resigned" says nothing of Oda Lindqvarn.
    return not any({stem(part) for part in name.value.split()} <= stems_before for name in people)


def _sentences(hit: Hit) -> Iterator[str]:
    return (hit.article.text[one.start : one.end] for one in hit.sentences)


def _stems_of_article(hit: Hit) -> set[str]:
    return {stem(word) for word in words(f"{hit.article.title} {hit.article.text}")}
