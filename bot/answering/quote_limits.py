"""How much of a publisher's text is quoted: whole sentences that fit, else the words around what answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.answering.answers import Citation
from retrieval.articles import Article
from retrieval.index.chunking import Span, split_sentences

# What a quote that ends within a sentence does not end in.
_TRAILING = " \t\n,;:–—-("
_SPACE = re.compile(r"\s")


class QuoteLimits:
    """Knows how long a quote of each publisher may be. Stateless; owns nothing."""

    def __init__(self, general_chars: int = 0, by_source: Mapping[str, int] | None = None) -> None:
        """Set the limits.

        Args:
            general_chars: in code points, of every publisher that has no limit of its own; 0 is none.
            by_source: publisher -> its own limit in code points, 0 for none; names match whatever their case.
        """
        self._general_chars = general_chars
        self._by_source = {name.casefold(): chars for name, chars in (by_source or {}).items()}

    def limit_chars(self, article: Article) -> int | None:
        """Tell how long a quote of an article may be, in code points; None for as long as it likes."""
        return self._by_source.get((article.source or "").casefold(), self._general_chars) or None

    def limited(self, citation: Citation, wanted: Sequence[str] = ()) -> Citation:
        """Shorten a quote to what its publisher allows; it still stands verbatim in the article.

        Of a quote that is too long stay the whole sentences, next to each other, that fit and have most of what is
        wanted, then the most of them. Where no sentence fits, or none that fits has what is wanted, it is cut between
        words to the stretch that has it. The passage around it is no longer told, for that would be more than the
        publisher allows.

        Args:
            citation: whose quote stands in its article.
            wanted: what answers, as it stands in the quote, the most wanted first.
        """
        limit = self.limit_chars(citation.article)
        if limit is None:
            return citation
        start, end = citation.start, citation.end
        if end - start > limit:
            found = _choose(citation.quote, citation.article.language, limit, [one for one in wanted if one])
            start, end = start + found.start, start + found.end
        quote = citation.article.text[start:end]
        passage = replace(citation.passage, start=start, end=end, text=quote)
        return replace(citation, start=start, end=end, quote=quote, passage=passage)


def _choose(quote: str, language: str, limit: int, wanted: Sequence[str]) -> Span:
    wanted = [one for one in wanted if one in quote]
    sentences = split_sentences(quote, language)
    best: tuple[int, int, Span] | None = None
    for first, (start, _) in enumerate(sentences):
        for _, end in sentences[first:]:
            if end - start > limit:
                break
            held = sum(one in quote[start:end] for one in wanted)
            if best is None or (held, end - start) > best[:2]:
                best = held, end - start, Span(start, end)
    if best is not None and (best[0] or not wanted):
        return best[2]
    return _cut(quote, sentences, limit, wanted[0] if wanted else "")


def _cut(quote: str, sentences: Sequence[Span], limit: int, wanted: str) -> Span:
    """Cut the sentence that has `wanted` between words, always from its beginning.

    Begun in its middle, "the minister denied that the company paid" would become that the company paid.
    """
    at = quote.index(wanted)
    sentence = next((one for one in sentences if one.start <= at < one.end), Span(0, len(quote)))
    start = sentence.start
    end = min(start + limit, sentence.end)
    if end < sentence.end and not quote[end].isspace():
        space_at = max((found.start() for found in _SPACE.finditer(quote, start, end)), default=start)
        end = space_at if space_at > start else end  # one word longer than the limit, or a script without spaces
    kept = quote[start:end].rstrip(_TRAILING if end < sentence.end else None)
    return Span(start, start + len(kept)) if kept else Span(start, end)
