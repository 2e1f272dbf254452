"""Cards: what they show, in which order things go when room is short, and that hostile text stays text."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import convoy
import discord
import pytest
from fake_discord.component_limits import check_layout
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.answers import Abstention, Agreement, Answer, AnswerPart, Citation, Claim, Reason, ShortAnswer, Told
from bot.answering.hints import NotMentioned, WithoutLimits
from bot.answering.kept import kept_fields
from bot.rendering.answer_card import (
    ABSTENTION_COLOUR,
    ANSWER_COLOUR,
    PROBLEM_COLOUR,
    answer_card,
    problem_card,
)
from bot.rendering.limits import MAX_CHARS, MAX_COMPONENTS, width
from bot.rendering.markdown import safe_url
from retrieval.articles import Article, CopyOf, Precision
from retrieval.passages import IndexSize, Passage, Published

Outcome = TypeVar("Outcome", Answer, Abstention)
AS_OF = "-# As of 1 October 2020, 09:00 UTC"


def texts(card: discord.ui.LayoutView) -> list[str]:
    """Return the texts of a card, "---" for a separator."""
    (container,) = card.to_components()
    return [child.get("content", "---") for child in container["components"] if child["type"] != 1]


def buttons(card: discord.ui.LayoutView) -> list[tuple[str, str]]:
    """Return the labels and custom ids of a card's buttons."""
    (container,) = card.to_components()
    rows = [child["components"] for child in container["components"] if child["type"] == 1]
    return [(button["label"], button["custom_id"]) for row in rows for button in row]


def colour(card: discord.ui.LayoutView) -> int:
    (container,) = card.to_components()
    return int(container["accent_color"])


def with_index(answer: Outcome, size: IndexSize) -> Outcome:
    findings = replace(answer.evidence.findings, index=size)
    return replace(answer, evidence=replace(answer.evidence, findings=findings))


def test_an_answer_shows_its_claims_then_its_sources_then_the_index() -> None:
    claims, line, first, second, line_too, footer = texts(answer_card(convoy.convoy_answer()))

    assert claims == (f"“{convoy.GUNS}” [[1]]({convoy.WIRE.url})\n“{convoy.GUNS_TOO}” [[2]]({convoy.LEDGER.url})")
    assert first.split("\n")[:2] == [
        f"**\\[1\\] [{convoy.WIRE.title}]({convoy.WIRE.url})**",
        "Sirte Coast Wire · 29 September 2020, 08:15 UTC (2 days ago)",
    ]
    assert second.startswith(f"**\\[2\\] [{convoy.LEDGER.title}]({convoy.LEDGER.url})**\nThe Aldenmoor Ledger · 30 Sep")
    assert footer == f"{AS_OF} · 20 articles in the index, the newest of 30 September 2020 (yesterday)"
    assert [line, line_too] == ["---", "---"]


def test_the_quote_stands_in_bold_in_its_passage() -> None:
    passage = texts(answer_card(convoy.convoy_answer()))[2].split("\n")[2:]

    assert passage[0].startswith("> … 40 vehicles carrying Wagner fighters")
    assert passage[1:] == [
        "> The convoy is thought to have gone to Brak al-Shati air base, north of Sabha and some 650 kilometres to the "
        "south of Tripoli, the source said.",
        f"> **{convoy.GUNS}** "
        "On its way the column passed some checkpoints of Khalifa Haftar's forces without stopping.",
    ]


def test_a_long_passage_is_cut_around_its_quote_at_words_and_says_so() -> None:
    of = convoy.article("before " * 200 + "The quote." + " after" * 200)

    passage = texts(answer_card(convoy.answer_quoting(convoy.citation(1, of, "The quote."))))[2].split("\n")[2]

    assert passage.startswith("> … before before")
    assert " **The quote.** after" in passage
    assert passage.endswith("after …")
    assert len(passage) < 1500


def test_claims_in_the_writers_own_words_run_on_without_quotation_marks() -> None:
    cited = convoy.citation(1, convoy.WIRE, convoy.GUNS)
    claims = (Claim("Five guns went along.", (1,), 0.9, False), Claim("So did two Pantsirs.", (1,), 0.9, False))
    answer = replace(convoy.answer_quoting(cited), claims=claims)

    mark = f"[[1]]({convoy.WIRE.url})"
    assert texts(answer_card(answer))[0] == f"Five guns went along. {mark} So did two Pantsirs. {mark}"


def test_a_source_without_address_publisher_and_date_says_so_and_is_not_linked() -> None:
    of = convoy.article("The quote.", title="A [title]")

    claims, _, source, *_ = texts(answer_card(convoy.answer_quoting(convoy.citation(1, of, "The quote."))))

    assert claims == "“The quote.” \\[1\\]"
    assert source.startswith("**\\[1\\] A \\[title\\]**\npublisher not given · date not given\n")


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        (Precision.YEAR, "2020"),
        (Precision.MONTH, "September 2020 (last month)"),
        (Precision.DAY, "29 September 2020 (2 days ago)"),
        (Precision.TIME, "29 September 2020, 08:15 UTC (2 days ago)"),
    ],
)
def test_a_date_is_shown_to_its_precision_and_no_further(precision: Precision, words: str) -> None:
    of = replace(convoy.WIRE, published_precision=precision)

    source = texts(answer_card(convoy.answer_quoting(convoy.citation(1, of, convoy.GUNS))))[2]

    assert source.split("\n")[1] == f"Sirte Coast Wire · {words}"


def test_the_question_begins_the_card_where_it_is_wanted() -> None:
    asked = convoy.convoy_answer("Which *weapons*?")

    assert texts(answer_card(asked, question_shown=True))[0] == "-# Question: Which \\*weapons\\*?"
    assert "Question" not in texts(answer_card(asked))[0]


def test_the_notice_stands_below_the_index() -> None:
    answer = replace(convoy.convoy_answer(), notice="The model did not answer; these are quotations.")

    assert texts(answer_card(answer))[-1].split("\n")[1] == "-# The model did not answer; these are quotations."


@pytest.mark.parametrize(
    ("size", "footer"),
    [
        (IndexSize(1, 3, None), "1 article in the index"),
        (
            IndexSize(2, 3, datetime(2020, 9, 1, tzinfo=UTC), "2020-09"),
            "2 articles in the index, the newest of September 2020 (last month)",
        ),
    ],
)
def test_the_footer_says_as_of_when_and_counts_the_index_and_dates_its_newest_article(
    size: IndexSize, footer: str
) -> None:
    assert texts(answer_card(with_index(convoy.convoy_answer(), size)))[-1] == f"{AS_OF} · {footer}"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (Reason.NOT_IN_ARTICLES, "The articles I have do not say."),
        (Reason.PREMISE_NOT_FOUND, "The articles I have do not say that this is so."),
        (Reason.NOTHING_FOUND, "I found nothing about this in the articles I have."),
        (Reason.EMPTY_INDEX, "There are no articles to answer from yet."),
        (Reason.AFTER_INDEX, "The articles I have end on 30 September 2020."),
        (
            Reason.STALE,
            "The articles I have end on 30 September 2020; that is too long ago to tell the latest.",
        ),
    ],
)
def test_an_abstention_says_why_in_one_sentence(reason: Reason, sentence: str) -> None:
    assert texts(answer_card(convoy.abstention(reason=reason)))[0].split("\n")[0] == sentence


def test_an_abstention_says_what_was_looked_at_unless_there_is_nothing() -> None:
    assert texts(answer_card(convoy.abstention()))[0].split("\n")[1:] == [
        "I looked at 20 articles.",
        "Try other words, or the name of a person, a place or a time that the closest articles are about.",
    ]
    empty = with_index(convoy.abstention(reason=Reason.EMPTY_INDEX), IndexSize(0, 0, None))
    assert texts(answer_card(empty))[0] == "There are no articles to answer from yet."


def test_an_abstention_names_the_limits_that_it_kept_to_and_how_it_read_a_time() -> None:
    def said(**asked: object) -> str:
        plain = convoy.abstention("Who won the cup last week?")
        question = replace(plain.evidence.question, **asked)  # type: ignore[arg-type]
        limited = replace(plain, evidence=replace(plain.evidence, question=question))
        return texts(answer_card(limited))[0].split("\n")[1]

    since = datetime(2020, 9, 1, tzinfo=UTC)
    assert said(since=since, sources=("The *Ledger*",)) == (
        "I looked at 20 articles, of them at those by The \\*Ledger\\*, published from 1 September 2020, 00:00 UTC."
    )
    assert said().startswith("I looked at 20 articles, and took “last week” to mean from 21 September 2020, 00:00 UTC")


def test_an_abstention_says_how_to_ask_better_with_what_was_typed_escaped() -> None:
    hints = (WithoutLimits(("since", "until", "sources")), NotMentioned(("*Zor*blatt", "@everyone")))
    said, *_ = texts(answer_card(replace(convoy.abstention(), hints=hints)))

    assert said.splitlines()[2:] == [
        "Ask without the limit on dates and publishers.",
        "No article mentions “\\*Zor\\*blatt” or “@\u200beveryone”.",
    ]


def test_a_very_long_name_that_no_article_has_leaves_the_card_within_its_limits() -> None:
    card = answer_card(replace(convoy.abstention(), hints=(NotMentioned(("*" * 900,) * 3),)))

    assert len(texts(card)[0]) < 600
    assert len(texts(card)) == len(texts(answer_card(convoy.abstention())))


def test_an_abstention_names_the_nearest_articles() -> None:
    _, _, heading, wire, ledger, _, _ = texts(answer_card(convoy.abstention()))

    assert heading == "Closest articles:"
    assert (
        wire
        == f"**[{convoy.WIRE.title}]({convoy.WIRE.url})**\nSirte Coast Wire · 29 September 2020, 08:15 UTC (2 days ago)"
    )
    assert ledger.startswith(f"**[{convoy.LEDGER.title}]")


def test_without_near_articles_an_abstention_has_no_list() -> None:
    assert "Closest articles:" not in texts(answer_card(convoy.abstention(reason=Reason.EMPTY_INDEX)))


def test_a_problem_is_one_escaped_sentence() -> None:
    assert texts(problem_card("Ask @everyone *again*.")) == ["Ask @\u200beveryone \\*again\\*."]


def test_answers_abstentions_and_problems_have_their_own_colours() -> None:
    cards = (answer_card(convoy.convoy_answer()), answer_card(convoy.abstention()), problem_card("No."))

    assert [colour(card) for card in cards] == [c.value for c in (ANSWER_COLOUR, ABSTENTION_COLOUR, PROBLEM_COLOUR)]
    assert len({colour(card) for card in cards}) == 3


def test_a_card_never_times_out_and_is_not_kept_in_memory_for_its_buttons() -> None:
    card = answer_card(convoy.convoy_answer(), number=17)

    assert card.timeout is None
    assert not card.is_dispatchable()


def many_sources(count: int, quote_chars: int, url_chars: int = 40) -> Answer:
    cited: list[Citation] = []
    for n in range(1, count + 1):
        quote = f"Quote {n} " + "q" * (quote_chars - 10) + "."
        url = f"https://paper.example/{n}/".ljust(url_chars, "u")
        cited.append(convoy.citation(n, convoy.article(f"{'b ' * 400}{quote}{' a' * 400}", url=url), quote))
    return convoy.answer_quoting(*cited)


def pages_of(answer: Answer | Abstention, **options: bool) -> list[list[str]]:
    """Render every page of a card, with buttons, and check each against Discord's limits."""
    first = texts(answer_card(answer, number=17, **options))
    count = int(found[1]) if (found := re.search(r"Page 1 of (\d+)", first[-1])) else 1
    cards = [answer_card(answer, number=17, page=page, **options) for page in range(1, count + 2)]
    for card in cards[:count]:
        assert list(check_layout(card.to_components())) == []
    assert texts(cards[count]) == texts(cards[count - 1])  # beyond the last page stands the last
    return [[text for text in texts(card) if text != "---"] for card in cards[:count]]


def test_what_does_not_fit_a_message_goes_over_pages_and_every_sentence_and_source_is_there() -> None:
    pages = pages_of(many_sources(12, 900))

    assert 3 < len(pages) < 20
    everything = "\n".join(text for page in pages for text in page)
    for n in range(1, 13):
        assert f"“Quote {n} " in everything
        assert f"**Quote {n} " in everything
    assert "not shown" not in everything


def test_no_page_has_more_than_four_sources() -> None:
    pages = pages_of(many_sources(9, 20))

    assert [sum(text.startswith("**\\[") for text in page) for page in pages] == [4, 4, 1]


def test_every_page_says_which_one_it_is_and_how_many_there_are() -> None:
    pages = pages_of(many_sources(9, 20))

    assert [page[-1].split(" · ")[0] for page in pages] == ["-# Page 1 of 3", "-# Page 2 of 3", "-# Page 3 of 3"]
    assert "Page" not in pages_of(convoy.convoy_answer())[0][-1]


def test_a_sentence_longer_than_a_page_goes_on_over_the_next_without_losing_a_word() -> None:
    words = [f"word{n}" for n in range(2000)]
    answer = replace(many_sources(1, 50), claims=(Claim(" ".join(words), (1,), 0.9, False),))

    pages = pages_of(answer)

    assert len(pages) > 3
    assert re.findall(r"word\d+", "\n".join(text for page in pages for text in page)) == words


def test_the_marks_lose_their_links_where_these_are_longer_than_the_sentence_and_the_sources_keep_theirs() -> None:
    answer = many_sources(3, 250, url_chars=500)
    answer = replace(answer, claims=(Claim("All three say so.", (1, 2, 3), 0.9, False),))
    shown = "\n".join(text for page in pages_of(answer) for text in page)

    assert "All three say so. \\[1\\]\\[2\\]\\[3\\]" in shown
    assert shown.count("](https://") == 3


def test_of_many_sources_less_of_the_passage_around_each_quote_is_shown() -> None:
    few, many = texts(answer_card(many_sources(2, 50)))[2], texts(answer_card(many_sources(4, 50)))[2]

    assert few.count("b ") > 2 * many.count("b ") > 50
    assert many.split("\n")[2].startswith("> … b ")


def test_the_numbers_of_what_a_page_names_are_its_buttons() -> None:
    assert buttons(answer_card(many_sources(6, 20), number=17))[:6] == [
        *((f"[{n}]", f"dl:quote:17:{n}") for n in range(1, 7)),
    ]
    assert buttons(answer_card(many_sources(9, 20), number=17, page=2))[:4] == [
        *((f"[{n}]", f"dl:quote:17:{n}") for n in range(5, 9)),
    ]


def test_a_card_without_a_number_has_no_buttons_and_one_with_it_those_that_make_sense() -> None:
    assert buttons(answer_card(convoy.convoy_answer())) == []
    about = [("Follow up", "dl:follow:17"), ("👍", "dl:up:17"), ("👎", "dl:down:17"), ("Delete", "dl:delete:17")]
    assert buttons(answer_card(convoy.abstention(), number=17)) == about
    turning = buttons(answer_card(many_sources(9, 20), number=17, page=2))[4:]
    assert turning == [("‹ Back", "dl:page:17:1"), ("Next ›", "dl:page:17:3"), *about]


def test_a_copy_for_one_person_turns_by_itself_and_has_no_buttons_about_the_answer() -> None:
    shown = buttons(answer_card(many_sources(9, 20), number=17, page=2, is_copy=True))[4:]

    assert shown == [("‹ Back", "dl:leaf:17:1"), ("Next ›", "dl:leaf:17:3")]


def test_more_sources_are_offered_where_there_are_copies_or_articles_that_are_not_quoted() -> None:
    answer = convoy.convoy_answer()
    copies = {convoy.WIRE.id: (CopyOf("c", "v", "A title", "A paper", None, None, None),)}
    findings = replace(answer.evidence.findings, copies=copies)
    copied = replace(answer, evidence=replace(answer.evidence, findings=findings))
    found = replace(answer, evidence=convoy.evidence("?", (convoy.WIRE, convoy.LEDGER, convoy.article("Else."))))

    for more in (copied, found):
        assert ("More sources", "dl:sources:17") in buttons(answer_card(more, number=17))
    assert "More sources" not in dict(buttons(answer_card(answer, number=17)))


def test_a_card_read_from_what_was_kept_is_the_card_of_the_answer() -> None:
    for outcome in (convoy.convoy_answer(), many_sources(9, 300), convoy.abstention()):
        kept = json.loads(json.dumps(kept_fields(outcome)))
        for page in (1, 2):
            again = answer_card(kept, number=17, page=page, question_shown=True)
            assert (
                again.to_components() == answer_card(outcome, number=17, page=page, question_shown=True).to_components()
            )


def test_a_question_for_the_latest_is_warned_of_an_index_that_is_behind() -> None:
    def asked(text: str, newest: datetime) -> str:
        plain = convoy.convoy_answer(text)
        known = Published(newest, Precision.DAY)
        findings = replace(plain.evidence.findings, newest_known=known, index=IndexSize(20, 61, newest, known.day_text))
        return "\n".join(texts(answer_card(replace(plain, evidence=replace(plain.evidence, findings=findings)))))

    old, new = datetime(2020, 9, 22, tzinfo=UTC), datetime(2020, 9, 30, tzinfo=UTC)
    warning = "⚠️ My newest article is of 22 September 2020 (9 days ago): what happened since is missing here."
    assert warning in asked("What is the latest on the convoy?", old)
    assert "⚠️" not in asked("What is the latest on the convoy?", new)
    assert "⚠️" not in asked("What weapons were in the convoy?", old)


def test_a_quote_that_is_too_long_alone_is_cut_visibly() -> None:
    answer = many_sources(1, 3000)
    source = pages_of(replace(answer, claims=(replace(answer.claims[0], text="Short."),)))[0][1]

    assert source.count("q") < 1000
    assert "q…**" in source


def test_a_title_and_a_publisher_that_are_too_long_are_cut_visibly() -> None:
    of = convoy.article("The quote.", title="t" * 3000, source="p" * 3000)

    source = texts(answer_card(convoy.answer_quoting(convoy.citation(1, of, "The quote."))))[2]

    assert source.split("\n")[0] == f"**\\[1\\] {'t' * 249}…**"
    assert source.split("\n")[1] == f"{'p' * 99}… · date not given"


@pytest.mark.parametrize("wide", ["*", "\u3042", "🙂"])
def test_the_widest_of_everything_keeps_within_the_limits_on_every_page(wide: str) -> None:
    url = "https://paper.example/".ljust(512, "u")
    of = convoy.article(wide * 9000, title=wide * 3000, url=url, source=wide * 3000)
    cited = [convoy.citation(n, replace(of, usage_terms=wide * 900), wide * 9000) for n in range(1, 6)]
    answer = convoy.answer_quoting(*cited, asked=wide * 3000, notice=wide * 3000)
    claims = (Claim(wide * 2000, (1, 2, 3, 4, 5) * 9, 1.0, True),) * 2
    question = answer.evidence.question.reworded(wide * 2000)
    answer = replace(answer, claims=claims, evidence=replace(answer.evidence, question=question))

    pages = pages_of(answer, question_shown=True)

    assert pages[0][0].startswith("-# Question: ")
    assert len(pages) > 5


def test_an_excerpt_is_told_as_one_and_the_publishers_terms_stand_small_below() -> None:
    of = replace(convoy.WIRE, is_excerpt=True, usage_terms="Not for *resale*. " * 20)
    _, source, *_ = [
        text for text in texts(answer_card(convoy.answer_quoting(convoy.citation(1, of, convoy.GUNS)))) if text != "---"
    ]
    _, byline, terms, *_ = source.splitlines()
    assert byline.endswith("UTC (2 days ago) (excerpt)")
    assert terms.startswith("-# Not for \\*resale\\*. Not")
    assert terms.endswith("…")
    assert len(terms) < 130


SNIPPETS = [
    *("@everyone", "<@1>", "<@&1>", "<#1>", "</ask:1>", "<t:1:R>", "<id:guide>", "<:a:1>", "[x](http://evil.example)"),
    *(
        "https://evil.example",
        "**",
        "||",
        "`",
        "](",
        "\\",
        "\n",
        "\n# ",
        "\n> ",
        "\u202e",
        "🙂",
        "[",
        "]",
        " ",
        "word ",
    ),
]
hostile = st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=10), max_size=12).map("".join)
long = st.builds(lambda text, times: text * times, hostile, st.sampled_from([1, 1, 5, 30]))
said = long.map(lambda text: text if text else "x")
address = st.none() | hostile.map(lambda rest: f"https://paper.example/{rest}") | hostile


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    cited: list[Citation] = []
    for n in range(1, draw(st.integers(1, 3)) + 1):
        before, quote, after = draw(long), draw(said), draw(long)
        of = Article(
            "a", draw(said), draw(st.none() | long), draw(address), None, None, (), "en", before + quote + after
        )
        of = replace(of, is_excerpt=draw(st.booleans()), usage_terms=draw(st.none() | long))
        passage = Passage("p", of.id, of.version, 0, len(of.text), of.text)
        cited.append(Citation(n, of, of.version, len(before), len(before) + len(quote), quote, passage))
    cited += [replace(cited[-1], n=len(cited) + 1 + more) for more in range(draw(st.sampled_from([0, 0, 9, 42])))]
    claims = [Claim(draw(said), tuple(c.n for c in cited if draw(st.booleans())) or (1,), 1.0, draw(st.booleans()))]
    claims *= draw(st.sampled_from([1, 2, 30]))
    answer = convoy.answer_quoting(*cited, asked=draw(said), notice=draw(st.none() | long))
    return replace(answer, claims=tuple(claims))


def read_links(markdown: str) -> list[str]:
    """Return the addresses of masked links as Discord finds them: left to right, stepping over escaped signs."""
    found, at = [], 0
    masked = re.compile(r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?([^\s)>]*)>?\s*\)")
    while at < len(markdown):
        if markdown[at] == "\\" and not markdown[at + 1 : at + 2].isalnum():
            at += 2
        elif match := masked.match(markdown, at):
            found.append(match[2])
            at = match.end()
        else:
            at += 1
    return found


def check_card(card: discord.ui.LayoutView, urls: list[str | None]) -> None:
    shown = texts(card)
    whole = "\n\n".join(shown)
    assert card.total_children_count <= MAX_COMPONENTS
    assert sum(width(text) for text in shown if text != "---") <= MAX_CHARS
    assert all(text.strip() for text in shown)
    live = r"@everyone|@here|<@!?\d|<@&\d|<#\d|</ask|<t:\d|<id:|<:a:|\u202e"
    assert not re.search(live, whole)
    links = read_links(whole)
    allowed = Counter({safe_url(url): 10_000 for url in urls if safe_url(url)})
    assert not Counter(links) - allowed
    assert len(links) == whole.count("](")
    for url in set(links):
        whole = whole.replace(f"]({url})", "]")
    assert not re.search(r"https?://", whole)


@settings(max_examples=150, deadline=None)
@given(answers(), st.booleans())
def test_whatever_publishers_write_an_answer_keeps_its_limits_and_holds_our_links_alone(
    answer: Answer, question_shown: bool
) -> None:
    check_card(answer_card(answer, question_shown=question_shown), [c.article.url for c in answer.citations])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(said, address, st.none() | long), max_size=3), said, long)
def test_whatever_publishers_write_an_abstention_keeps_its_limits_and_holds_our_links_alone(
    near: list[tuple[str, str | None, str | None]], asked: str, notice: str
) -> None:
    articles = tuple(convoy.article("text", title=title, url=url, source=source) for title, url, source in near)
    abstention: Abstention = replace(convoy.abstention(asked), nearest=articles, notice=notice)

    check_card(answer_card(abstention, question_shown=True), [near.url for near in articles])


@given(said)
def test_whatever_a_problem_says_its_card_keeps_its_limits(sentence: str) -> None:
    shown = texts(problem_card(sentence))

    assert sum(width(text) for text in shown) <= MAX_CHARS
    assert read_links("".join(shown)) == []


def test_the_footer_says_how_a_follow_up_was_understood_and_the_heading_how_it_was_typed():
    plain = convoy.convoy_answer("and how many?")
    question = plain.evidence.question.reworded("how many *guns*?")
    answer = replace(plain, evidence=replace(plain.evidence, question=question))
    shown = texts(answer_card(answer, question_shown=True))
    assert "-# Question: and how many?" in "\n".join(shown)
    assert "Understood as: how many \\*guns\\*?" in "\n".join(shown)
    assert "Understood as" not in "\n".join(texts(answer_card(plain)))


def test_the_short_answer_stands_first_in_bold_with_its_mark() -> None:
    short = ShortAnswer("Brak *al-Shati*", "place", 1, 0.9)
    first = texts(answer_card(replace(convoy.convoy_answer(), short_answer=short)))[0]
    assert first == f"**Brak \\*al-Shati\\*** [[1]]({convoy.WIRE.url})"


def test_what_sources_say_where_they_differ_stands_first_with_who_and_when() -> None:
    agreement = Agreement(1, "number", (Told("five", (2,)), Told("seven", (1,))))
    first = texts(answer_card(replace(convoy.convoy_answer(), agreement=agreement)))[0].split("\n")
    assert first[0] == "Sources differ:"
    assert first[1].startswith("- **five** (The Aldenmoor Ledger · 30 September 2020) [[2]]")
    assert first[2].startswith("- **seven** (Sirte Coast Wire · 29 September 2020, 08:15 UTC) [[1]]")


def test_copies_of_a_cited_article_are_named_with_it_and_counted_where_they_are_many() -> None:
    answer = convoy.convoy_answer()
    copies = [CopyOf(f"c-{n}", "v", "A title", f"Paper _{n}_", None, None, None) for n in range(5)]
    own = CopyOf("c-9", "v", "A title", convoy.WIRE.source, None, None, None)
    findings = replace(answer.evidence.findings, copies={convoy.WIRE.id: (own, *copies)})
    shown = texts(answer_card(replace(answer, evidence=replace(answer.evidence, findings=findings))))[2]
    assert "-# also in Paper \\_0\\_, Paper \\_1\\_, Paper \\_2\\_ and 2 more" in shown


def test_many_long_values_fit_the_card() -> None:
    answer = convoy.convoy_answer()
    told = tuple(Told("*" * 500, (1, 2)) for _ in range(4))
    card = answer_card(replace(answer, agreement=Agreement(1, "name", told)))
    assert sum(width(text) for text in texts(card)) <= MAX_CHARS


def test_of_several_questions_each_is_named_above_its_short_answer_or_what_differs() -> None:
    short, agreement = ShortAnswer("five", "number", 1, 0.9), Agreement(1, "number", (Told("2", (1,)), Told("3", (2,))))
    parts = (
        AnswerPart("How many *guns*?", True, 0, short),
        AnswerPart("Who won?", False, 1),
        AnswerPart("How many Pantsirs?", True, 1, None, agreement),
    )
    first = texts(answer_card(replace(convoy.convoy_answer(), parts=parts)))[0].split("\n")
    assert first[:4] == [
        "-# How many \\*guns\\*?",
        f"**five** [[1]]({convoy.WIRE.url})",
        "",
        "-# How many Pantsirs?",
    ]
    assert first[4] == "Sources differ:"
    assert first[5].startswith("- **2**") and first[6].startswith("- **3**")


def test_three_long_questions_with_long_values_fit_the_card() -> None:
    told = tuple(Told("*" * 500, (1, 2)) for _ in range(4))
    parts = tuple(AnswerPart("_" * 900, True, n, None, Agreement(1, "name", told)) for n in range(3))
    card = answer_card(replace(convoy.convoy_answer(), parts=parts))
    assert sum(width(text) for text in texts(card)) <= MAX_CHARS
