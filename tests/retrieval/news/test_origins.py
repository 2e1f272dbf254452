"""What a site says is asked once and kept for as long as it holds."""

import asyncio

import pytest
from yarl import URL

from retrieval.errors import HostNotFound
from retrieval.news import origins
from retrieval.news.origins import OriginCache


@pytest.fixture
def asked():
    return []


async def test_all_pages_of_one_origin_share_one_answer(asked):
    async def ask(origin, before):
        asked.append(str(origin))
        number = len(asked)
        await asyncio.sleep(0)
        return number, 60

    cache = OriginCache(ask)
    urls = (
        "http://a.example/1",
        "http://a.example/2?q",
        "http://a.example:80/",
        "https://a.example/",
        "http://a.example:81/",
    )
    assert await asyncio.gather(*(cache.get(URL(url)) for url in urls)) == [1, 1, 1, 2, 3]
    assert len(asked) == 3


async def test_it_is_asked_again_when_it_does_not_hold_any_more_and_told_what_was_said(asked):
    now = [0.0]

    async def ask(origin, before):
        asked.append(before)
        return f"answer {len(asked)}", 60

    cache = OriginCache(ask, clock=lambda: now[0])
    heard = []
    for now[0] in (0.0, 59.0, 60.0, 100.0):
        heard.append(await cache.get(URL("http://a.example/")))
    assert heard == ["answer 1", "answer 1", "answer 2", "answer 2"]
    assert asked == [None, "answer 1"]


async def test_a_failure_is_raised_and_not_kept(asked):
    async def ask(origin, before):
        asked.append(origin)
        if len(asked) == 1:
            raise HostNotFound(str(origin), "no address")
        return "there", 60

    cache = OriginCache(ask)
    ends = await asyncio.gather(*(cache.get(URL("http://a.example/")) for _ in range(2)), return_exceptions=True)
    assert [type(end) for end in ends] == [HostNotFound, str]


async def test_the_least_recently_used_are_forgotten(asked, monkeypatch):
    monkeypatch.setattr(origins, "MAX_ORIGINS", 2)

    async def ask(origin, before):
        asked.append(origin.host)
        return "said", 60

    cache = OriginCache(ask)
    for name in "abacb":
        await cache.get(URL(f"http://{name}.example/"))
    assert [host[0] for host in asked] == ["a", "b", "c", "b"]
