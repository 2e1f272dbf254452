"""The words of a message as a person reads them: without Discord's own signs, addresses and formatting."""

from __future__ import annotations

import re
from collections.abc import Iterator

import discord

# Mentions, custom emoji, timestamps and links to commands, and addresses: signs, not words.
_SIGN = re.compile(r"<(?:@[!&]?|#|/[^<>:\n]{1,100}:|a?:\w{1,40}:|t:)-?\d{1,20}(?::\w)?>|@(?:everyone|here)\b")
_ADDRESS = re.compile(r"<?https?://[^\s<>]+>?", re.IGNORECASE)
_LINKED = re.compile(r"\[([^\[\]\n]{1,500})\]\([^()\s]{1,600}\)")
_MARK = re.compile(r"\\?(?:\*+|~~|\|\||`+|__|(?<!\w)_|_(?!\w))|^[ \t]*(?:-# |#{1,3} )", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?=[^\w\s])")
_QUOTE_MARK = re.compile(r"^[ \t]*>(?:>>)?[ \t]?", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.?!…][\"”’)]*\s")


def words_of(message: discord.Message) -> str:
    """Return what a message says; lines that it marks as a quote keep their ">". Empty if it has no words.

    A message without text of its own says what it forwards, else what its embeds or its layout say: a shared article,
    or the card of a bot.
    """
    for said in (_texts(message), _forwarded(message), _embedded(message), _laid_out(message)):
        if words := "\n".join(filter(None, map(plain_words, said))):
            return words
    return ""


def question_words(message: discord.Message, limit_chars: int) -> tuple[str, bool]:
    """Return a message's words as a question, on one line, and whether it is cut, at a sentence or a word.

    Args:
        message: any message.
        limit_chars: longest question, >= 1.
    """
    words = " ".join(_QUOTE_MARK.sub("", words_of(message)).split())
    if len(words) <= limit_chars:
        return words, False
    kept = words[: limit_chars + 1]
    end = max((found.end() for found in _SENTENCE_END.finditer(kept)), default=0)
    end = end if end > limit_chars // 4 else kept.rfind(" ")
    return words[: end if end > 0 else limit_chars].rstrip(), True


def plain_words(markdown: str) -> str:
    """Take out of a text what is not its words."""
    text = _LINKED.sub(r"\1", markdown)
    text = _SIGN.sub(" ", _ADDRESS.sub(" ", text))
    text = _ESCAPE.sub("", _MARK.sub("", text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    kept = "\n".join(line for line in lines if line)
    return kept if any(c.isalnum() for c in kept) else ""


def _texts(message: discord.Message) -> Iterator[str]:
    yield message.content


def _forwarded(message: discord.Message) -> Iterator[str]:
    for forwarded in message.message_snapshots:
        yield forwarded.content
        yield from _of_embeds(forwarded.embeds)


def _embedded(message: discord.Message) -> Iterator[str]:
    yield from _of_embeds(message.embeds)


def _of_embeds(embeds: list[discord.Embed]) -> Iterator[str]:
    for embed in embeds:
        yield embed.title or ""
        yield embed.description or ""


def _laid_out(message: discord.Message) -> Iterator[str]:
    for component in message.components:
        for inner in component.children if isinstance(component, discord.components.Container) else [component]:
            if isinstance(inner, discord.components.TextDisplay):
                yield inner.content
