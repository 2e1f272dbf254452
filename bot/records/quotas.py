"""How many answers a chat model has written today, in a server and in all, so that a budget can be kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from bot.records.store import Store
from bot.records.tables import quotas

# Direct messages and people's own installs count together.
_NO_GUILD = 0
_DAYS = 7


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of a day (UTC): in one server (or in none, together), and in all."""

    in_guild: int
    in_all: int


class Quotas:
    """Counts a day (UTC) and a server. Owns nothing."""

    def __init__(self, store: Store, *, now: Callable[[], datetime]) -> None:
        """Wire it."""
        self._store = store
        self._now = now

    async def used(self, guild_id: int | None) -> Used:
        """Tell what was used today; `guild_id` None is outside of servers."""
        return await self._store.run(_used, self._today(), guild_id or _NO_GUILD)

    async def take(
        self, guild_id: int | None, *, guild_limit: int | None = None, total_limit: int | None = None
    ) -> bool:
        """Take one of today's budget, if both limits leave one: those who ask at once cannot all have the last.

        Args:
            guild_id: the server; None outside of servers.
            guild_limit: how many this server has a day; None is no limit.
            total_limit: how many there are in all; None is no limit.

        Returns:
            False if none is left, so that none was taken.
        """
        return await self._store.run(_take, self._today(), guild_id or _NO_GUILD, guild_limit, total_limit)

    async def expire(self) -> int:
        """Delete the counts of days that are over for a week; how many."""
        return await self._store.run(_expire, self._today() - timedelta(days=_DAYS))

    def _today(self) -> date:
        return self._now().astimezone(UTC).date()


def _used(connection: Connection, day: date, guild_id: int) -> Used:
    here = select(func.coalesce(func.sum(quotas.c.used), 0)).where(quotas.c.day == day)
    in_guild = connection.scalar(here.where(quotas.c.guild_id == guild_id))
    return Used(int(in_guild or 0), int(connection.scalar(here) or 0))


def _take(connection: Connection, day: date, guild_id: int, guild_limit: int | None, total_limit: int | None) -> bool:
    used = _used(connection, day, guild_id)
    if guild_limit is not None and used.in_guild >= guild_limit:
        return False
    if total_limit is not None and used.in_all >= total_limit:
        return False
    put = insert(quotas).values(day=day, guild_id=guild_id, used=1)
    more = {"used": quotas.c.used + 1}
    connection.execute(put.on_conflict_do_update(index_elements=["day", "guild_id"], set_=more))
    return True


def _expire(connection: Connection, before: date) -> int:
    return connection.execute(delete(quotas).where(quotas.c.day < before)).rowcount
