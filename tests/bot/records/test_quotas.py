"""Budgets are counted a day and a server, and those who ask at once cannot all have the last one."""

import asyncio
from datetime import timedelta

from bot.records.quotas import Used

HERE, THERE = 501, 502


async def test_of_those_who_ask_at_once_no_more_are_let_in_than_are_left(opened):
    async with opened() as records:
        taken = await asyncio.gather(*(records.quotas.take(HERE, guild_limit=3) for _ in range(10)))
        assert sorted(taken) == [False] * 7 + [True] * 3
        assert await records.quotas.take(THERE, guild_limit=3)
        assert await records.quotas.used(HERE) == Used(3, 4)


async def test_the_total_counts_all_servers_and_direct_messages(opened):
    async with opened() as records:
        for guild_id in (HERE, THERE, None):
            assert await records.quotas.take(guild_id, total_limit=3)
        assert not await records.quotas.take(None, total_limit=3)
        assert await records.quotas.used(HERE) == Used(1, 3)


async def test_a_new_day_has_a_new_budget_and_old_counts_are_swept_away(opened, clock):
    async with opened() as records:
        assert await records.quotas.take(HERE, guild_limit=1)
        assert not await records.quotas.take(HERE, guild_limit=1)
        clock.at += timedelta(hours=12)
        assert await records.quotas.take(HERE, guild_limit=1)
        assert await records.quotas.expire() == 0
        clock.at += timedelta(days=7)
        assert await records.quotas.expire() == 1
