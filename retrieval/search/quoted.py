"""What a message quotes: the parts in quotation marks, else the lines marked as a quote, else all of it, as words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from retrieval.index.terms import words as folded_words

#: Fewer words are said too often to be anybody's.
LEAST_WORDS = 3

# No form scans a stretch of text twice: what opens a quote ends the search for the end of the one before. An
# apostrophe stands between two letters, a single quotation mark does not.
_MARKED = re.compile(
    r"“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|»([^«»]+)«|「([^「」]+)」|\"([^\"]+)\""
    r"|(?<!\w)‘((?:[^‘’]|(?<=\w)’(?=\w))+)’(?!\w)|(?<!\w)'((?:[^'\n]|(?<=\w)'(?=\w))+)'(?!\w)"
)
_BLOCK = re.compile(r"(?:^[ \t]*>(?:>>)?[ \t]?[^\n]*(?:\n|$))+", re.MULTILINE)
_BLOCK_MARK = re.compile(r"^[ \t]*>(?:>>)?[ \t]?", re.MULTILINE)
# "1,500" and "3.5" are one word each; signs of currency and the like change what is said, other signs do not.
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]")
_SAYING_SIGNS = frozenset("%‰°&+=§")


class Word(NamedTuple):
    """A word: code points [start, end) of a text, and how it is compared, without regard to case and diacritics."""

    start: int
    end: int
    folded: str


def split_words(text: str) -> list[Word]:
    """Split a text into the words by which quotes are compared; white space, quotation marks and dashes are none.

    Neither is other punctuation, but a number keeps its points and commas, and signs such as "€" and "%" are words.
    """
    found = []
    for match in _WORD.finditer(text):
        written = match.group()
        if written.isalnum():
            folded = written.lower() if written.isascii() else "".join(folded_words(written)) or written
        elif written[0].isdigit() or written in _SAYING_SIGNS or unicodedata.category(written[0]) == "Sc":
            folded = written
        else:
            continue
        found.append(Word(match.start(), match.end(), folded))
    return found


def quoted_parts(text: str) -> list[str]:
    """List what a message quotes, in order, each once; nothing if it has not so many words as `LEAST_WORDS`.

    Parts in quotation marks of any common form come first; without any, each run of lines that begin with ">" is one;
    without these, the whole text is. What has fewer words does not count.
    """
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs"))
    unmarked = _BLOCK_MARK.sub("", text)
    marked = (next(part for part in match.groups() if part) for match in _MARKED.finditer(unmarked))
    blocks = (_BLOCK_MARK.sub("", block.group()) for block in _BLOCK.finditer(text))
    return _with_words(marked) or _with_words(blocks) or _with_words([unmarked])


def _with_words(parts: Iterable[str]) -> list[str]:
    stripped = dict.fromkeys(" ".join(part.split()) for part in parts)
    return [part for part in stripped if len(split_words(part)) >= LEAST_WORDS]
