"""The packaged samples answer questions about themselves, word for word, and decline the rest."""

from __future__ import annotations

import pytest

from retrieval.archive.archive import Archive
from retrieval.archive.database import ARCHIVE_FILE, build_engine


@pytest.fixture(scope="module")
def read_text(lone_home):
    """Read the text of a stored version from the archive itself."""
    engine = build_engine(lone_home / ARCHIVE_FILE, read_only=True)
    archive = Archive(engine)
    yield lambda article_id, version: archive.read(article_id, version).text
    engine.dispose()


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("convoy", "Brak al-Shati"),
        ("helicopter", "Sukna"),
        ("museum", "sea clock"),
        ("seagrass", "1,400 years"),
        ("mayor", "Ines Corvallan"),
        ("wildfire", "3,400 hectares"),
        ("water", "6.7 million euros"),
        ("tanker", "Hariga"),
        ("transfer", "4.2 million euros"),
        ("ferries", "11.8 million euros"),
        ("railway", "strike"),
        ("oil deal", "High Council of State"),
    ],
)
def test_the_first_quote_answers_the_question(serving, question, word):
    outcome = serving.outcomes[question]
    assert outcome["status"] == "answered"
    assert word in outcome["citations"][0]["quote"]
    assert word in outcome["answer"]


def test_an_answer_whose_sentence_names_its_subject_only_by_a_pronoun_is_among_the_quotes(serving):
    """The article says "The gymnasium is still closed." first, and then when "it" will be ready."""
    assert any("2 November" in citation["quote"] for citation in serving.outcomes["gymnasium"]["citations"])


@pytest.mark.parametrize("question", ["world cup", "capital", "bread", "dead"])
def test_what_the_articles_do_not_say_is_declined_with_the_nearest_articles(serving, question):
    outcome = serving.outcomes[question]
    assert outcome["status"] == "abstained"
    assert outcome["abstention"]["reason"] == "not_in_articles"
    assert 1 <= len(outcome["abstention"]["nearest"]) <= 3


def test_every_quote_of_every_answer_stands_in_the_archive_where_it_says(serving, read_text):
    citations = [cited for outcome in serving.outcomes.values() for cited in outcome["citations"]]
    assert len(citations) >= 13
    for cited in citations:
        assert read_text(cited["article_id"], cited["version"])[cited["start"] : cited["end"]] == cited["quote"]


def test_every_claim_of_the_default_writer_is_a_quote_of_its_citation(serving):
    for outcome in serving.outcomes.values():
        quotes = {cited["n"]: cited["quote"] for cited in outcome["citations"]}
        for claim in outcome["claims"]:
            assert [quotes[n] for n in claim["citations"]] == [claim["text"]]
            assert f"“{claim['text']}” [{claim['citations'][0]}]" in outcome["answer"]


def test_an_article_is_known_from_the_day_it_was_published(serving):
    known_by = {
        name: {hit["article_id"] for hit in serving.outcomes[name]["hits"]}
        for name in ("the day before", "the day itself")
    }
    assert "sample-wagner-convoy-al-jufra" not in known_by["the day before"]
    assert "sample-wagner-convoy-al-jufra" in known_by["the day itself"]
    assert serving.outcomes["the day itself"]["asked_at"] == "2020-09-29T23:59:59Z"


def test_before_the_first_article_nothing_is_found(serving):
    outcome = serving.outcomes["before all"]
    assert (outcome["status"], outcome["abstention"]["reason"]) == ("abstained", "nothing_found")
    assert outcome["hits"] == outcome["abstention"]["nearest"] == []


def test_since_until_and_source_bound_what_is_cited(serving):
    def cited(name: str, field: str) -> set[str]:
        outcome = serving.outcomes[name]
        assert outcome["status"] == "answered", name
        return {citation[field] for citation in outcome["citations"]}

    assert min(cited("since", "published_at")) >= "2020-09-30"
    assert max(cited("until", "published_at"))[:10] <= "2020-09-29"
    assert cited("source", "source") == {"The Aldenmoor Ledger"}
    assert serving.outcomes["since"]["window"] == {"since": "2020-09-30T00:00:00Z", "until": None, "inferred": False}
    assert serving.outcomes["until"]["window"] == {"since": None, "until": "2020-09-29T23:59:59Z", "inferred": False}
    assert serving.outcomes["convoy"]["window"] is None


def test_an_unknown_publisher_has_said_nothing(serving):
    assert serving.outcomes["no such source"]["abstention"]["reason"] == "nothing_found"


def test_history_is_taken_and_changes_no_answer_of_a_question_that_stands_alone(serving):
    assert serving.outcomes["follow-up"]["citations"] == serving.outcomes["convoy"]["citations"]
