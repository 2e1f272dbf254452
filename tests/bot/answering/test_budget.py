"""How many requests a day go to the chat model: in all and for each server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.answering.budget import Budget, Spent
from bot.answering.testing import CountedQuotas
from bot.records.records import open_records


def make_budget(*, per_day=0, per_guild=0, quotas=None, own_limit=None, told=lambda outcome: None):
    return Budget(
        quotas or CountedQuotas(), per_day=per_day, per_guild_per_day=per_guild, own_limit=own_limit, told=told
    )


async def test_each_server_has_its_own_budget():
    budget = make_budget(per_guild=2)
    assert [await budget.spend(guild_id) for guild_id in (1, 1, 1, 2)] == [None, None, Spent.HERE, None]


async def test_the_budget_in_all_counts_every_server_and_what_is_asked_elsewhere():
    budget = make_budget(per_day=3)
    spent = [await budget.spend(guild_id) for guild_id in (1, None, None, 2, None)]
    assert spent == [None, None, None, Spent.IN_ALL, Spent.IN_ALL]


async def test_where_both_budgets_are_spent_the_one_that_holds_everywhere_is_told():
    budget = make_budget(per_day=1, per_guild=1)
    assert [await budget.spend(1), await budget.spend(1)] == [None, Spent.IN_ALL]


async def test_a_request_that_is_refused_uses_nothing_up():
    quotas = CountedQuotas()
    budget = make_budget(per_day=5, per_guild=1, quotas=quotas)
    for _ in range(4):
        await budget.spend(1)
    assert (await quotas.used(1)).in_all == 1


async def test_without_limits_nothing_is_counted():
    quotas = CountedQuotas()
    assert await make_budget(quotas=quotas).spend(1) is None
    assert (await quotas.used(1)).in_all == 0


async def test_what_was_counted_before_a_restart_counts_after_it_until_midnight_in_utc(tmp_path):
    now, spent = datetime(2026, 11, 29, 23, 59, tzinfo=UTC), []
    for minutes in (0, 0, 2):
        at = now + timedelta(minutes=minutes)
        opening = open_records(tmp_path, now=lambda at=at: at, keep_days=1, conversation_minutes=1)
        async with opening as records:
            spent.append(await make_budget(per_day=1, quotas=records.quotas).spend(7))
    assert spent == [None, Spent.IN_ALL, None]


async def test_what_was_allowed_and_what_was_not_is_told():
    heard = []
    budget = make_budget(per_day=1, told=heard.append)
    await budget.spend(1)
    await budget.spend(1)
    assert heard == ["allowed", "spent"]


async def test_a_server_can_want_less_than_it_may_or_none_and_not_more():
    wanted = {1: 1, 2: 9, 3: 0, 4: None}

    async def own_limit(guild_id):
        return wanted[guild_id]

    budget = make_budget(per_guild=2, own_limit=own_limit)
    made = {guild_id: [await budget.spend(guild_id) for _ in range(4)].count(None) for guild_id in wanted}
    assert made == {1: 1, 2: 2, 3: 0, 4: 2}
    unlimited = make_budget(own_limit=own_limit)
    assert [await unlimited.spend(3), await unlimited.spend(4), await unlimited.spend(None)] == [Spent.HERE, None, None]
