"""Grounding: an honest paraphrase of a passage stands, a changed number, date or name does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answers import Citation
from bot.answering.details import details
from bot.answering.grounding import (
    is_grounded,
    negation_differs,
    support,
    unfaithful_quotations,
    unsupported_details,
)
from bot.answering.testing import make_hit
from retrieval.articles import Precision

LIGHTHOUSE = make_hit(
    "The lighthouse on Skerrin Point went dark on Tuesday night for the first time since 1911, the Northern Lights"
    " Authority (NLA) said. A landslide had cut the cable. Engineers under Marta Okonjo-Byrne brought in two"
    " generators by boat, and 38 fishing vessels were told to stay in the harbour of Tolm. Repairs will cost about"
    " 1.4 million euros, of which the Faroese government pays 60 percent. “We were never without a lamp, only without"
    " a tower,” said keeper Jonas Heddle, who is 71. The authority's director, Pia Lund, expects the light to be back"
    " on 14 March. Three ships ran aground near the point in the 1890s.",
    title="Skerrin Point lighthouse dark after landslide",
    source="Tolm Gazette",
    authors=("Erik Sandén",),
    published_at=datetime(2019, 3, 7, 6, 30, tzinfo=UTC),  # a Thursday
    precision=Precision.TIME,
)

HONEST = [
    "A landslide cut the lighthouse's cable.",
    "The Skerrin Point lighthouse went dark on Tuesday.",
    "The lighthouse went dark on 5 March 2019.",
    "The light failed on Tuesday, 5 March.",
    "It had not gone dark since 1911.",
    "The NLA says that the lighthouse lost its light for the first time since 1911.",
    "The Northern Lights Authority told 38 vessels to stay in harbour.",
    "Thirty-eight fishing vessels had to stay in Tolm.",
    "Marta Okonjo-Byrne's engineers brought 2 generators.",
    "Engineers led by Okonjo-Byrne brought two generators by boat.",
    "Repairs will cost around €1.4m.",
    "The repair costs 1,400,000 euros, about.",
    "Nearly 1.5 million euros are needed for repairs.",
    "A government pays 60% of the repairs.",
    "The government pays 60 per cent of the cost.",
    "The keeper, 71-year-old Jonas Heddle, said they were never without a lamp.",
    "Mr Heddle is the keeper.",
    "Director Pia Lund expects the light to return on March 14.",
    "The light should be back in March.",
    "The light is expected back on 14 March 2019.",
    "Three ships ran aground near Skerrin Point in the 1890s.",
    "The Tolm Gazette reported on Thursday that the lighthouse was dark.",
    "Erik Sanden of the Tolm Gazette writes that a landslide cut the cable.",
    "More than 30 vessels were told to stay in the harbour.",
]

CHANGED = [
    ("The lighthouse went dark on Monday night.", "Monday"),
    ("The lighthouse went dark on 6 June 2019.", "6 June"),
    ("It was the first time since 1921.", "1921"),
    ("The lighthouse on Skerrin Head went dark.", "Skerrin Head"),
    ("The NLB said that a landslide had cut the cable.", "NLB"),
    ("Engineers brought in three hundred generators by boat.", "three hundred"),
    ("83 fishing vessels were told to stay.", "83"),
    ("The vessels stayed in the harbour of Torshavn.", "Torshavn"),
    ("Repairs will cost about 1.4 billion euros.", "1.4 billion"),
    ("Repairs will cost about 1.4 million dollars.", "dollars"),
    ("Repairs will cost about 14 million euros.", "14 million"),
    ("The Danish government pays 60 percent.", "Danish"),
    ("The Faroese government pays 40 percent.", "40"),
    ("Keeper Jonas Hedley said that they had a lamp.", "Keeper Jonas Hedley"),
    ("Keeper Thomas Heddle said that they had a lamp.", "Keeper Thomas Heddle"),
    ("Keeper Jonas Lund said that they had a lamp.", "Keeper Jonas Lund"),
    ("Heddle, who is 17, is the keeper.", "17"),
    ("The light is expected back on 15 March.", "15 March"),
    ("The light is expected back in May 2019.", "May"),
    ("Petra Lund expects the light to be back.", "Petra Lund"),
    ("Moscow said that the cable was cut.", "Moscow"),
    ("The Harbour Post reported on the lighthouse.", "Harbour Post"),
]


@pytest.mark.parametrize("sentence", HONEST)
def test_an_honest_paraphrase_has_no_unsupported_detail(sentence: str) -> None:
    assert unsupported_details(sentence, [LIGHTHOUSE]) == ()


@pytest.mark.parametrize(("sentence", "changed"), CHANGED)
def test_a_changed_detail_is_named_as_it_is_written(sentence: str, changed: str) -> None:
    assert unsupported_details(sentence, [LIGHTHOUSE]) == (changed,)


def test_a_number_is_not_found_in_the_day_of_a_date() -> None:
    assert unsupported_details("There were 14 ships.", [LIGHTHOUSE]) == ("14",)


def test_relative_dates_are_worked_out_from_the_publication_date() -> None:
    hit = make_hit(
        "The bridge fell yesterday, four years ago it was painted. A court meets on Monday.",
        published_at=datetime(2021, 1, 1, tzinfo=UTC),  # a Friday
    )
    assert unsupported_details("The bridge fell on 31 December 2020, a Thursday.", [hit]) == ()
    assert unsupported_details("The bridge was painted in 2017.", [hit]) == ()
    assert unsupported_details("The court meets on 4 January.", [hit]) == ()
    assert unsupported_details("The court meets on 5 January.", [hit]) == ("5 January",)


def test_a_date_is_no_more_precise_than_the_publisher_gave_it() -> None:
    year_only = make_hit("The bridge fell.", published_at=datetime(2021, 1, 1, tzinfo=UTC), precision=Precision.YEAR)
    assert unsupported_details("The bridge fell in 2021.", [year_only]) == ()
    assert unsupported_details("The bridge fell in January 2021.", [year_only]) == ("January",)
    month = make_hit("The bridge fell.", published_at=datetime(2021, 1, 1, tzinfo=UTC), precision=Precision.MONTH)
    assert unsupported_details("The bridge fell in January 2021.", [month]) == ()
    assert unsupported_details("The bridge fell on 1 January 2021.", [month]) == ("1 January",)


def test_an_initialism_and_its_long_form_are_the_same_name() -> None:
    long_form = make_hit("Experts of the United Nations counted flights for the Government of National Accord.")
    assert unsupported_details("The UN counted flights for the GNA.", [long_form]) == ()
    short_form = make_hit("Experts of the UN counted flights.")
    assert unsupported_details("The United Nations counted flights.", [short_form]) == ()
    assert unsupported_details("The United Emirates counted flights.", [short_form]) == ("United Emirates",)


@pytest.mark.parametrize(("one", "other"), [("Russia", "Russian"), ("Libya", "Libyan"), ("US", "American")])
def test_a_country_and_its_people_are_the_same_name(one: str, other: str) -> None:
    assert unsupported_details(f"Soldiers of the {other} army left.", [make_hit(f"Soldiers of {one} left.")]) == ()
    assert unsupported_details(f"Soldiers from {one} left.", [make_hit(f"The {other} soldiers left.")]) == ()


def test_similar_countries_are_not_the_same_name() -> None:
    assert unsupported_details("The army of Austria left.", [make_hit("The army of Australia left.")]) == ("Austria",)


def test_a_word_that_the_passage_does_not_capitalise_is_no_name_there() -> None:
    assert unsupported_details("They asked the Alphabet board.", [make_hit("They sang the alphabet on board.")]) == (
        "Alphabet",
    )


def test_a_detail_may_stand_in_any_of_several_passages() -> None:
    other = make_hit("Kirsten Vaal bought 12 lamps.")
    sentence = "Kirsten Vaal's 12 lamps help Jonas Heddle."
    assert unsupported_details(sentence, [LIGHTHOUSE]) == ("Kirsten Vaal's", "12")
    assert unsupported_details(sentence, [LIGHTHOUSE, other]) == ()


def test_citations_can_be_checked_like_hits() -> None:
    hit = LIGHTHOUSE
    citation = Citation(1, hit.article, hit.article.version, 0, 10, hit.article.text[:10], hit.passage)
    assert unsupported_details("38 vessels stayed.", [citation]) == ()
    assert support("38 vessels stayed.", [citation]) == support("38 vessels stayed.", [hit])


def test_numbers_with_a_decimal_comma_or_a_dot_between_thousands_are_read_both_ways() -> None:
    spanish = make_hit("El fuego quemó 10.000 hectáreas y costó 4,20 euros por árbol.")
    assert unsupported_details("The fire burnt 10,000 hectares at 4.20 euros a tree.", [spanish]) == ()


@pytest.mark.parametrize("written", ["127.0.0.1", "164.689.383", "1.2.3,4"])
def test_figures_that_are_no_single_number_stand_as_written_and_are_never_rounded(written: str) -> None:
    passage = make_hit(f"The harbour office of Tolm logged {written} on its screen.")
    assert is_grounded(f"The harbour office logged {written}.", [passage])
    assert unsupported_details("The harbour office logged about 127.0.0.2.", [passage]) == ("127.0.0.2",)
    assert unsupported_details("The harbour office logged about 130.", [passage]) == ("130",)


def test_a_number_that_tokenising_has_split_at_its_comma_is_read_whole() -> None:
    tokenised = make_hit("He took charge of 1, 056 matches in 22, 300 people came.")
    assert unsupported_details("He took charge of 1,056 matches.", [tokenised]) == ()
    assert unsupported_details("In 22, 300 people came.", [tokenised]) == ()
    assert unsupported_details("He took charge of 1,057 matches.", [tokenised]) == ("1,057",)


def test_the_title_counts_with_its_numbers_dates_and_names() -> None:
    hit = make_hit("It sank.", title="Ferry Anna Vaal sinks off Tolm with 12 aboard on 3 May")
    assert unsupported_details("The Anna Vaal sank on 3 May with 12 people.", [hit]) == ()


def test_only_the_passage_counts_and_not_the_rest_of_its_article() -> None:
    text = "Okonjo-Byrne brought two generators. Repairs cost 500 euros."
    whole = make_hit(text)
    hit = replace(whole, passage=replace(whole.passage, start=0, end=36, text=text[:36]))
    assert unsupported_details("Repairs cost 500 euros.", [hit]) == ("500", "euros")


_FERRY_TEXT = (
    "Fog kept the ferry Anna Vaal in the harbour of Tolm until noon on Tuesday. The harbour office counted 212 waiting"
    " passengers. Captain Ole Brandt refused to sail. “Nobody wants to be first into the rocks,” he said.\n\n"
    "The company has not paid anyone. A spokeswoman denied any delay."
)
FERRY = [make_hit(_FERRY_TEXT, 1, source="Tolm Gazette")]


@pytest.mark.parametrize(
    ("sentence", "differs"),
    [
        ("The company has not paid anyone.", False),
        ("The company paid everyone.", True),
        ("The captain did not want to sail.", False),
        ("The office did not count passengers.", True),
        ("The spokeswoman admitted a delay.", True),
        ("The spokeswoman said there was no delay.", False),
        ("No fewer than 212 passengers waited.", False),
        ("The ferry sailed without Captain Brandt's brother.", False),
    ],
)
def test_a_denial_stays_a_denial(sentence: str, differs: bool) -> None:
    assert negation_differs(sentence, FERRY) is differs


@pytest.mark.parametrize(
    ("sentence", "is_verbatim"),
    [
        ('He said: "Nobody wants to be first into the rocks."', True),
        ("He said that “nobody  wants to be first” into them.", True),
        ("He said 'nobody wants to be first into the rocks'.", True),
        ("He said “nobody … into the rocks”.", True),
        ("He said “nobody wants to be last into the rocks”.", False),
        ("He said 'everybody wants to be first'.", False),
        ("The “foggy harbour” stayed shut.", True),
        ("The passengers' wait and the ferry's captain's word.", True),
    ],
)
def test_quoted_words_must_be_the_passages_own(sentence: str, is_verbatim: bool) -> None:
    assert (unfaithful_quotations(sentence, FERRY) == ()) is is_verbatim


def test_no_sentence_is_grounded_in_nothing() -> None:
    assert not is_grounded("Fog lay in Tolm.", [])
    assert not is_grounded("", FERRY)


def test_support_is_the_share_of_content_terms_that_the_passages_have() -> None:
    hit = make_hit("The ferry reached the harbour.", title="Ferry news", source="Tolm Gazette")
    # Of ferry, harbour, burn and crane the passage has two, whatever their endings.
    assert support("The ferries burned a crane in the harbour.", [hit]) == 2 / 4
    assert support("The Tolm ferry reaches harbours.", [hit]) == 1.0


def test_without_passages_or_words_there_is_no_support() -> None:
    assert support("The ferry sank.", []) == 0.0
    assert support("", [LIGHTHOUSE]) == 0.0
    assert unsupported_details("Jonas Heddle is 71.", []) == ("Jonas Heddle", "71")


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_supports_itself(text: str) -> None:
    assert all(text[d.start : d.start + len(d.written)] == d.written for d in details(text))
    assert 0.0 <= support(text, [LIGHTHOUSE]) <= 1.0
