"""Entities stand at their code points, English by the model and other languages by rules, in the order given."""

from itertools import pairwise

import pytest

from retrieval.errors import EmbeddingModelMissing
from retrieval.index.entities import PACKAGED_TAGGER, RULES, RuleTagger, load_tagger

ENGLISH = "Angela Merkel visited Paris on Tuesday."
SPANISH = "El convoy llegó a Sabha con 40 vehículos."


def written(text, entities):
    return [(text[one.start : one.end], one.label) for one in entities]


def test_rules_find_names_places_dates_money_and_numbers_without_overlap():
    text = "In May 2020 the convoy went to Brak al-Shati with 40 guns worth $3 million for Ahmed Maiteq."
    (found,) = RuleTagger().tag([text], ["en"])
    assert ("Brak al-Shati", "GPE") in written(text, found)
    assert {("May 2020", "DATE"), ("40", "CARDINAL"), ("$3 million", "MONEY")} <= set(written(text, found))
    assert ("Ahmed Maiteq", "NAME") in written(text, found)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_the_model_tags_english_and_rules_the_rest_each_in_its_place():
    tagger = load_tagger(PACKAGED_TAGGER)
    found = tagger.tag([SPANISH, ENGLISH, SPANISH], ["es", "en-GB", "es"])
    assert ("Paris", "GPE") in written(ENGLISH, found[1])
    assert found[0] == found[2] == RuleTagger().tag([SPANISH], ["es"])[0]
    assert tagger.tag([], []) == []


def test_an_unknown_tagger_is_refused_naming_those_there_are():
    with pytest.raises(EmbeddingModelMissing, match=RULES):
        load_tagger("other")
