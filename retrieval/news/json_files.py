"""JSON files and files of JSON lines, in our own form or the agencies', to articles, each read by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from retrieval.errors import ArticleRejected
from retrieval.news.decoding import decode_utf8
from retrieval.news.fields import make_article
from retrieval.news.ninjs import is_ninjs, ninjs_in, read_ninjs
from retrieval.news.parts import QUICK_BYTES, Part, Step, grouped
from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.wire import Found

# One line: a text of 5 million characters, each escaped in full, is 60 MB.
MAX_LINE_BYTES = 64 * 2**20

_REMEDY = "write one object with few others inside it"
# Brackets in brackets: more than are parsed.
_TOO_DEEP = 100_000


def split_json(raw: bytes, *, input: str) -> Part:
    """Split a JSON file: one object, an array of objects, or an object whose "articles" is such an array.

    An object is in our own form or in ninjs; an object may hold a list of ninjs objects under any name. Elements of
    an array are named "input[0]", "input[1]" and so on.

    Returns:
        What comes to each element's article, in order, word that it is taken back, or why there is none; or to the
        file itself if it is a JSON Feed.
    """
    return Part(input, _read_file, (raw, input), is_quick=len(raw) <= QUICK_BYTES)


def split_json_lines(stream: BinaryIO, *, input: str, advance: Callable[[int], None]) -> Iterator[Step]:
    """Split a file of one JSON object per line, holding one line at a time; lines are named "input:1", "input:2", ...

    Blank lines are ignored, and so are byte order marks at the start of a line, as joined files have them.

    Args:
        stream: the file; it stays open.
        input: how it is named in rejections.
        advance: called with the number of bytes of each line once it is done with.

    Yields:
        For each line, in order, what comes to its article, word that it is taken back, or why there is none.

    Raises:
        OSError: the file cannot be read.
    """
    offset = 0
    for number, (size, line) in enumerate(_lines(stream), start=1):
        place = f"{input}:{number}"
        if line is None:
            yield ArticleRejected(place, f"is longer than {MAX_LINE_BYTES >> 20} MiB; put one article on each line")
        else:
            yield Part(place, _read_line, (line, place, offset), is_quick=size <= QUICK_BYTES)
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


def _read_file(raw: bytes, input: str) -> Sequence[Step]:
    try:
        parsed = _parse(decode_utf8(raw, input=input), input, "write one object or an array of objects")
        if isinstance(parsed, dict) and not is_ninjs(parsed):
            if isinstance(parsed.get("articles"), list):
                parsed = parsed["articles"]
            elif isinstance(version := parsed.get("version"), str) and "jsonfeed.org" in version:
                return [SavedFeed(input, raw)]
            elif "text" not in parsed:
                parsed = ninjs_in(parsed) or parsed
        return list(_split_elements(parsed, input)) if isinstance(parsed, list) else [_read(parsed, input)]
    except ArticleRejected as rejected:
        return [rejected]


def _split_elements(elements: list[object], input: str) -> Iterator[Part]:
    for start, group in grouped(map(_written, elements), limit=QUICK_BYTES // 2):
        # One line each, since none is in what is written: a million small strings take more than their letters.
        written = "\n".join(group)
        is_quick = len(written) <= QUICK_BYTES
        yield Part(f"{input}[{start}]", _read_elements, (written, input, start), is_quick)


def _read_elements(written: str, input: str, start: int) -> Sequence[Step]:
    steps: list[Step] = []
    for number, line in enumerate(written.split("\n"), start):
        place = f"{input}[{number}]"
        try:
            steps.append(_read(_parse(line, place, _REMEDY), place))
        except ArticleRejected as rejected:
            steps.append(rejected)
    return steps


def _read_line(line: bytes, place: str, offset: int) -> Sequence[Step]:
    try:
        text = decode_utf8(line, input=place, offset=offset).strip()
        return [_read(_parse(text, place, "put one object on each line"), place)] if text else []
    except ArticleRejected as rejected:
        return [rejected]


def _read(element: object, input: str) -> Step:
    if not isinstance(element, dict):
        return ArticleRejected(input, 'is not a JSON object; each article is one, with at least "title" and "text"')
    if is_ninjs(element):  # its bodies are pages, mostly
        return Part(input, _read_ninjs, (_written(element), input))
    try:
        return make_article(element, input=input)
    except ArticleRejected as rejected:
        return rejected


def _written(element: object) -> str:
    try:
        return json.dumps(element, ensure_ascii=False)
    except RecursionError:  # it was just not too deep to be read; a little deeper it is, and is told so
        return "[" * _TOO_DEEP


def _read_ninjs(written: str, input: str) -> Sequence[Found]:
    try:
        element = _parse(written, input, _REMEDY)
    except ArticleRejected as rejected:
        return [rejected]
    assert isinstance(element, dict)
    return list(read_ninjs(element, input=input))
