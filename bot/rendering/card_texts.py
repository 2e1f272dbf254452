"""The texts of an answer's card, written from what is kept of the answer: each a block that fits any page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bot.answering.kept import cut_after, cut_before
from bot.locales.speaking import say, say_counted
from bot.rendering.article_line import excerpted, publisher, source_and_date, title_link
from bot.rendering.limits import width
from bot.rendering.markdown import block_quote, bold, escaped, one_line, pieces, safe_url, shortened
from bot.rendering.wording import dated, hint_sentence, indexed, looked_at, published_words, with_more
from retrieval.news.dates import parse_published

# Widths in UTF-16 code units, chosen so that any one block fits a page with the question (330), the footer and the
# buttons, also where every character takes three bytes.
_QUESTION = 300
_NOTICE = 300
_HINT = 200
_SHORT = 80
_PART = 120
_COPY = 40
_TERMS = 100
_BLOCK = 1500
_SOURCE = 2200
_LONG_QUOTE = 1000
_QUOTE = 600
# Marks with their links are wider than the claim where there are many; then they are plain.
_MARKS = 600
_MOST_MARKS = 60
# Copies of a cited article that are named.
_MOST_COPIES = 3
# Of a passage on either side of its quote: less where more than so many sources have to be read on a phone.
_AROUND_CHARS, _AROUND_MANY_CHARS, _FEW_SOURCES = 320, 120, 2


class Block(NamedTuple):
    """A text that fits any page, and the numbers of the citations that it names."""

    text: str
    quoted: frozenset[int] = frozenset()


def question_line(kept: Mapping[str, Any]) -> str:
    """Write the question as typed, in small print."""
    return "-# " + say("Question: {question}", question=escaped(shortened(one_line(kept["question"]), _QUESTION)))


def answer_blocks(kept: Mapping[str, Any]) -> list[Block]:
    """Write what is answered: the short answer or what differs, then the claims; a long claim runs over blocks."""
    urls = {citation["n"]: safe_url(citation["url"]) for citation in kept["citations"]}
    claims = [part for claim in kept["claims"] for part in _claim(claim, urls)]
    between = "\n" if any(claim["is_quote"] for claim in kept["claims"]) else " "
    return [*_gathered(_leading(kept, urls), "\n"), *_gathered(claims, between)]


def _gathered(lines: Iterable[Block], between: str) -> list[Block]:
    """Join texts to blocks as wide as may be: a card holds few components."""
    blocks: list[Block] = []
    for line in lines:
        if blocks and width(blocks[-1].text) + width(line.text) + 1 <= _BLOCK:
            blocks[-1] = Block(f"{blocks[-1].text}{between}{line.text}", blocks[-1].quoted | line.quoted)
        else:
            blocks.append(line)
    return blocks


def _leading(kept: Mapping[str, Any], urls: Mapping[int, str | None]) -> Iterator[Block]:
    """Write what stands first: who says what where sources differ, or the short answer in bold; nothing if neither.

    Of several questions, each that has either is named above it.
    """
    told = False
    for part in kept["parts"] or []:
        if lines := _told(kept, part["short_answer"], part["agreement"], urls):
            gap = "\n" if told else ""
            told = True
            yield Block(f"{gap}-# {escaped(shortened(one_line(part['question']), _PART))}")
            yield from lines
    if not told:
        yield from _told(kept, kept["short_answer"], kept["agreement"], urls)


def _told(
    kept: Mapping[str, Any],
    short: Mapping[str, Any] | None,
    agreement: Mapping[str, Any] | None,
    urls: Mapping[int, str | None],
) -> list[Block]:
    if agreement is not None and agreement["differs"]:
        citations = {citation["n"]: citation for citation in kept["citations"]}
        lines = [Block(say("Sources differ:"))]
        for value in agreement["differs"][0]["values"]:
            first = citations[value["citations"][0]]
            who = f"{publisher(first['source'])} · {published_words(first['published_at'])}"
            if more := value["sources"] - 1:
                who = say_counted("{source}, and {count} more", "{source}, and {count} more", more, source=who)
            said = f"- {bold(shortened(one_line(value['text']), _SHORT))} ({who})"
            lines.append(_marked(said, value["citations"], urls))
        return lines
    if short is None:
        return []
    return [_marked(bold(shortened(one_line(short["text"]), _SHORT)), short["citations"], urls)]


def _claim(claim: Mapping[str, Any], urls: Mapping[int, str | None]) -> list[Block]:
    parts = [escaped(part) for part in pieces(one_line(claim["text"]), _BLOCK - _MARKS)]
    if claim["is_quote"]:
        parts[0] = f"“{parts[0]}"
        parts[-1] += "”"
    return [*map(Block, parts[:-1]), _marked(parts[-1], claim["citations"], urls)]


def _marked(said: str, numbers: Sequence[int], urls: Mapping[int, str | None]) -> Block:
    marks = "".join(mark(n, urls.get(n)) for n in numbers)
    if width(marks) > _MARKS:
        marks = "".join(mark(n, None) for n in numbers[:_MOST_MARKS])
        marks = with_more(marks, len(numbers) - _MOST_MARKS)
    return Block(f"{said} {marks}", frozenset(numbers))


def mark(n: int, target: str | None) -> str:
    """Write [n], linked to an address that `safe_url` gave."""
    return escaped(f"[{n}]") if target is None else f"[[{n}]]({target})"


def source_block(kept: Mapping[str, Any], citation: Mapping[str, Any]) -> str:
    """Write a cited article with its passage as a block quote, the quote in bold, "…" where either is cut."""
    head = f"**{mark(citation['n'], None)} {headline(citation)}**\n{byline(citation, asked_at(kept))}"
    if terms := shortened(one_line(citation["usage_terms"] or ""), _TERMS):
        head += f"\n-# {escaped(terms)}"
    own = citation["source"]
    if others := list(dict.fromkeys(one["source"] for one in citation["also_in"] if one["source"] not in (None, own))):
        named = ", ".join(escaped(shortened(one_line(source), _COPY)) for source in others[:_MOST_COPIES])
        head += "\n-# " + say("also in {names}", names=with_more(named, len(others) - _MOST_COPIES))
    around = _AROUND_CHARS if len(kept["citations"]) <= _FEW_SOURCES else _AROUND_MANY_CHARS
    words = one_line(citation["quote"])
    quote = bold(shortened(words, _LONG_QUOTE))
    for around_chars in dict.fromkeys((around, _AROUND_MANY_CHARS, 0)):
        written = f"{head}\n{_passage(citation, quote, around_chars)}"
        if width(written) <= _SOURCE:
            return written
    return f"{head}\n{_passage(citation, bold(shortened(words, _QUOTE)), 0)}"


def _passage(citation: Mapping[str, Any], quote: str, around_chars: int) -> str:
    before, after = cut_before(citation["before"], around_chars), cut_after(citation["after"], around_chars)
    return block_quote(escaped(before) + quote + escaped(after))


def headline(article: Mapping[str, Any]) -> str:
    """Write an article's title, linked to its address."""
    return title_link(article["title"], article["url"])


def byline(article: Mapping[str, Any], at: datetime) -> str:
    """Write who published an article, when, how old it was then, and whether only an excerpt of it is held."""
    line = source_and_date(article["source"], article["published_at"], at)
    return excerpted(line) if article.get("is_excerpt") else line


def abstention_texts(kept: Mapping[str, Any], reason: str) -> list[str]:
    """Write why there is no answer, what was looked at, and how to ask better, as one block.

    Args:
        kept: what is kept of the abstention.
        reason: the sentence that says why.
    """
    lines = [reason]
    if looked := looked_at(kept):
        lines.append(escaped(shortened(one_line(looked), _NOTICE)))
    hints = [hint_sentence(one) for one in kept["abstention"]["hints"]]
    if not hints and kept["abstention"]["nearest"]:
        hints = [
            say("Try other words, or the name of a person, a place or a time that the closest articles are about.")
        ]
    lines += [escaped(shortened(one_line(hint), _HINT)) for hint in hints]
    return ["\n".join(lines)]


def article_block(article: Mapping[str, Any], at: datetime) -> str:
    """Write an article by its title and byline."""
    return f"**{headline(article)}**\n{byline(article, at)}"


def footer(kept: Mapping[str, Any], page: int, pages: int) -> str:
    """Write as of when the answer is, how a follow-up was understood, and the notice, in small print."""
    index = kept["index"]
    at = asked_at(kept)
    newest = index["newest_published_at"]
    told = [say("As of {date}", date=published_words(kept["asked_at"])), indexed(index["articles"], newest, at)]
    if pages > 1:
        told.insert(0, say("Page {page} of {pages}", page=page, pages=pages))
    lines = [f"-# {' · '.join(told)}"]
    if kept["understood_as"]:
        asked = escaped(shortened(one_line(kept["understood_as"]), _QUESTION))
        lines.append("-# " + say("Understood as: {question}", question=asked))
    if kept["notice"]:
        lines.append(f"-# {escaped(shortened(one_line(kept['notice']), _NOTICE))}")
    return "\n".join(lines)


def behind_line(kept: Mapping[str, Any]) -> str | None:
    """Warn that news is lacking, where the question wants the latest and the index is behind; None otherwise."""
    newest = kept["index"]["newest_published_at"]
    if not kept["is_behind"] or newest is None:
        return None
    behind = say(
        "My newest article is of {date}: what happened since is missing here.", date=dated(newest, asked_at(kept))
    )
    return f"⚠️ {behind}"


def asked_at(kept: Mapping[str, Any]) -> datetime:
    """Read when the question was asked, aware UTC."""
    return parse_published(kept["asked_at"])[0]
