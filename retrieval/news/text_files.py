"""Plain text and Markdown files to articles: optional front matter, then a headline or none, then the text."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import yaml
from frontmatter.default_handlers import YAMLHandler

from retrieval.articles import Article, clean_text
from retrieval.errors import ArticleRejected
from retrieval.news.decoding import decode_utf8
from retrieval.news.fields import make_article, normal_text, one_line
from retrieval.news.markdown import plain_blocks

# Longer first lines are a lead paragraph, not a headline.
MAX_HEADLINE_CHARS = 120
# A few hundred characters are usual; the parser takes some 10 s for a million.
MAX_FRONT_MATTER_CHARS = 20_000

_FULL_STOPS = (".", "。", "।", "\u06d4")
_NULLS = ("", "~", "null", "Null", "NULL")


def read_text(raw: bytes, *, input: str, own_id: str, title_otherwise: str, url: str | None = None) -> Article:
    """Make an article of a plain text file in UTF-8.

    Without a title in the front matter, the first line is the title if it reads like a headline: at most 120
    characters, no full stop at its end, a blank line after it, text after that. Otherwise the title is
    `title_otherwise`, and all of the text is kept.

    Args:
        raw: the whole file.
        input: how the file is named in rejections.
        own_id: the id of an article that names neither an id nor a URL.
        title_otherwise: such as the name of the file.
        url: where it was fetched, which is the address of an article that names none.

    Raises:
        ArticleRejected: see `make_article` and `decode_utf8`; or the front matter is not YAML.
    """
    fields, body = _split_front_matter(decode_utf8(raw, input=input), input)
    if not fields.get("title"):
        first, _, rest = normal_text(body).partition("\n\n")
        if rest and _is_headline(first):
            fields["title"], body = first, rest
    return _make(fields, body, input, own_id, title_otherwise, url)


def read_markdown(raw: bytes, *, input: str, own_id: str, title_otherwise: str, url: str | None = None) -> Article:
    """Make an article of a Markdown file in UTF-8; its text is what `plain_blocks` leaves, a blank line between blocks.

    Without a title in the front matter, a heading that comes first is the title; else as in `read_text`. A heading
    that comes first and repeats the title is dropped. Arguments as there.

    Raises:
        ArticleRejected: see `make_article` and `decode_utf8`; or the front matter is not YAML.
    """
    fields, body = _split_front_matter(decode_utf8(raw, input=input), input)
    blocks = plain_blocks(body)
    if len(blocks) > 1:
        first = blocks[0]
        title = fields.get("title")
        if not title and (first.is_heading or _is_headline(first.text)):
            fields["title"] = first.text
            del blocks[0]
        elif first.is_heading and isinstance(title, str) and one_line(title) == one_line(first.text):
            del blocks[0]
    text = "\n\n".join(block.text for block in blocks)
    return _make(fields, text, input, own_id, title_otherwise, url)


def title_of_file(path: Path) -> str:
    """Make a readable title of a file's name: "brak-al-shati_convoy.txt" becomes "brak al shati convoy"."""
    stem = os.fsencode(path.stem).decode("utf-8", "replace")
    return one_line(re.sub(r"[-_]+", " ", stem)) or "untitled"


def title_of_address(url: str) -> str:
    """Make a readable title of an address: of its last part as of a file's name, else of its host."""
    parts = urlsplit(url)
    name = PurePosixPath(unquote(parts.path)).name
    return title_of_file(Path(name)) if name else parts.hostname or "untitled"


def _make(
    fields: dict[str, object], text: str, input: str, own_id: str, title_otherwise: str, url: str | None
) -> Article:
    title, address = fields.get("title") or title_otherwise, fields.get("url") or url
    return make_article({**fields, "title": title, "url": address, "text": text}, input=input, own_id=own_id)


def _is_headline(first: str) -> bool:
    return "\n" not in first and 0 < len(first) <= MAX_HEADLINE_CHARS and not first.endswith(_FULL_STOPS)


def _split_front_matter(text: str, input: str) -> tuple[dict[str, object], str]:
    """Split a file into its front matter, empty if there is none, and the rest, all of it if there is none."""
    text = clean_text(text)
    handler = YAMLHandler()
    if not handler.detect(text):
        return {}, text
    try:
        written, body = handler.split(text)
    except ValueError:  # no second line of dashes: the first is a rule
        return {}, text
    if len(written) > MAX_FRONT_MATTER_CHARS:
        raise ArticleRejected(
            input, f"its front matter has {len(written)} characters; at most {MAX_FRONT_MATTER_CHARS} are taken"
        )
    try:
        # BaseLoader constructs strings, lists and mappings and nothing else. It is as safe as SafeLoader, which
        # besides would make a number of the title "1984" and false of the language "no".
        fields = yaml.load(written, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise ArticleRejected(
            input, f"the front matter between its lines of dashes is not YAML{line}; mend it or take it out"
        ) from error
    if fields is None:
        return {}, body
    if not isinstance(fields, dict):  # a paragraph between two rules
        return {}, text
    return {name: None if value in _NULLS else value for name, value in fields.items()}, body
