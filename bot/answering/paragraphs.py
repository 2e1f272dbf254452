"""Do two sentences of an article stand in one paragraph, so that they can be quoted as one stretch?"""

from __future__ import annotations

import re
from functools import lru_cache

# A line that begins like this is a byline, a caption or a pointer elsewhere; one without a full stop is a heading.
_ASIDE = re.compile(
    r"\W*(?:(?:file\s+)?(?:photo|image|picture|video)\b|caption\b|credit\b|read\s+(?:more|also)\b|related\b"
    r"|watch\b|listen\b|advertisement\b|share\b|updated?\b|published\b"
    r"|editor['’]s\s+note\b|this\s+(?:story|article)\s+(?:was|has)\b)",
    re.IGNORECASE,
)
# Case matters here: "By night the furnace lit up the snow" is no byline, but "By Pia Lund" is.
_BYLINE = re.compile(r"\W*(?:by|BY|By)\s+[A-ZÀ-ÖØ-Þ]")
_REACHES_BACK = re.compile(
    r"\W*(?:according to )?(?:he|she|it|they|his|hers?|its|theirs?|this|that|these|those"
    r"|but|and|however|(?-i:[Tt]he(?= [a-z])))\b",
    re.IGNORECASE,
)
_FEWEST_PARAGRAPHS = 4
_SENTENCE_END = re.compile(r"[.!?…][\"'’”»)\]]*(?=\s|$)")
_ENDS = re.compile(r"[.!?…。！？][\"'’”»)\]]*$")


def are_in_one_paragraph(text: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Tell whether only white space within a paragraph stands between two sentences.

    A blank line ends a paragraph. So does a line break before or after what looks like a heading, a byline or a
    caption; any other line break may be how the page was set.

    Args:
        text: the article.
        first: the first and one past the last code point of the earlier sentence.
        second: those of the later one.
    """
    return text[first[1] : second[0]].count("\n") <= 1 and are_adjacent(text, first, second)


def may_be_quoted_together(text: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Tell whether two sentences are of one paragraph, or of two that belong together.

    They do if the second begins with a pronoun, "this", or a noun with "the" ("Talks broke down. / The company had
    ..."); and in an article that begins a new paragraph with nearly every sentence, as many newspapers do.

    Args:
        text: the article.
        first: the first and one past the last code point of the earlier sentence.
        second: those of the later one.
    """
    reaches_back = _REACHES_BACK.match(text[second[0] : second[1]]) is not None
    if reaches_back or _is_broken_up(text):
        return are_adjacent(text, first, second)
    return are_in_one_paragraph(text, first, second)


# The articles of one question, each of whose sentences asks.
@lru_cache(maxsize=64)
def _is_broken_up(text: str) -> bool:
    """Tell whether most of an article's paragraphs, four or more, have one sentence only."""
    paragraphs = [one for one in re.split(r"\n\s*\n", text) if one.strip()]
    lone = sum(len(_SENTENCE_END.findall(one)) <= 1 for one in paragraphs)
    return len(paragraphs) >= _FEWEST_PARAGRAPHS and 2 * lone > len(paragraphs)


def are_adjacent(text: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Tell whether only white space stands between two sentences, and neither is set apart by a line break.

    Args:
        text: the article.
        first: the first and one past the last code point of the earlier sentence.
        second: those of the later one.
    """
    between = text[first[1] : second[0]]
    if between.strip():
        return False
    return "\n" not in between or not any(_is_set_apart(text[start:end]) for start, end in (first, second))


def is_aside(sentence: str) -> bool:
    """Tell whether a sentence is a byline, a caption, an editor's note or a pointer elsewhere, by how it begins."""
    return any(begins.match(sentence) is not None for begins in (_ASIDE, _BYLINE))


def _is_set_apart(line: str) -> bool:
    return _ENDS.search(line) is None or is_aside(line)
