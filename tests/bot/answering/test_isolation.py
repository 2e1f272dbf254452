"""What a server has privately shows nowhere else: answers are the very ones that they are where it is not there."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import AsyncExitStack
from types import SimpleNamespace

import pytest
import pytest_asyncio
from private_feeds import ASKED_AT, SERVERS, asked_by, make_news, make_questions, mark_of, open_home
from sqlalchemy import select

from bot.answering.questions import Question, server_scope
from retrieval.archive.tables import copy_groups

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEED, QUESTIONS = 7, 200
NEWS = make_news(SEED)
PUBLIC = {article.id for article in NEWS.public}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def homes(tmp_path_factory):
    """Open a home with all servers, and for each who asks one with no more than that may see."""
    async with AsyncExitStack() as stack:

        async def opened(servers):
            return await stack.enter_async_context(open_home(tmp_path_factory.mktemp("home"), NEWS, servers))

        alone = {None: await opened([])} | {server: await opened([server]) for server in SERVERS}
        yield SimpleNamespace(everybody=await opened(SERVERS), alone=alone)


async def test_each_answer_is_the_one_of_a_home_that_holds_no_more_than_who_asks_may_see(homes):
    """Outcomes, timelines and all that a search finds: hits and scores, weights, spellings, copies, dates, sizes."""
    statuses: Counter[str] = Counter()
    for n, question in enumerate(make_questions(NEWS, SEED, QUESTIONS)):
        server = (None, SERVERS[n % len(SERVERS)])[n % 2]
        asked, alone = asked_by(question, server), homes.alone[server]
        told = await homes.everybody.outcome(asked)
        assert told == await alone.outcome(asked), (question, server)
        assert not [other for other in SERVERS if other != server and mark_of(other) in json.dumps(told)]
        statuses[told["status"]] += 1
        if n % 5 == 0:
            assert await homes.everybody.findings(asked) == await alone.findings(asked), (question, server)
            assert await homes.everybody.timeline(asked) == await alone.timeline(asked), (question, server)
    assert min(statuses["answered"], statuses["abstained"]) > QUESTIONS / 10, "most of it was never put to the test"


async def test_a_server_is_answered_from_its_own_articles_and_nobody_else_is(homes):
    for server in SERVERS:
        asked = NEWS.private[server][0].title.removesuffix(mark_of(server))
        question = Question(f"What happened to the {asked}?", ASKED_AT)
        told = await homes.everybody.outcome(asked_by(question, server))
        assert told["status"] == "answered"
        assert mark_of(server) in told["citations"][0]["title"]
        for other in (None, *SERVERS):
            told = await homes.everybody.outcome(asked_by(question, other))
            assert (mark_of(server) in json.dumps(told)) is (other == server)


async def test_publishers_sizes_and_dates_are_those_of_what_may_be_seen(homes):
    mixed = homes.everybody.engine
    for server in (None, *SERVERS):
        scope, alone = server_scope(server), homes.alone[server].engine
        sources = await mixed.retriever.sources(scope)
        assert sources == await alone.retriever.sources(scope)
        assert [name for name in sources if "Tribune" in name] == (
            [] if server is None else [f"Guild Tribune {server}"]
        )
        assert await mixed.retriever.size(scope) == await alone.retriever.size(scope)
        assert mixed.archive.newest(scope=scope) == alone.archive.newest(scope=scope)


async def test_no_private_article_holds_public_ones_together_as_copies(homes):
    """Two public articles that a private one stands between are copies to its server alone."""
    archive = homes.everybody.engine.archive
    assert archive.copies(["bank-0"]).keys() == homes.alone[None].engine.archive.copies(["bank-0"]).keys() == set()
    for server in SERVERS:
        seen = {copy.article_id for copy in archive.copies(["bank-0"], scope=server_scope(server))["bank-0"]}
        assert seen & PUBLIC == {"bank-1"}
        assert seen - PUBLIC
    with archive.reading() as connection:
        assert set(connection.scalars(select(copy_groups.c.article_id))) <= PUBLIC


async def test_the_same_article_in_two_scopes_is_two_articles_and_for_its_server_they_are_copies(homes):
    archive, server = homes.everybody.engine.archive, SERVERS[0]
    same = next(article for article in NEWS.private[server] if article in NEWS.public)
    assert archive.current(same.id) == same
    public = {copy.article_id for copy in archive.copies([same.id]).get(same.id, ())}
    seen = archive.copies([same.id], scope=server_scope(server))[same.id]
    (own,) = [copy for copy in seen if copy.url == same.url]
    assert own.article_id != same.id
    assert own.article_id not in public
