"""Reading articles from files and folders: which files are read, in which order, and by which reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from retrieval.articles import Article, Withdrawal
from retrieval.errors import ArticleRejected, InputNotFound
from retrieval.news.fields import file_id
from retrieval.news.forms import KNOWN_ENDINGS, ending_of, split_form
from retrieval.news.parts import Step, read_here
from retrieval.news.saved_feeds import SavedFeed
from retrieval.news.text_files import title_of_file
from retrieval.news.wire import Found


def read_articles(
    paths: Sequence[Path],
    *,
    reject: Callable[[ArticleRejected], None],
    advance: Callable[[int], None] = lambda size_bytes: None,
) -> Iterator[Article | Withdrawal | SavedFeed]:
    """Read articles, word that articles are taken back, and saved feeds from files and folders, one at a time.

    All in this process, which hostile files may hold up for long; see `split_files`.
    In the order of `paths`; in a folder, entries by name, subfolders in their place. Hidden entries, entries that
    are no regular files, linked folders, and files of unknown ending are passed over in silence, unless named in
    `paths`. Except for files of JSON lines, of which one line is held, and web archives, of which one page is held, a
    file is held whole while it is read; the largest that is taken is 64 MiB.

    Args:
        paths: files and folders; each must exist.
        reject: called with each article or file that cannot be taken in; the reading goes on if it returns.
        advance: called with numbers of bytes done with; their sum is `total_bytes(paths)` if no file changes.

    Returns:
        The articles, word that articles are taken back, and saved feeds, whose articles are elsewhere. The same id
        may come twice; the later is the newer version unless `updated_at` says otherwise.

    Raises:
        InputNotFound: at once, before anything is read, if a path does not exist or cannot be read.
    """
    return _accepted(read_here(split_files(paths, advance=advance)), reject)


def split_files(paths: Sequence[Path], *, advance: Callable[[int], None] = lambda size_bytes: None) -> Iterator[Step]:
    """Split files and folders, as `read_articles` reads them, into parts that are read each by itself.

    Args:
        paths: files and folders; each must exist.
        advance: called with numbers of bytes that are done with once the parts before are.

    Returns:
        What comes to each article, in order; each file or place that cannot be taken in is told among them.

    Raises:
        InputNotFound: at once, before anything is read, if a path does not exist or cannot be read.
    """
    for path in paths:
        _check_readable(path)
    return _split_each(tuple(paths), advance)


def total_bytes(paths: Sequence[Path]) -> int:
    """Sum the sizes of all files that `read_articles` would read; files that vanish meanwhile count nothing.

    Raises:
        InputNotFound: a path does not exist or cannot be read.
    """
    total = 0
    for path in paths:
        _check_readable(path)
        for file in _files_of(path):
            if isinstance(file, Path) and ending_of(file.name) is not None:
                try:
                    total += file.stat().st_size if file.is_file() else 0
                except OSError:
                    continue
    return total


def _accepted(
    found: Iterator[Found | SavedFeed], reject: Callable[[ArticleRejected], None]
) -> Iterator[Article | Withdrawal | SavedFeed]:
    for one in found:
        if isinstance(one, ArticleRejected):
            reject(one)
        else:
            yield one


def _split_each(paths: Sequence[Path], advance: Callable[[int], None]) -> Iterator[Step]:
    for path in paths:
        for file in _files_of(path):
            if isinstance(file, ArticleRejected):
                yield file
            elif file is path or ending_of(file.name) is not None:
                yield from _split_file(file, advance)


def _split_file(file: Path, advance: Callable[[int], None]) -> Iterator[Step]:
    input = _shown(file)
    ending = ending_of(file.name)
    if ending is None:
        yield ArticleRejected(input, f"has an unknown ending; files that end in {', '.join(KNOWN_ENDINGS)} are read")
        return
    try:
        if not file.is_file():
            yield ArticleRejected(input, "is not a regular file; save its content in one")
            return
        own_id = file_id(os.fsencode(file.resolve()))
        with file.open("rb") as stream:
            yield from split_form(
                stream, ending, input=input, own_id=own_id, title_otherwise=title_of_file(file), advance=advance
            )
    except OSError as error:
        yield _unreadable(input, error)


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
