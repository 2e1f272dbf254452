"""/news: what a server's managers set up: its own feeds, where the bot may speak and how, and how much is asked."""

from __future__ import annotations

import logging
from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.audience import installed_in
from bot.cogs.house_rules import cooldown_of, with_channels
from bot.cogs.server_feeds import ServerFeeds
from bot.delivery import Delivery
from bot.records.guilds import Guilds, GuildSettings
from bot.rendering.news_cards import added_card, feed_choice, feeds_card, removed_card, settings_card, trial_card
from bot.rendering.server_problems import NotInstalledHere, NotManaging

log = logging.getLogger(__name__)

_MOST_CHOICES = 25
_URL_CHARS = 2000
_SOURCE_CHARS = 100
_PER_MINUTE, _A_DAY = 60, 100_000


class News(commands.Cog):
    """/news feeds add|list|remove|test, /news channel, /news limits: for managers of a server, for their eyes alone.

    Discord offers them to those who have the permission Manage Server; since a server can offer them to others, that
    is checked again each time. An exception goes to the command tree's `on_error`.

    Args:
        delivery: acknowledges, and sends.
        feeds: runs the operations on a server's own feeds.
        guilds: where servers' settings are kept.
    """

    news = app_commands.Group(
        name="news",
        description="For managers: this server's own feeds, and where and how I answer.",
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )
    own = app_commands.Group(name="feeds", description="This server's own feeds, which no other sees.", parent=news)

    def __init__(self, delivery: Delivery, feeds: ServerFeeds, guilds: Guilds) -> None:
        self._delivery = delivery
        self._feeds = feeds
        self._guilds = guilds

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        """Refuse everybody who may not manage the server."""
        _managed(interaction)
        return True

    @own.command(name="add", description="Follow a feed, or the first one that a site offers, for this server alone.")
    @app_commands.describe(url="The address of a feed or of a site", source="The publisher's name, if not well told")
    async def add(
        self,
        interaction: discord.Interaction,
        url: app_commands.Range[str, 1, _URL_CHARS],
        source: app_commands.Range[str, 1, _SOURCE_CHARS] | None = None,
    ) -> None:
        """Add a feed."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        added = await self._feeds.add(_managed(interaction), url, source)
        await self._delivery.deliver(interaction, added_card(added))

    @own.command(name="list", description="This server's own feeds, and how they do.")
    async def listed(self, interaction: discord.Interaction) -> None:
        """List the feeds."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        feeds = await self._feeds.list(_managed(interaction))
        await self._delivery.deliver(interaction, feeds_card(feeds, most=self._feeds.most))

    @own.command(
        name="remove", description="Follow one of this server's own feeds no more; what it brought is forgotten."
    )
    @app_commands.describe(feed="Its number, as the list has it, or its address")
    async def remove(self, interaction: discord.Interaction, feed: app_commands.Range[str, 1, _URL_CHARS]) -> None:
        """Remove a feed."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        removed = await self._feeds.remove(_managed(interaction), feed)
        await self._delivery.deliver(interaction, removed_card(removed))

    @remove.autocomplete("feed")
    @app_commands.check(lambda interaction: bool(_managed(interaction)))  # the command's own check does not count here
    async def _offer(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        wanted = typed.casefold().strip()
        feeds = await self._feeds.list(_managed(interaction))
        named = [(feed_choice(feed), feed) for feed in feeds]
        found = [(name, feed) for name, feed in named if wanted in f"{name} {feed['url']}".casefold()]
        return [app_commands.Choice(name=name, value=str(feed["id"])) for name, feed in found[:_MOST_CHOICES]]

    @own.command(name="test", description="What would be taken from an address; nothing is.")
    @app_commands.describe(url="The address of a feed or of a site")
    async def test(self, interaction: discord.Interaction, url: app_commands.Range[str, 1, _URL_CHARS]) -> None:
        """Try out an address."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        told = await self._feeds.test(_managed(interaction), url)
        await self._delivery.deliver(interaction, trial_card(told))

    @news.command(name="channel", description="Where I may answer in front of all, and how; says how it is set now.")
    @app_commands.describe(
        allow="A channel, or a category of them, where I may; the first one makes it the only one",
        disallow="One where I may no longer",
        everywhere="True: I may in every channel; False: only where you allow it",
        threads="True: my answer to a mention opens a thread",
        private="True: answers to commands are shown to whoever asks alone, unless they say otherwise",
    )
    async def channel(
        self,
        interaction: discord.Interaction,
        allow: app_commands.AppCommandChannel | None = None,
        disallow: app_commands.AppCommandChannel | None = None,
        everywhere: bool | None = None,
        threads: bool | None = None,
        private: bool | None = None,
    ) -> None:
        """Set where and how the bot answers, and tell how that is set."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        settings = await self._guilds.read(_managed(interaction))
        allow_id, disallow_id = (None if one is None else one.id for one in (allow, disallow))
        changed = with_channels(settings, allow=allow_id, disallow=disallow_id, everywhere=everywhere)
        if threads is not None:
            changed = replace(changed, opens_threads=threads)
        if private is not None:
            changed = replace(changed, is_private=private)
        await self._set(interaction, settings, changed)

    @news.command(
        name="limits", description="How much may be asked here, within what holds everywhere; says how it is set now."
    )
    @app_commands.describe(
        questions="Questions that one person may ask here in a minute",
        model_requests="Requests to a chat model that this server may use up a day; 0: answers are always quotes",
        reset="True: only what holds everywhere",
    )
    async def limits(
        self,
        interaction: discord.Interaction,
        questions: app_commands.Range[int, 1, _PER_MINUTE] | None = None,
        model_requests: app_commands.Range[int, 0, _A_DAY] | None = None,
        reset: bool = False,
    ) -> None:
        """Set how much is asked, and tell how that is set."""
        await self._delivery.acknowledge(interaction, ephemeral=True)
        settings = await self._guilds.read(_managed(interaction))
        changed = replace(settings, cooldown_s=None, model_answers_a_day=None) if reset else settings
        if questions is not None:
            changed = replace(changed, cooldown_s=cooldown_of(questions))
        if model_requests is not None:
            changed = replace(changed, model_answers_a_day=model_requests)
        await self._set(interaction, settings, changed)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Remove what a server had set and its own feeds once the bot has left it; an outage of Discord is none."""
        await self._guilds.remove(guild.id)
        left = await self._feeds.leave(guild.id)
        log.info("left server %d: %d feeds and %d articles removed", guild.id, left["feeds"], left["articles"])

    async def _set(self, interaction: discord.Interaction, before: GuildSettings, after: GuildSettings) -> None:
        if after != before:
            await self._guilds.write(_managed(interaction), after)
        lacks_threads = not interaction.app_permissions.create_public_threads
        card = settings_card(after, was_changed=after != before, lacks_threads=lacks_threads)
        await self._delivery.deliver(interaction, card)


def _managed(interaction: discord.Interaction) -> int:
    """Tell which server somebody manages.

    Raises:
        NotInstalledHere: it is used outside of a server that has the bot.
        NotManaging: they may not manage it.
    """
    guild_id = installed_in(interaction)
    if guild_id is None:
        raise NotInstalledHere
    if not (interaction.permissions.manage_guild or interaction.permissions.administrator):
        raise NotManaging
    return guild_id
