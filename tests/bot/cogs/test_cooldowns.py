"""How many questions one person may ask in a minute."""

from __future__ import annotations

import pytest

from bot.cogs.cooldowns import Cooldowns, ServerCooldowns
from bot.rendering.asking_problems import CoolingDown

ANN, BOB = 1, 2


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def refused(cooldowns: Cooldowns, user_id: int) -> CoolingDown:
    with pytest.raises(CoolingDown) as refusal:
        cooldowns.count(user_id)
    return refusal.value


def test_one_person_is_told_how_long_to_wait_and_others_are_not_held_up() -> None:
    clock = Clock()
    cooldowns = Cooldowns(per_minute=2, clock=clock)
    cooldowns.count(ANN)
    clock.now_s += 20
    cooldowns.count(ANN)

    refusal = refused(cooldowns, ANN)

    assert (refusal.limit, refusal.wait_s) == (2, 40.0)
    cooldowns.count(BOB)


def test_a_minute_after_the_first_question_the_next_one_is_taken() -> None:
    clock = Clock()
    cooldowns = Cooldowns(per_minute=1, clock=clock)
    cooldowns.count(ANN)
    refused(cooldowns, ANN)

    clock.now_s += 60.1

    cooldowns.count(ANN)


def test_only_the_first_refusal_of_a_minute_is_the_first() -> None:
    clock = Clock()
    cooldowns = Cooldowns(per_minute=1, clock=clock)
    cooldowns.count(ANN)
    cooldowns.count(BOB)

    told = [refused(cooldowns, ANN).is_first, refused(cooldowns, ANN).is_first, refused(cooldowns, BOB).is_first]
    clock.now_s += 60.1
    cooldowns.count(ANN)
    told.append(refused(cooldowns, ANN).is_first)

    assert told == [True, False, True, True]


def test_zero_is_no_limit() -> None:
    cooldowns = Cooldowns(per_minute=0, clock=Clock())

    for _ in range(1000):
        cooldowns.count(ANN)


def test_each_server_counts_for_itself_by_its_own_limit_and_anew_once_that_is_changed() -> None:
    cooldowns = ServerCooldowns(clock=Clock())
    here, there = 10, 20
    cooldowns.count(here, ANN, 1)
    cooldowns.count(there, ANN, 1)
    cooldowns.count(here, BOB, 1)
    with pytest.raises(CoolingDown) as refusal:
        cooldowns.count(here, ANN, 1)
    assert refusal.value.limit == 1
    cooldowns.count(here, ANN, 2)
