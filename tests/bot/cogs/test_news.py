"""/news: a server's managers look after its own feeds and say where the bot speaks; nobody else can, or sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from connected_bot import Bot
from fake_discord import Channel, FakeDiscord, Message, User
from fake_discord.permissions import Permission
from loopback_site import Site, serve_courier

from bot.feeds import FeedOperations
from bot.operations import Operations


@pytest.fixture
def site():
    with serve_courier() as served:
        yield served


@pytest.fixture
async def operations(tmp_path: Path, open_operations: Any, settings: Any, site: Site) -> AsyncIterator[Operations]:
    allowed = {"private_hosts": [site.host], "host_delay_s": 0.0, "timeout_s": 10.0}
    polite = settings.model_copy(update={"intake": settings.intake.model_copy(update=allowed)})
    async with open_operations(tmp_path / "engine", changed=polite) as opened:
        yield opened


@pytest.fixture
def served(bot: Bot, operations: Operations) -> Bot:
    """The bot with feeds to look after."""
    bot.feeds = operations.feeds
    return bot


def manager_of(discord: FakeDiscord) -> User:
    return discord.add_user("Manager", permissions=Permission.MANAGE_GUILD)


class Leaving:
    """The operations on feeds, and when all feeds of a server have been removed."""

    def __init__(self, feeds: FeedOperations) -> None:
        self.done = asyncio.Event()
        self.add, self.list, self.turn, self.test = feeds.add, feeds.list, feeds.turn, feeds.test
        self._leave = feeds.leave

    async def leave(self, arguments: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        async for event in self._leave(arguments):
            yield event
        self.done.set()


async def news(discord: FakeDiscord, user: User, words: str, channel: Channel | None = None, **options: Any) -> Message:
    used = await discord.slash(f"news {words}", options, user=user, channel=channel)
    card = await used.answer()
    assert card.ephemeral
    return card


async def test_a_manager_adds_lists_and_removes_a_feed_of_the_servers_own(
    discord: FakeDiscord, served: Bot, operations: Operations, site: Site
) -> None:
    manager = manager_of(discord)
    async with served.running(discord):
        added = await news(discord, manager, "feeds add", url=site.url(), source="Courier *bold*")
        again = await news(discord, manager, "feeds add", url=site.url("/rss.xml"))
        listed = await news(discord, manager, "feeds list")
        offered = await discord.autocomplete("news feeds remove", "feed", {"feed": "cour"}, user=manager)
        choices = await offered.choices()
        removed = await news(discord, manager, "feeds remove", feed=choices[0]["value"])
        empty = await news(discord, manager, "feeds list")

    assert "This server now follows" in added.text
    assert site.url("/sport.xml").removeprefix("http://") in added.text.replace("\u200b", "").removeprefix("http://")
    assert "follows" in again.text and "already" in again.text
    assert "1 feed of this server's own" in listed.text
    assert "Courier \\*bold\\*" in listed.text
    assert [choice["name"] for choice in choices] == ["1. Courier *bold*"]
    assert "Removed" in removed.text
    assert "no feeds of its own" in empty.text


async def test_one_server_learns_nothing_of_anothers_feeds(discord: FakeDiscord, served: Bot, site: Site) -> None:
    manager = manager_of(discord)
    elsewhere = discord.add_channel("general", guild=discord.add_guild("Elsewhere"))
    assert elsewhere.guild is not None
    discord.join(elsewhere.guild, manager, Permission.MANAGE_GUILD)
    async with served.running(discord):
        await news(discord, manager, "feeds add", url=site.url("/sport.xml"))
        await news(discord, manager, "feeds add", url=site.url("/rss.xml"))
        listed = await news(discord, manager, "feeds list", elsewhere)
        offered = await discord.autocomplete("news feeds remove", "feed", {"feed": ""}, user=manager, channel=elsewhere)
        refused = await news(discord, manager, "feeds remove", elsewhere, feed="1")
        named = await news(discord, manager, "feeds remove", elsewhere, feed=site.url("/rss.xml"))
        tried = await news(discord, manager, "feeds test", elsewhere, url=site.url("/rss.xml"))
        added = await news(discord, manager, "feeds add", elsewhere, url=site.url("/rss.xml"))
        own = await news(discord, manager, "feeds list", elsewhere)

    assert "no feeds of its own" in listed.text
    assert await offered.choices() == []
    assert "no feed of that name" in refused.text
    assert "no feed of that name" in named.text
    assert "public already" not in tried.text
    assert "This server now follows" in added.text
    assert "1\\." in own.text and "2\\." not in own.text


async def test_a_public_feed_is_told_to_be_public_and_not_added(
    discord: FakeDiscord, served: Bot, operations: Operations, site: Site
) -> None:
    manager = manager_of(discord)
    _ = [event async for event in operations.perform("feeds add", {"url": site.url("/rss.xml")})]
    async with served.running(discord):
        tried = await news(discord, manager, "feeds test", url=site.url("/rss.xml"))
        added = await news(discord, manager, "feeds add", url=site.url("/rss.xml"))
        listed = await news(discord, manager, "feeds list")

    assert "public already" in tried.text
    assert "public already" in added.text
    assert "no feeds of its own" in listed.text


async def test_trying_out_shows_what_would_be_taken(discord: FakeDiscord, served: Bot, site: Site) -> None:
    manager = manager_of(discord)
    async with served.running(discord):
        tried = await news(discord, manager, "feeds test", url=site.url())
        listed = await news(discord, manager, "feeds list")

    assert "1 article would be taken; nothing was." in tried.text
    assert "Linnet Bridge opens" in tried.text
    assert "Also offered there" in tried.text
    assert "no feeds of its own" in listed.text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://10.0.0.1/feed.xml", "must lead to a public site"),
        ("ftp://news.example/feed.xml", "no address that I can fetch"),
        ("http://me:secret@news.example/feed.xml", "no address that I can fetch"),
        ("/empty", "no feed of news"),
    ],
)
async def test_an_address_that_cannot_be_followed_is_told_in_a_sentence(
    discord: FakeDiscord, served: Bot, site: Site, url: str, said: str
) -> None:
    manager = manager_of(discord)
    site.put("/empty", "nothing", "text/plain")
    url = site.url(url) if url.startswith("/") else url
    async with served.running(discord):
        for words in ("feeds test", "feeds add"):
            assert said in (await news(discord, manager, words, url=url)).text
        assert "no feeds of its own" in (await news(discord, manager, "feeds list")).text


async def test_a_server_has_no_more_feeds_than_it_may_even_if_they_are_added_at_once(
    discord: FakeDiscord, served: Bot, site: Site
) -> None:
    manager = manager_of(discord)
    served.feeds_per_server = 1
    async with served.running(discord):
        adding = (news(discord, manager, "feeds add", url=site.url(path)) for path in ("/rss.xml", "/sport.xml"))
        told = [card.text for card in await asyncio.gather(*adding)]
        listed = await news(discord, manager, "feeds list")

    assert sum("now follows" in text for text in told) == 1
    assert sum("has 1 feed of its own, as many as it may" in text for text in told) == 1
    assert "1 feed of this server's own" in listed.text


async def test_where_servers_may_add_none_that_is_said(discord: FakeDiscord, served: Bot, site: Site) -> None:
    manager = manager_of(discord)
    served.feeds_per_server = 0
    async with served.running(discord):
        told = [await news(discord, manager, f"feeds {words}", url=site.url("/rss.xml")) for words in ("add", "test")]

    assert ["lets servers add no feeds" in card.text for card in told] == [True, True]
    assert not site.requests


async def test_only_managers_see_it_and_only_where_a_server_has_the_bot(discord: FakeDiscord, served: Bot) -> None:
    installer = discord.add_user("Installer", has_installed_app=True)
    elsewhere = discord.add_guild("Elsewhere", bot_is_member=False)
    discord.join(elsewhere, installer, Permission.MANAGE_GUILD)
    places = [discord.channel, discord.dm(installer), discord.add_channel("talk", guild=elsewhere)]
    async with served.running(discord):
        for place in places:
            with pytest.raises(LookupError):
                await discord.slash("news feeds list", user=installer, channel=place)


@pytest.mark.parametrize("words", ["feeds list", "channel", "limits"])
async def test_whoever_a_server_offers_it_to_without_the_permission_is_refused(
    discord: FakeDiscord, served: Bot, words: str
) -> None:
    async with served.running(discord):
        command = discord.state.command("news", 1, discord.guild)
        command["default_member_permissions"] = None  # as if an administrator had offered it to everybody
        told = await news(discord, discord.user, words)
        offered = await discord.autocomplete("news feeds remove", "feed", {"feed": ""})
        choices = await offered.choices()

    assert "Manage Server" in told.text
    assert choices == []


async def test_a_manager_says_where_and_how_the_bot_answers_and_is_told_how_it_is_set(
    discord: FakeDiscord, served: Bot
) -> None:
    manager, channel = manager_of(discord), discord.channel
    async with served.running(discord):
        at_first = await news(discord, manager, "channel")
        refused = await news(discord, manager, "channel", disallow=channel)
        allowed = await news(discord, manager, "channel", allow=channel, threads=True, private=True)
        none = await news(discord, manager, "channel", disallow=channel)
        again = await news(discord, manager, "channel", everywhere=True, threads=False, private=False)

    assert "in every channel that I see" in at_first.text and "Set." not in at_first.text
    assert "name the ones where I may" in refused.text
    assert f"Set.** So I answer in this server:\n- In front of all only in {channel.mention}" in allowed.text
    assert "in a thread on it" in allowed.text
    assert "shown to whoever asks alone" in allowed.text
    assert "In front of all nowhere" in none.text
    assert again.text == at_first.text.replace("**So", "**Set.** So").replace("server:**", "server:")


async def test_a_manager_limits_what_is_asked_and_lets_it_go_again(discord: FakeDiscord, served: Bot) -> None:
    manager = manager_of(discord)
    async with served.running(discord):
        assert served.records is not None
        card = await news(discord, manager, "limits", questions=3, model_requests=0)
        kept = await served.records.guilds.read(int(discord.guild.id))
        reset = await news(discord, manager, "limits", reset=True)

    assert "Questions of one person: 3 a minute" in card.text
    assert "Requests to a chat model, if I use one: 0 a day" in card.text
    assert (kept.cooldown_s, kept.model_answers_a_day) == (20.0, 0)
    assert reset.text.count("as many as everywhere") == 2


async def test_a_manager_is_told_that_the_bot_lacks_the_permission_for_threads(
    discord: FakeDiscord, served: Bot
) -> None:
    discord.guild.everyone &= ~Permission.CREATE_PUBLIC_THREADS
    async with served.running(discord):
        card = await news(discord, manager_of(discord), "channel", threads=True)

    assert "Create Public Threads" in card.text


async def test_leaving_a_server_takes_its_settings_and_feeds(
    discord: FakeDiscord, served: Bot, operations: Operations, site: Site
) -> None:
    manager, leaving = manager_of(discord), Leaving(operations.feeds)
    served.feeds = leaving
    async with served.running(discord):
        assert served.records is not None
        await news(discord, manager, "feeds add", url=site.url("/rss.xml"))
        await news(discord, manager, "channel", private=True)
        discord.remove_bot(discord.guild)
        async with asyncio.timeout(10):
            await leaving.done.wait()
        settings = await served.records.guilds.read(int(discord.guild.id))

    (left,) = [event async for event in operations.perform("feeds list", {})]
    assert not settings.is_private
    assert left["feeds"] == []
