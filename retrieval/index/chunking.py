"""Splitting an article into passages: whole sentences packed up to a budget of tokens, with exact offsets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import sentencex

from retrieval.articles import Article
from retrieval.passages import Passage

# Part of the index's manifest: raise it when splitting changes, so that old indexes are refused, not mixed.
SPLITTER_VERSION = "sentencex-1"

#: Counts tokens of each text, in order.
CountTokens = Callable[[Sequence[str]], list[int]]


class Span(NamedTuple):
    """Code points [start, end) of a text."""

    start: int
    end: int


def split_sentences(text: str, language: str) -> list[Span]:
    """Find the sentences of a text, in order, without the white space around them.

    Sentences never run over a blank line. Splitting is sentencex's (Wikimedia), which has rules for some 240
    languages and falls back to a related one for others; an unknown code is split as English.
    """
    try:
        boundaries = sentencex.get_sentence_boundaries(language, text)
    except (KeyError, ValueError):
        boundaries = sentencex.get_sentence_boundaries("en", text)
    spans = []
    for boundary in boundaries:
        span = _strip(text, Span(boundary["start_index"], boundary["end_index"]))
        if span.end > span.start:
            spans.append(span)
    return spans


class Splitter:
    """Packs whole sentences into passages. Stateless; owns nothing."""

    def __init__(self, count_tokens: CountTokens, *, budget_tokens: int, window_tokens: int) -> None:
        """Make a splitter.

        Args:
            count_tokens: the embedding model's own count.
            budget_tokens: a passage grows until the next sentence would take it over this, >= 16.
            window_tokens: no passage has more tokens than this, >= `budget_tokens`; a single longer sentence
                is cut at white space (as a last resort anywhere), so that the model never truncates.
        """
        if not 16 <= budget_tokens <= window_tokens:
            raise ValueError(f"need 16 <= budget_tokens <= window_tokens, got {budget_tokens} and {window_tokens}")
        self._count_tokens = count_tokens
        self._budget_tokens = budget_tokens
        self._window_tokens = window_tokens

    def split(self, article: Article) -> list[Passage]:
        """Split an article into passages.

        Returns:
            Passages in reading order; they do not overlap, leave out nothing but white space, and each satisfies
            `article.text[start:end] == text`. At least one, unless the text is only white space.
        """
        text = article.text
        sentences = split_sentences(text, article.language)
        counts = self._count_tokens([text[s.start : s.end] for s in sentences])
        pieces: list[tuple[Span, int]] = []
        for span, count in zip(sentences, counts, strict=True):
            pieces.extend([(span, count)] if count <= self._window_tokens else self._cut(text, span))
        version = article.version
        return [
            Passage(
                id=Passage.make_id(article.id, version, span.start, span.end),
                article_id=article.id,
                version=version,
                start=span.start,
                end=span.end,
                text=text[span.start : span.end],
            )
            for span in self._pack(text, pieces)
        ]

    def _pack(self, text: str, pieces: list[tuple[Span, int]]) -> Iterator[Span]:
        begun: Span | None = None
        tokens = 0
        for span, count in pieces:
            if begun is not None:
                total = tokens + count
                if begun.end == span.start:
                    # No white space between: the whole may count more tokens than its parts.
                    (total,) = self._count_tokens([text[begun.start : span.end]])
                if total <= self._budget_tokens:
                    begun, tokens = Span(begun.start, span.end), total
                    continue
                yield begun
            begun, tokens = span, count
        if begun is not None:
            yield begun

    def _cut(self, text: str, span: Span) -> Iterator[tuple[Span, int]]:
        """Halve a span at the white space nearest its middle until every part fits the window."""
        span = _strip(text, span)
        if span.end <= span.start:
            return
        (count,) = self._count_tokens([text[span.start : span.end]])
        if count <= self._window_tokens or span.end - span.start == 1:
            yield span, count
            return
        middle = (span.start + span.end) // 2
        cuts = [i for i in range(span.start + 1, span.end) if text[i].isspace()]
        cut = min(cuts, key=lambda i: abs(i - middle), default=middle)
        yield from self._cut(text, Span(span.start, cut))
        yield from self._cut(text, Span(cut, span.end))


def _strip(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
