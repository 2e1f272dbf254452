"""What a server's managers have set: where the bot may speak, how, and how much."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from bot.records.store import Store
from bot.records.tables import guilds


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """The settings of one server; those of a server that has set nothing are `GuildSettings()`.

    Attributes:
        channel_ids: the channels in which it may speak, with their threads; None is everywhere, empty is nowhere.
        opens_threads: an answer to a message opens a thread.
        is_private: answers are shown to whoever asked alone, unless they ask otherwise.
        cooldown_s: seconds between two questions of one person; None: what holds for all servers.
        model_answers_a_day: answers by a chat model a day; None: what holds for all servers, 0: none.
    """

    channel_ids: frozenset[int] | None = None
    opens_threads: bool = False
    is_private: bool = False
    cooldown_s: float | None = None
    model_answers_a_day: int | None = None

    def may_speak_in(self, *channel_ids: int | None) -> bool:
        """Tell whether it may speak in a channel, given by its id and, for a thread, its parent's."""
        return self.channel_ids is None or not self.channel_ids.isdisjoint(channel_ids)


class Guilds:
    """Reads and writes servers' settings; what was read is remembered. Owns nothing."""

    def __init__(self, store: Store) -> None:
        """Wire it: one object for a home, for nobody else may write."""
        self._store = store
        self._remembered: dict[int, GuildSettings] = {}

    async def read(self, guild_id: int) -> GuildSettings:
        """Read the settings of a server; `GuildSettings()` if it has set nothing."""
        if guild_id not in self._remembered:
            self._remembered[guild_id] = await self._store.run(_read, guild_id)
        return self._remembered[guild_id]

    async def write(self, guild_id: int, settings: GuildSettings) -> None:
        """Set a server's settings, all of them."""
        self._remembered.pop(guild_id, None)
        await self._store.run(_write, guild_id, settings)
        self._remembered[guild_id] = settings

    async def remove(self, guild_id: int) -> None:
        """Delete a server's settings: the bot has left it."""
        self._remembered.pop(guild_id, None)
        await self._store.run(_remove, guild_id)


def _read(connection: Connection, guild_id: int) -> GuildSettings:
    row = connection.execute(select(guilds).where(guilds.c.guild_id == guild_id)).mappings().first()
    if row is None:
        return GuildSettings()
    fields = {name: row[name] for name in GuildSettings.__slots__}
    return GuildSettings(
        **fields | {"channel_ids": None if row["channel_ids"] is None else frozenset(row["channel_ids"])}
    )


def _write(connection: Connection, guild_id: int, settings: GuildSettings) -> None:
    row = {name: getattr(settings, name) for name in GuildSettings.__slots__}
    row["channel_ids"] = None if settings.channel_ids is None else sorted(settings.channel_ids)
    put = insert(guilds).values(guild_id=guild_id, **row)
    connection.execute(put.on_conflict_do_update(index_elements=["guild_id"], set_=row))


def _remove(connection: Connection, guild_id: int) -> None:
    connection.execute(delete(guilds).where(guilds.c.guild_id == guild_id))
