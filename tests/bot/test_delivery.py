"""Acknowledgements and answers get to Discord once, however often a request has to be made."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import pytest

from bot.delivery import ACKNOWLEDGED, Delivery
from bot.metrics import Metrics
from bot.rendering.answer_card import problem_card

CARD = problem_card("A card.")


class Answered:
    """The HTTP part of an exception of discord.py."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.reason = "made up"


def refusal(kind: type[discord.HTTPException], status: int, code: int) -> discord.HTTPException:
    return kind(Answered(status), {"code": code, "message": "made up"})  # type: ignore[arg-type]


BROKEN = aiohttp.ServerDisconnectedError()
DOWN = refusal(discord.DiscordServerError, 503, 0)
GONE = refusal(discord.NotFound, 404, 10062)
ALREADY = refusal(discord.HTTPException, 400, 40060)


class Asker:
    """An interaction and a message in one, at a Discord that fails in the order that a test gives, and then works."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.extras: dict[str, Any] = {}
        self.requests: list[dict[str, Any]] = []
        self.response = self.channel = self
        self.id = 77

    async def defer(self, **options: Any) -> None:
        self._request(options)

    async def edit_original_response(self, **options: Any) -> None:
        self._request(options)

    async def send(self, **options: Any) -> None:
        self._request(options)

    def _request(self, options: dict[str, Any]) -> None:
        self.requests.append(options)
        if self.failures:
            raise self.failures.pop(0)


class Discordless:
    """A delivery whose clock goes forward as it sleeps; `sent` reads the metrics."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.metrics = Metrics()
        self.delivery = Delivery(metrics=self.metrics, sleep=self.sleep, clock=lambda: self.now_s)

    async def sleep(self, delay_s: float) -> None:
        self.now_s += delay_s

    def sent(self, outcome: str) -> float:
        return self.metrics.registry.get_sample_value("dateline_deliveries_total", {"outcome": outcome}) or 0.0


async def test_an_answer_whose_connection_breaks_is_sent_again_until_it_is_there() -> None:
    asker, made = Asker(BROKEN, DOWN, TimeoutError()), Discordless()

    await made.delivery.deliver(asker, CARD)  # type: ignore[arg-type]

    assert len(asker.requests) == 4
    assert all(one["view"] is CARD for one in asker.requests)
    assert (made.sent("sent"), made.sent("retried"), made.sent("lost")) == (0, 1, 0)


async def test_what_discord_refuses_for_good_is_not_tried_again() -> None:
    asker, made = Asker(GONE), Discordless()

    with pytest.raises(discord.NotFound):
        await made.delivery.deliver(asker, CARD)  # type: ignore[arg-type]

    assert len(asker.requests) == 1
    assert made.sent("lost") == 1


async def test_an_answer_is_given_up_before_its_token_ends() -> None:
    asker, made = Asker(*[BROKEN] * 1000), Discordless()

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await made.delivery.deliver(asker, CARD)  # type: ignore[arg-type]

    assert 13 * 60 < made.now_s <= 14 * 60


async def test_a_second_acknowledgement_that_is_refused_says_that_the_first_one_arrived() -> None:
    asker = Asker(BROKEN, ALREADY)

    await Discordless().delivery.acknowledge(asker, ephemeral=True)  # type: ignore[arg-type]

    assert ACKNOWLEDGED in asker.extras
    assert asker.requests == [{"thinking": True, "ephemeral": True}] * 2


async def test_an_acknowledgement_is_not_tried_beyond_the_three_seconds_in_which_it_counts() -> None:
    asker, made = Asker(*[BROKEN] * 100), Discordless()

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await made.delivery.acknowledge(asker)  # type: ignore[arg-type]

    assert made.now_s <= 2.5
    assert ACKNOWLEDGED not in asker.extras


async def test_an_interaction_that_is_gone_is_no_acknowledgement() -> None:
    asker = Asker(GONE)

    with pytest.raises(discord.NotFound):
        await Discordless().delivery.acknowledge(asker)  # type: ignore[arg-type]

    assert ACKNOWLEDGED not in asker.extras


async def test_all_tries_of_a_reply_have_the_message_itself_as_nonce_so_that_discord_shows_one() -> None:
    asker, made = Asker(DOWN, BROKEN), Discordless()

    await made.delivery.reply(asker, CARD)  # type: ignore[arg-type]

    assert [one["nonce"] for one in asker.requests] == [77, 77, 77]
    reference = asker.requests[0]["reference"]
    assert (reference.message_id, reference.channel_id, reference.fail_if_not_exists) == (77, 77, False)
    assert asker.requests[0]["allowed_mentions"].to_dict() == {"parse": []}


async def test_a_reply_is_given_up_while_discord_still_remembers_its_nonce() -> None:
    asker, made = Asker(*[BROKEN] * 1000), Discordless()

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await made.delivery.reply(asker, CARD)  # type: ignore[arg-type]

    assert 60 < made.now_s <= 120
