"""How many requests a day go to the chat model: in all and for each place."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

from bot.answering.budget import EVERYWHERE, Budget, QuotasInMemory, Spent


class Day:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, 23, 59, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def make_budget(*, per_day=0, per_place=0, quotas=None, day=None, told=lambda outcome: None):
    quotas, day = quotas or QuotasInMemory(), day or Day()
    return Budget(quotas, per_day=per_day, per_place_per_day=per_place, now=day, told=told)


async def test_each_place_has_its_own_budget():
    budget = make_budget(per_place=2)
    spent = [await budget.spend(place) for place in ("guild:1", "guild:1", "guild:1", "guild:2")]
    assert spent == [None, None, Spent.HERE, None]


async def test_the_budget_in_all_counts_every_place_and_the_terminal():
    budget = make_budget(per_day=3)
    spent = [await budget.spend(place) for place in ("guild:1", "direct", None, "guild:2", None)]
    assert spent == [None, None, None, Spent.EVERYWHERE, Spent.EVERYWHERE]


async def test_a_request_that_is_refused_uses_nothing_up():
    quotas = QuotasInMemory()
    budget = make_budget(per_day=5, per_place=1, quotas=quotas)
    for _ in range(4):
        await budget.spend("guild:1")
    assert await quotas.count(EVERYWHERE, date(2026, 11, 29)) == 1


async def test_a_new_day_in_utc_begins_a_new_budget():
    day = Day()
    budget = make_budget(per_day=1, day=day)
    spent = [await budget.spend(None), await budget.spend(None)]
    day.now += timedelta(minutes=2)
    spent.append(await budget.spend(None))
    assert spent == [None, Spent.EVERYWHERE, None]


async def test_without_limits_nothing_is_counted():
    quotas = QuotasInMemory()
    budget = make_budget(quotas=quotas)
    assert await budget.spend("guild:1") is None
    assert await quotas.count("guild:1", date(2026, 11, 29)) == 0


async def test_what_was_counted_before_a_restart_counts_after_it():
    quotas = QuotasInMemory()
    await make_budget(per_day=1, quotas=quotas).spend(None)
    assert await make_budget(per_day=1, quotas=quotas).spend(None) is Spent.EVERYWHERE


async def test_of_many_requests_at_once_no_more_than_the_budget_are_allowed():
    class Slow(QuotasInMemory):
        async def count(self, place: str, day: date) -> int:
            counted = await super().count(place, day)
            await asyncio.sleep(0)  # others would take the same one meanwhile
            return counted

    heard = []
    budget = make_budget(per_day=3, quotas=Slow(), told=heard.append)
    spent = await asyncio.gather(*(budget.spend("guild:1") for _ in range(10)))
    assert spent.count(None) == 3
    assert (heard.count("allowed"), heard.count("spent")) == (3, 7)
