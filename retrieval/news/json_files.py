"""JSON files and files of JSON lines, in our own form or the agencies', to articles, each rejected by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import BinaryIO

from retrieval.errors import ArticleRejected
from retrieval.news.decoding import decode_utf8
from retrieval.news.fields import make_article
from retrieval.news.ninjs import is_ninjs, ninjs_in, read_ninjs
from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.wire import Found

# One line: a text of 5 million characters, each escaped in full, is 60 MB.
MAX_LINE_BYTES = 64 * 2**20


def read_json(raw: bytes, *, input: str) -> Iterator[Found | SavedFeed]:
    """Read a JSON file: one object, an array of objects, or an object whose "articles" is such an array.

    An object is in our own form or in ninjs; an object may hold a list of ninjs objects under any name. Elements of
    an array are named "input[0]", "input[1]" and so on.

    Yields:
        For each element, in order, its article, word that it is taken back, or why there is none; or the file itself
        if it is a JSON Feed.
    """
    try:
        parsed = _parse(decode_utf8(raw, input=input), input, "write one object or an array of objects")
    except ArticleRejected as rejected:
        yield rejected
        return
    if isinstance(parsed, dict) and not is_ninjs(parsed):
        if isinstance(parsed.get("articles"), list):
            parsed = parsed["articles"]
        elif isinstance(version := parsed.get("version"), str) and "jsonfeed.org" in version:
            yield SavedFeed(input, raw)
            return
        elif "text" not in parsed:
            parsed = ninjs_in(parsed) or parsed
    if isinstance(parsed, list):
        for number, element in enumerate(parsed):
            yield from _read(element, f"{input}[{number}]")
    else:
        yield from _read(parsed, input)


def read_json_lines(stream: BinaryIO, *, input: str, advance: Callable[[int], None]) -> Iterator[Found]:
    """Read a file of one JSON object per line, holding one line at a time; lines are named "input:1", "input:2", ...

    Blank lines are ignored, and so are byte order marks at the start of a line, as joined files have them.

    Args:
        stream: the file; it stays open.
        input: how it is named in rejections.
        advance: called with the number of bytes of each line once it is done with.

    Yields:
        For each line, in order, its article, word that it is taken back, or why there is none.

    Raises:
        OSError: the file cannot be read.
    """
    offset = 0
    for number, (size, line) in enumerate(_lines(stream), start=1):
        place = f"{input}:{number}"
        if line is None:
            yield ArticleRejected(place, f"is longer than {MAX_LINE_BYTES >> 20} MiB; put one article on each line")
        else:
            try:
                text = decode_utf8(line, input=place, offset=offset).strip()
                if text:
                    yield from _read(_parse(text, place, "put one object on each line"), place)
            except ArticleRejected as rejected:
                yield rejected
        offset += size
        advance(size)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield each line's size in bytes and the line, or None in place of one that is too long to hold."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        size = len(line)
        if size <= MAX_LINE_BYTES:
            yield size, line
            continue
        while not line.endswith(b"\n") and (line := stream.readline(MAX_LINE_BYTES)):
            size += len(line)
        yield size, None


def _parse(text: str, input: str, remedy: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ArticleRejected(
            input, f"is not JSON: {error.msg} at line {error.lineno} column {error.colno}; {remedy}"
        ) from error
    except (ValueError, RecursionError) as error:  # a number of over 4,300 digits; brackets a thousand deep
        raise ArticleRejected(input, f"is not JSON that can be read ({error}); {remedy}") from error


def _read(element: object, input: str) -> Iterator[Found]:
    if not isinstance(element, dict):
        yield ArticleRejected(input, 'is not a JSON object; each article is one, with at least "title" and "text"')
    elif is_ninjs(element):
        yield from read_ninjs(element, input=input)
    else:
        try:
            yield make_article(element, input=input)
        except ArticleRejected as rejected:
            yield rejected
