"""Lists show how an article begins and where a quote is from, no more of it than its publisher allows."""

from __future__ import annotations

import convoy

from bot.answering.listing import lead_of, limit_quotes, list_newest
from bot.answering.quote_limits import QuoteLimits
from retrieval.search.browsing import Newest
from retrieval.search.quotes import QuoteFinding, QuoteFindings, QuoteMatch, Run

ANY = QuoteLimits()
FIRST = (
    "Around 40 vehicles carrying Wagner fighters have driven out of the Al-Jufra air base in central Libya, "
    "according to a…"
)


def test_a_lead_is_the_first_sentence_on_one_line():
    assert lead_of(convoy.article("It rained\nall day. Then it stopped."), ANY) == "It rained all day."
    assert lead_of(convoy.article("It\n\nrained.  Then it stopped."), ANY) == "It"


def test_a_long_lead_is_cut_at_a_word():
    assert lead_of(convoy.WIRE, ANY) == FIRST


def test_a_lead_is_no_longer_than_its_publisher_allows():
    assert lead_of(convoy.WIRE, QuoteLimits(0, {"sirte coast wire": 20})) == "Around 40 vehicles…"
    assert lead_of(convoy.LEDGER, QuoteLimits(0, {"sirte coast wire": 20})).startswith("Five guns and two Pantsir")


def test_each_article_keeps_its_copies():
    newest = Newest((convoy.WIRE, convoy.LEDGER), {convoy.LEDGER.id: ("a copy",)}, 3, has_older=True)
    latest = list_newest("convoy", newest, ANY)
    assert [one.copies for one in latest.headlines] == [(), ("a copy",)]
    assert (latest.topic, latest.more, latest.has_older) == ("convoy", 3, True)


def test_of_a_quote_no_more_is_shown_than_its_publisher_allows():
    runs = (Run(True, "five guns", "five guns"), Run(False, "went", "travelled along"), Run(True, "with", "with"))
    found = QuoteFindings((QuoteFinding("q", QuoteMatch(convoy.WIRE, False, 0, 9, runs)), QuoteFinding("r", None)))
    assert limit_quotes(found, ANY) == found
    limited = limit_quotes(found, QuoteLimits(19)).quotes
    assert [run.published for run in limited[0].match.runs] == ["five guns", "travelled…"]
    assert limited[1] == found.quotes[1]
