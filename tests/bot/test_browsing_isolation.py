"""What a server has privately shows in no list, choice or source of a quote elsewhere, as if it were not there."""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from dataclasses import replace
from types import SimpleNamespace

import pytest
import pytest_asyncio
from private_feeds import ASKED_AT, SERVERS, make_news, mark_of, open_home

from bot.answering.questions import Question, server_scope
from bot.browsing import Browsing

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEWS = make_news(7)
#: Whoever asks: in a direct message, in a server of the home, and in one that has no feeds.
ASKERS = (None, SERVERS[0], SERVERS[1], 999)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homes(tmp_path_factory):
    """Open a home with all servers, and for each who asks one with no more than that may see."""
    async with AsyncExitStack() as stack:

        async def opened(servers):
            home = await stack.enter_async_context(open_home(tmp_path_factory.mktemp("home"), NEWS, servers))
            return Browsing(home.engine, now=lambda: ASKED_AT, check=lambda: None)

        alone = {asker: await opened([asker] if asker in SERVERS else []) for asker in ASKERS}
        yield SimpleNamespace(everybody=await opened(SERVERS), alone=alone)


def marks_of_others(asker):
    return [word for other in SERVERS if other != asker for word in (mark_of(other), f"Tribune {other}")]


@pytest.mark.parametrize("asker", ASKERS)
async def test_lists_and_choices_are_those_of_what_may_be_seen(homes, asker):
    scope, everybody, alone = server_scope(asker), homes.everybody, homes.alone[asker]
    for told, expected in (
        (await everybody.latest(None, scope), await alone.latest(None, scope)),
        (await everybody.listed(scope), await alone.listed(scope)),
        (await everybody.source_names(scope), await alone.source_names(scope)),
    ):
        assert told == expected
        assert not [mark for mark in marks_of_others(asker) if mark in str(told)]
    assert (f"Guild Tribune {asker}" in await everybody.source_names(scope)) is (asker in SERVERS)


@pytest.mark.parametrize("asker", ASKERS)
async def test_the_newest_on_a_topic_and_its_story_are_those_of_what_may_be_seen(homes, asker):
    scope, everybody, alone = server_scope(asker), homes.everybody, homes.alone[asker]
    for topic in random.Random(1).sample(NEWS.names, 12):
        told = await everybody.latest(topic, scope)
        assert told == await alone.latest(topic, scope), topic
        assert not [mark for mark in marks_of_others(asker) if mark in str(told)]
        question = Question(topic, ASKED_AT, scope=scope)
        story, expected = await everybody.timeline(question), await alone.timeline(question)
        assert replace(story, took_ms=0.0) == replace(expected, took_ms=0.0), topic


@pytest.mark.parametrize("asker", ASKERS)
async def test_a_quote_of_a_private_article_comes_from_where_it_may_be_seen_alone(homes, asker):
    scope, everybody, alone = server_scope(asker), homes.everybody, homes.alone[asker]
    found = 0
    for server in SERVERS:
        for article in NEWS.private[server][::3]:
            quote = " ".join(article.text.split()[2:16])
            for message in (quote, quote.replace(" the ", " that ")):
                told = await everybody.quotes(f"“{message}”", scope)
                assert told == await alone.quotes(f"“{message}”", scope), message
                assert not [mark for mark in marks_of_others(asker) if mark in str(told.quotes[0].match)]
                found += told.quotes[0].match is not None
    assert found, "no quote was ever found"
