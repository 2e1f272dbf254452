"""The card of /sources tells the publishers with counts and dates, and the feeds by name alone."""

from __future__ import annotations

from bot.answering.listing import Listed, ListedPublisher
from bot.rendering.answer_card import ABSTENTION_COLOUR
from bot.rendering.limits import MAX_CHARS, width
from bot.rendering.sources_card import sources_card


def shown(listed: Listed) -> tuple[int, str]:
    (container,) = sources_card(listed).to_components()
    return container["accent_color"], "\n".join(one.get("content", "---") for one in container["components"])


def test_publishers_and_feeds_are_listed() -> None:
    publishers = (
        ListedPublisher("Harbour Post", 1234, "2026-03-01"),
        ListedPublisher(None, 2, "2026"),
        ListedPublisher("Old*Post", 1, None),
    )
    assert shown(Listed(publishers, ("Harbour Post", "a.example")))[1].splitlines() == [
        "**2 publishers, 1,237 articles**",
        "- Harbour Post: 1,234 articles, the newest of 1 March 2026",
        "- No publisher given: 2 articles, the newest of 2026",
        "- Old\\*Post: 1 article, none with a date",
        "---",
        "**Feeds that I follow:** Harbour Post, a.example",
    ]


def test_what_does_not_fit_is_counted() -> None:
    publishers = tuple(ListedPublisher(f"{n} " + "\u3042" * 100, 5, "2026-03-01") for n in range(100))
    text = shown(Listed(publishers, tuple(f"{n} " + "\u3042" * 100 for n in range(100))))[1]
    assert width(text) <= MAX_CHARS
    assert f"and {100 - text.count(': 5 articles')} more" in text
    assert text.startswith("**100 publishers, 500 articles**")
    followed = text.split("I follow:** ")[1]
    assert f"and {100 - followed.count(', ') - 1} more" in followed


def test_an_index_without_articles_says_so() -> None:
    colour, text = shown(Listed((), ("Harbour Post",)))
    assert colour == ABSTENTION_COLOUR.value
    assert text.splitlines() == ["There are no articles yet.", "**Feeds that I follow:** Harbour Post"]
