"""A quote is found where it stands, word for word or nearly, and nowhere else."""

from datetime import UTC, datetime
from importlib.resources import as_file, files

import pytest

from retrieval.news.files import read_articles
from retrieval.search.quotes import MOST_QUOTES, MOST_WORDS, QuoteFinder

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CONVOY = (
    "The convoy is thought to have gone to Brak al-Shati air base, north of Sabha and some 650 kilometres to the south "
    "of Tripoli, the source said."
)


def rejects(problem):
    raise problem


@pytest.fixture
async def index(open_index, tmp_path):
    async with open_index(tmp_path) as opened:
        yield opened


@pytest.fixture
def find(index):
    finder = QuoteFinder(index.archive, index.ledger, index.lexical, index.worker)

    async def find(message, known_by=NOW, scope=None):
        return await finder.find(message, known_by=known_by, scope=scope)

    return find


@pytest.fixture
async def samples(index):
    with as_file(files("bot").joinpath("samples")) as folder:
        await index.indexer.add(list(read_articles([folder], reject=rejects)))


def marked(match):
    """Write a match with [said>published] where it differs."""
    return " ".join(one.published if one.is_same else f"[{one.said}>{one.published}]" for one in match.runs)


@pytest.mark.parametrize(
    "message",
    [
        CONVOY,
        f"“{CONVOY}”",
        'he wrote: "the CONVOY is thought to have gone to Brak al Shati air base" - is that so?',
        "> The convoy is  thought\n> to have gone to Brak al–Shati\nreally?",
        "some 650 kilometres",
    ],
)
async def test_a_quote_is_found_word_for_word_whatever_its_case_spaces_dashes_and_quotation_marks(
    samples, find, message
):
    (finding,) = (await find(message)).quotes
    assert finding.match.is_exact
    assert finding.match.article.id == "sample-wagner-convoy-al-jufra"
    text = finding.match.article.text[finding.match.start : finding.match.end]
    assert " ".join(text.split()) == finding.match.runs[0].published
    assert text.rstrip(".").casefold() in CONVOY.casefold()


async def test_a_near_quote_shows_what_was_changed_added_and_left_out(samples, find):
    changed = "The convoy is thought to have gone to Benghazi air base, north of Sabha and some 400 kilometres"
    (finding,) = (await find(f"“{changed}”")).quotes
    assert not finding.match.is_exact
    assert marked(finding.match) == (
        "The convoy is thought to have gone to [Benghazi>Brak al-Shati] air base, north of Sabha and some [400>650] "
        "kilometres"
    )
    added = "The convoy is secretly thought to have gone to Brak al-Shati base, north of Sabha"
    (finding,) = (await find(added)).quotes
    assert marked(finding.match) == (
        "The convoy is [secretly>] thought to have gone to Brak al-Shati [>air] base, north of Sabha"
    )


async def test_words_around_an_unmarked_quote_are_no_words_of_the_publisher(samples, find):
    message = "omg it says the convoy is thought to have gone to Brak al-Shati air base lol what is this"
    (finding,) = (await find(message)).quotes
    assert marked(finding.match) == (
        "[omg it says>] The convoy is thought to have gone to Brak al-Shati air base [lol what is this>]"
    )


async def test_a_headline_is_found_too(samples, find):
    (finding,) = (await find("Helicopter carrying Russian mercenaries falls near Sukna")).quotes
    assert finding.match.is_exact
    assert finding.match.in_title


async def test_several_quotes_of_one_message_are_each_found_or_not(samples, find):
    message = (
        "“some 650 kilometres to the south of Tripoli” is true, but “the moon is made of green cheese and honey” and "
        "“Two Pantsir air-defence systems and nine guns travelled with the vehicles”?"
    )
    first, second, third = (await find(message)).quotes
    assert first.match.is_exact
    assert second.match is None
    assert "[nine>five]" in marked(third.match)


@pytest.mark.parametrize(
    "message",
    [
        "it is one of the most that there has been in the",
        "I had soup for lunch today and it was quite nice",
        "the source said that it was not the",
        "Brak al-Shati lol",
        "hi there",
        "",
        "🎉🎉🎉",
    ],
)
async def test_talk_is_not_taken_for_a_quote(samples, find, message):
    assert all(finding.match is None for finding in (await find(message)).quotes)


async def test_the_earliest_of_several_articles_is_named_first_and_the_others_too(index, find, make_article):
    said = "We will rebuild the bridge before the winter comes."
    await index.indexer.add(
        [
            make_article("late", f"Report. “{said}” the mayor said.", title="A", day="2024-03-03", source="Late Post"),
            make_article("early", f"The mayor spoke. {said}", title="B", day="2024-03-01", source="Early Post"),
            make_article("undated", f"It is known: {said}", title="C", source="Some Post"),
            make_article("other", "The bridge fell in the winter storm.", title="D", day="2024-02-01"),
        ]
    )
    (finding,) = (await find(f'"{said}"')).quotes
    assert finding.match.article.id == "early"
    assert [article.id for article in finding.also] == ["late", "undated"]


async def test_an_article_published_later_is_not_known(index, find, make_article):
    await index.indexer.add([make_article("late", "We will rebuild the bridge.", day="2024-03-03")])
    (finding,) = (await find("we will rebuild the bridge", known_by=datetime(2024, 3, 2, tzinfo=UTC))).quotes
    assert finding.match is None


async def test_a_quote_that_runs_over_the_edge_of_a_passage_is_found(index, find, make_article):
    sentences = [f"Sentence number {n} tells of harbour matter {n * 7} in plain words." for n in range(40)]
    await index.indexer.add([make_article("long", " ".join(sentences), day="2024-03-03")])
    (finding,) = (await find(" ".join(sentences[10:20]))).quotes
    assert finding.match.is_exact


async def test_more_quotes_than_are_looked_for_are_counted_and_a_very_long_one_is_cut(samples, find):
    many = " ".join(f'"some {n} kilometres south"' for n in range(MOST_QUOTES + 3))
    findings = await find(many)
    assert (len(findings.quotes), findings.left_out) == (MOST_QUOTES, 3)
    (finding,) = (await find("word " * (MOST_WORDS + 1))).quotes
    assert finding.is_cut
    (finding,) = (await find("word " * MOST_WORDS)).quotes
    assert not finding.is_cut


@pytest.mark.parametrize(
    "message",
    [
        "the " * 1000,
        "convoy base " * 500,
        '" AND NEAR(convoy) OR title: * ^ ' * 50,
        "“" * 2000 + "convoy left base",
        "e\u0301\u0301\u0301 " * 500,
        "\ud800 convoy left base",
        "ⅣⅣ ㎏ ﷺ " * 300,
    ],
)
async def test_hostile_messages_are_looked_for_without_failing(samples, find, message):
    await find(message)


async def test_an_empty_index_has_no_quotes(find):
    (finding,) = (await find("we will rebuild the bridge")).quotes
    assert finding.match is None


async def test_a_quote_of_a_servers_own_article_is_found_there_and_nowhere_else(index, find, make_article):
    said = "We will rebuild the old tram bridge before the winter comes."
    await index.indexer.add(
        [make_article("own", said, title="Own title words here", day="2024-03-01")], scope="guild:7"
    )
    await index.indexer.add([make_article("other", "The school reopens on Monday.", title="School", day="2024-03-01")])
    near = "We will rebuild the old stone bridge before the winter comes"
    for message in (said, near, "own title words here"):
        (there,) = (await find(message, scope="guild:7")).quotes
        assert there.match is not None
        for scope in (None, "guild:8"):
            (elsewhere,) = (await find(message, scope=scope)).quotes
            assert (elsewhere.match, elsewhere.also) == (None, ())


async def test_a_servers_own_copy_of_a_public_article_is_named_there_alone(index, find, make_article):
    said = "We will rebuild the old tram bridge before the winter comes."
    await index.indexer.add([make_article("own", said, day="2024-03-01")], scope="guild:7")
    await index.indexer.add([make_article("public", said, day="2024-03-02")])
    (elsewhere,) = (await find(said)).quotes
    assert (elsewhere.match.article.id, elsewhere.also) == ("public", ())
    (there,) = (await find(said, scope="guild:7")).quotes
    assert [article.id for article in there.also] == ["public"]
