"""An outcome rests on what it cites, on copies of that, and on the articles that come nearest."""

from bot.records.resting import RestsOn, rests_on, without_hits


def test_an_answer_rests_on_its_citations_and_their_copies_but_not_on_what_was_only_found(make_outcome):
    resting = rests_on(make_outcome())
    assert resting == RestsOn(
        frozenset({"plum"}),
        frozenset({"https://obscurer.example/affair", "https://copyist.example/1"}),
        frozenset({"The Quibblethorpe Obscurer", "Copyist"}),
    )
    assert RestsOn.of_fields(resting.as_fields()) == resting
    assert without_hits(make_outcome())["hits"] == []


def test_an_abstention_rests_on_the_nearest_articles_and_nothing_on_nothing(make_outcome):
    nearest = {"title": "Near", "source": None, "url": "https://near.example/1", "published_at": None}
    abstained = make_outcome(status="abstained", citations=[], abstention={"reason": "x", "nearest": [nearest]})
    assert rests_on(abstained) == RestsOn(urls=frozenset({"https://near.example/1"}))
    assert rests_on({}) == RestsOn()


def test_an_article_is_not_missed_wherever_an_outcome_names_it(make_outcome):
    more = {"article_id": "more", "title": "More", "source": None, "url": None}
    assert rests_on(make_outcome(found=[more])).article_ids == {"plum", "more"}
    assert rests_on(make_outcome(pages=[{"deep": [more]}])).article_ids == {"plum", "more"}
