"""Reading articles from files and folders: which files are read, in which order, and by which reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from retrieval.articles import Article, Withdrawal
from retrieval.errors import ArticleRejected, InputNotFound
from retrieval.news.extract import extract_article
from retrieval.news.fields import file_id
from retrieval.news.json_files import read_json, read_json_lines
from retrieval.news.text_files import read_markdown, read_text, title_of_file
from retrieval.news.warc import read_warc
from retrieval.news.wire import Found
from retrieval.news.xml_files import read_xml

TEXT_ENDINGS = (".txt",)
MARKDOWN_ENDINGS = (".md",)
PAGE_ENDINGS = (".html", ".htm")
JSON_ENDINGS = (".json",)
JSON_LINES_ENDINGS = (".jsonl", ".ndjson")
XML_ENDINGS = (".xml", ".rss", ".atom", ".nitf", ".newsml")
WARC_ENDINGS = (".warc", ".warc.gz")
KNOWN_ENDINGS = (
    TEXT_ENDINGS + MARKDOWN_ENDINGS + PAGE_ENDINGS + JSON_ENDINGS + JSON_LINES_ENDINGS + XML_ENDINGS + WARC_ENDINGS
)

# Files that are held whole. A text of 5 million characters takes at most 20 MB in UTF-8. The largest of 91 real
# news pages has 0.7 MB, saved with its pictures inside it would have more; the extractor takes 1.5 s for a MB of
# paragraphs and 8 s for a MB of line breaks. Parsed JSON takes some five times its size in memory, parsed XML ten.
MAX_TEXT_BYTES = 21 * 2**20
MAX_PAGE_BYTES = 10 * 2**20
MAX_JSON_BYTES = 64 * 2**20
MAX_XML_BYTES = 32 * 2**20


def read_articles(
    paths: Sequence[Path],
    *,
    reject: Callable[[ArticleRejected], None],
    advance: Callable[[int], None] = lambda size_bytes: None,
) -> Iterator[Article | Withdrawal]:
    """Read articles, and word that articles are taken back, from files and folders, one at a time.

    In the order of `paths`; in a folder, entries by name, subfolders in their place. Hidden entries, entries that
    are no regular files, linked folders, and files of unknown ending are passed over in silence, unless named in
    `paths`. Except for files of JSON lines, of which one line is held, and web archives, of which one page is held, a
    file is held whole while it is read; the largest that is taken is 64 MiB.

    Args:
        paths: files and folders; each must exist.
        reject: called with each article or file that cannot be taken in; the reading goes on if it returns.
        advance: called with numbers of bytes done with; their sum is `total_bytes(paths)` if no file changes.

    Returns:
        The articles, and word that articles are taken back. The same id may come twice; the later is the newer
        version unless `updated_at` says otherwise.

    Raises:
        InputNotFound: at once, before anything is read, if a path does not exist or cannot be read.
    """
    for path in paths:
        _check_readable(path)
    return _read_each(tuple(paths), reject, advance)


def total_bytes(paths: Sequence[Path]) -> int:
    """Sum the sizes of all files that `read_articles` would read; files that vanish meanwhile count nothing.

    Raises:
        InputNotFound: a path does not exist or cannot be read.
    """
    total = 0
    for path in paths:
        _check_readable(path)
        for file in _files_of(path):
            if isinstance(file, Path) and _ending(file) is not None:
                try:
                    total += file.stat().st_size if file.is_file() else 0
                except OSError:
                    continue
    return total


def _read_each(
    paths: Sequence[Path], reject: Callable[[ArticleRejected], None], advance: Callable[[int], None]
) -> Iterator[Article | Withdrawal]:
    for path in paths:
        for file in _files_of(path):
            if isinstance(file, ArticleRejected):
                reject(file)
                continue
            if file is not path and _ending(file) is None:
                continue
            for found in _read_file(file, advance):
                if isinstance(found, ArticleRejected):
                    reject(found)
                else:
                    yield found


def _read_file(file: Path, advance: Callable[[int], None]) -> Iterator[Found]:
    input = _shown(file)
    ending = _ending(file)
    if ending is None:
        yield ArticleRejected(input, f"has an unknown ending; files that end in {', '.join(KNOWN_ENDINGS)} are read")
        return
    try:
        if not file.is_file():
            yield ArticleRejected(input, "is not a regular file; save its content in one")
        elif ending in JSON_LINES_ENDINGS:
            yield from read_json_lines(file, input=input, advance=advance)
        elif ending in WARC_ENDINGS:
            yield from read_warc(file, input=input, advance=advance)
        else:
            yield from _read_whole(file, ending, input, advance)
    except OSError as error:
        yield _unreadable(input, error)


def _read_whole(file: Path, ending: str, input: str, advance: Callable[[int], None]) -> Iterator[Found]:
    limit = _limit_bytes(ending)
    with file.open("rb") as stream:
        raw = stream.read(limit + 1)
        size = len(raw) if len(raw) <= limit else os.fstat(stream.fileno()).st_size
    if len(raw) > limit:
        remedy = "write it as .jsonl, one article on each line" if ending in JSON_ENDINGS else "split it"
        yield ArticleRejected(input, f"is larger than {limit >> 20} MiB; {remedy}")
    elif ending in JSON_ENDINGS:
        yield from read_json(raw, input=input)
    elif ending in XML_ENDINGS:
        yield from read_xml(raw, file, input=input)
    else:
        yield _read_one(raw, file, ending, input)
    advance(size)


def _limit_bytes(ending: str) -> int:
    if ending in JSON_ENDINGS:
        return MAX_JSON_BYTES
    if ending in XML_ENDINGS:
        return MAX_XML_BYTES
    return MAX_PAGE_BYTES if ending in PAGE_ENDINGS else MAX_TEXT_BYTES


def _ending(file: Path) -> str | None:
    """The known ending of a file, which may have two dots; None if it has none."""
    name = file.name.lower()
    return next((ending for ending in KNOWN_ENDINGS if name.endswith(ending) and name != ending), None)


def _read_one(raw: bytes, file: Path, ending: str, input: str) -> Article | ArticleRejected:
    try:
        if ending in TEXT_ENDINGS:
            return read_text(raw, file, input=input)
        if ending in MARKDOWN_ENDINGS:
            return read_markdown(raw, file, input=input)
        own_id = file_id(os.fsencode(file.resolve()))
        return extract_article(raw, input=input, own_id=own_id, title_otherwise=title_of_file(file))
    except ArticleRejected as rejected:
        return rejected


def _files_of(path: Path) -> Iterator[Path | ArticleRejected]:
    """Yield the path itself if it is no folder, else the files under it and, as rejections, unreadable folders."""
    if not path.is_dir():
        yield path
        return
    waiting = [path]
    while waiting:  # a stack and no recursion: folders can be nested deeper than Python calls
        entry = waiting.pop()
        try:
            if entry is path or (entry.is_dir() and not entry.is_symlink()):  # a link could lead back up
                names = sorted(os.listdir(entry), reverse=True)
                waiting.extend(entry / name for name in names if not name.startswith("."))
            elif entry.is_file():
                yield entry
        except OSError as error:
            yield _unreadable(_shown(entry), error)


def _unreadable(input: str, error: OSError) -> ArticleRejected:
    return ArticleRejected(input, f"cannot be read ({error.strerror}); check that it is there and readable")


def _check_readable(path: Path) -> None:
    try:
        path.stat()
        readable = os.access(path, os.R_OK)
    except (OSError, ValueError):
        readable = False
    if not readable:
        raise InputNotFound(_shown(path))


def _shown(path: Path) -> str:
    """Write a path so that it can be printed, even if its name is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
