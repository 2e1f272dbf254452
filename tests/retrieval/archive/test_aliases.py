"""Every other id of an article leads to the one under which it is kept."""

from datetime import UTC, datetime

import pytest

from retrieval.archive.aliases import AliasKind, AliasLedger
from retrieval.archive.database import open_archive
from retrieval.archive.standing import withdraw
from retrieval.archive.stories import story_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEDGER = AliasLedger()


@pytest.fixture
def keep(tmp_path, make_article):
    with open_archive(tmp_path) as archive, archive.writing() as connection:

        def kept(*ids, text="The ferry sank.", **fields):
            for one in ids:
                article = make_article(one, text, **fields)
                (change,) = archive.changes(connection, [article])
                archive.put(connection, article, change, generation=1, now=NOW)
            return connection

        yield kept


def test_an_alias_leads_to_its_article_and_a_later_word_counts(keep):
    connection = keep("a", "b")
    LEDGER.add(connection, {"x": ("a", AliasKind.ID), "y": ("a", AliasKind.STORY)})
    assert LEDGER.resolve(connection, ["x", "y", "z"]) == {"x": ("a", AliasKind.ID), "y": ("a", AliasKind.STORY)}
    LEDGER.add(connection, {"x": ("b", AliasKind.ID)})
    assert LEDGER.resolve(connection, ["x", "y"]) == {"x": ("b", AliasKind.ID), "y": ("a", AliasKind.STORY)}
    LEDGER.remove(connection, ["x", "y"])
    assert LEDGER.resolve(connection, ["x", "y"]) == {}


def test_more_aliases_than_a_statement_takes_are_looked_up_and_removed(keep):
    connection = keep("a")
    names = [f"x{n}" for n in range(1201)]
    LEDGER.add(connection, {name: ("a", AliasKind.ID) for name in names})
    assert len(LEDGER.resolve(connection, [*names, *names])) == 1201
    LEDGER.remove(connection, names)
    assert LEDGER.resolve(connection, names) == {}


def test_what_is_known_of_an_article_is_its_current_version_and_how_it_stands(keep, make_article):
    connection = keep("a", is_excerpt=True, url="https://courier.example/a")
    known = LEDGER.known(connection, ["a", "b"])
    assert known.keys() == {"a"}
    assert (known["a"].is_excerpt, known["a"].url, known["a"].is_withdrawn) == (
        True,
        "https://courier.example/a",
        False,
    )
    keep("a", text="The ferry sank on Monday.")
    withdraw(connection, "a", "canceled", NOW)
    (now_known,) = LEDGER.known(connection, ["a"]).values()
    assert (now_known.is_excerpt, now_known.is_withdrawn, now_known.is_held) == (False, True, False)
    assert LEDGER.holds(connection, "a", known["a"].version)
    assert not LEDGER.holds(connection, "a", "another")


def test_who_tells_a_story_is_found_by_it(keep):
    connection = keep("b", "a")
    story = story_of("Ferry sinks", "The ferry sank.")
    assert [one.id for one in LEDGER.telling(connection, [story, "none"])[story]] == ["a", "b"]


def test_a_story_is_the_same_in_any_letter_case_and_white_space_and_another_with_another_title():
    assert story_of("Ferry sinks", "It sank.\n\nAll lived.") == story_of("FERRY  sinks ", "it sank. all lived.")
    assert story_of("Ferry", "sinks it") != story_of("Ferry sinks", "it")
