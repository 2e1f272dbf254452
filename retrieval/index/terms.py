"""Words as the keyword index knows them: folded, without stop-words, stemmed."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import py3langid
import snowballstemmer
from stop_words import StopWordError, get_stop_words

_WORD = re.compile(r"[^\W_]+")
# Parts words as a space does, before and after it is decomposed.
_TYPOGRAPHY = "’‘“”–—…\xa0"
# English words of the closed classes: articles, pronouns, auxiliaries, prepositions, conjunctions. Lists of
# stop-words go further and lose what news is about: "won", "fire", "world", "states", "million", "first". "May"
# stays out: it is a month too.
_FUNCTION_WORDS = frozenset(
    """
    a an the this that these those each every either neither some any no all both such other own same
    i me my mine myself we us our ours ourselves you your yours yourself he him his himself she her hers herself
    it its itself they them their theirs themselves one
    who whom whose which what where when why how
    am is are was were be been being do does did doing done have has had having can could will would shall should
    might must ain aren couldn didn doesn don hadn hasn haven isn mustn shouldn wasn weren wouldn cannot ll re ve
    about above across after against along among around at before behind below between by despite down during for from
    in inside into near of off on onto out outside over since than through throughout till to toward towards under
    until up upon via with within without
    and or but nor if because as although though while whereas whether so yet
    not also too very then there here just only again ever once more most
    """.split()
)
# Words that shape a question and say nothing about what it is about.
_QUESTION_WORDS = frozenset(
    "many much tell happen happened name named exactly please know article articles report reports news say said says"
    " according kind type go goes going gone went get gets got".split()
)
# A question's language must beat English by this much (difference of py3langid's log scores) before its stop-words
# are dropped: German "die" is an English verb.
_LANGUAGE_MARGIN = 10.0
# The stemmer keeps the word at hand in itself, and both the worker and the event loop stem.
_stemming = threading.Lock()


def words(text: str) -> list[str]:
    """Split text into words, case, diacritics and compatibility forms folded, in order, with repetition."""
    # But for their quotation marks and dashes most passages are ASCII, which has nothing to decompose: a fifth of the
    # time, and a question has a hundred of them to read.
    if not text.isascii():
        for mark in _TYPOGRAPHY:
            text = text.replace(mark, " ")
    if text.isascii():
        return _WORD.findall(text.lower())
    # Decomposed on both sides of folding: "™" decomposes into capitals, and folding "ΰ" composes anew.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _WORD.findall(folded.translate({ord(c): None for c in set(folded) if unicodedata.combining(c)}))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Stem one folded word by Porter's algorithm (M. F. Porter, "An algorithm for suffix stripping", 1980).

    Never empty: a word of which the algorithm leaves nothing ("s") is its own stem. Safe from any thread.
    """
    with _stemming:
        return str(_stemmer().stemWord(word)) or word


def content_words(text: str, language: str | None = None) -> list[str]:
    """Pick the words that carry meaning, in order, each once; all words if there would be none left.

    English function words always go; the stop-words of another language go if the text is clearly in that language.

    Args:
        text: any text.
        language: its language where that is known, such as "de" or "pt-BR"; reading it off the text takes 0.7 ms.
    """
    found = list(dict.fromkeys(words(text)))
    return _meaningful(found, language.partition("-")[0] if language else _clear_language(text)) or found


def says_something(text: str) -> bool:
    """Tell whether a text has a word that carries meaning."""
    return bool(_meaningful(words(text), _clear_language(text)))


def _meaningful(found: list[str], language: str) -> list[str]:
    dropped = _FUNCTION_WORDS | _QUESTION_WORDS
    if language != "en":
        dropped |= _stop_words(language)
    return [word for word in found if word not in dropped and (len(word) > 1 or word.isdigit())]


def terms(text: str) -> list[str]:
    """Stem the content words of a text; in order, each once."""
    return list(dict.fromkeys(stem(word) for word in content_words(text)))


def stems(text: str) -> set[str]:
    """Stem every word of a text, stop-words included; of the texts asked for last it is still known."""
    return set(_stems(text))


# One question stems its hundred candidates to order them, and the best of them again to weigh and to quote them.
@lru_cache(maxsize=512)
def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, set(words(text))))


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("porter")


@lru_cache(maxsize=32)
def _stop_words(language: str) -> frozenset[str]:
    try:
        listed = get_stop_words(language)
    except StopWordError:
        return frozenset()
    return frozenset(part for word in listed for part in words(word))


def _clear_language(text: str) -> str:
    """Name the language of a text if it is clearly not English, else "en"."""
    ranking = py3langid.rank(text)
    language, score = ranking[0]
    return str(language) if score - dict(ranking)["en"] >= _LANGUAGE_MARGIN else "en"
