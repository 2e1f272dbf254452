"""What a follow-up is understood from: bounded, one person's in one place, and forgotten after a set time."""

from datetime import timedelta

from bot.answering.questions import Exchange

PLACE, OTHER_PLACE, USER, OTHER_USER = 701, 702, 11, 12


def exchange(number):
    return Exchange(f"question {number}?", f"answer {number}")


async def test_the_last_six_exchanges_are_remembered_over_a_restart_oldest_first(opened, clock):
    async with opened() as records:
        for number in range(8):
            await records.conversations.add(PLACE, USER, exchange(number), clock.at + timedelta(seconds=number))
    async with opened() as records:
        read = await records.conversations.read(PLACE, USER, clock.at + timedelta(minutes=1))
    assert read == tuple(exchange(number) for number in range(2, 8))


async def test_nobody_is_understood_from_what_another_said_or_said_elsewhere(opened, clock):
    async with opened() as records:
        await records.conversations.add(PLACE, USER, exchange(1), clock.at)
        assert await records.conversations.read(PLACE, OTHER_USER, clock.at) == ()
        assert await records.conversations.read(OTHER_PLACE, USER, clock.at) == ()


async def test_an_exchange_is_forgotten_after_its_minutes_and_the_later_ones_stay(opened, clock):
    async with opened(minutes=60) as records:
        for number in range(2):
            await records.conversations.add(PLACE, USER, exchange(number), clock.at + timedelta(minutes=30 * number))
        clock.at += timedelta(minutes=61)
        assert await records.conversations.read(PLACE, USER, clock.at) == (exchange(1),)
        assert await records.conversations.expire() == 1
        assert await records.conversations.expire() == 0


async def test_a_conversation_can_be_cleared(opened, clock):
    async with opened() as records:
        for place in (PLACE, OTHER_PLACE):
            await records.conversations.add(place, USER, exchange(1), clock.at)
        assert await records.conversations.clear(PLACE, USER) == 1
        assert await records.conversations.read(PLACE, USER, clock.at) == ()
        assert await records.conversations.read(OTHER_PLACE, USER, clock.at) == (exchange(1),)
