"""Markdown to plain paragraphs: the words stay, the marks go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from trafilatura import html2txt

# Deeper lists and quotations lose their text; CommonMark's default of 20 is reached by quoted mail.
_MAX_NESTING = 100


class Block(NamedTuple):
    """One paragraph, heading, list entry, table row or code block as plain text, never empty."""

    text: str
    is_heading: bool


def plain_blocks(markdown: str) -> list[Block]:
    """Turn CommonMark with tables into plain blocks, in order.

    Emphasis and heading marks are dropped, links keep their text, images are dropped, code is kept as it stands,
    list entries keep "- " or their number, cells are joined by " | ", and raw HTML keeps what a reader would see.
    Line breaks inside a paragraph stay. Nothing is fetched.
    """
    blocks: list[Block] = []
    marker = ""
    is_heading = False
    row: list[str] | None = None
    for token in _parser().parse(markdown):
        text = ""
        if token.type == "inline":
            text = _words(token.children or [])
            if row is not None:
                row.append(text)
                continue
        elif token.type in ("fence", "code_block"):
            text = token.content.strip("\n")
        elif token.type == "html_block":
            text = html2txt(f"<html><body>{token.content}</body></html>")
        elif token.type == "list_item_open":
            marker = f"{token.info}{token.markup} " if token.info else "- "
        elif token.type == "list_item_close":
            marker = ""
        elif token.type in ("heading_open", "heading_close"):
            is_heading = token.type == "heading_open"
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            text, row = " | ".join(row), None
        if text.strip():
            blocks.append(Block(marker + text.strip("\n"), is_heading))
            marker = ""
    return blocks


def _words(tokens: Sequence[Token]) -> str:
    words = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak") or token.content.lower().startswith("<br"):
            words.append("\n")
    return "".join(words).strip()


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
