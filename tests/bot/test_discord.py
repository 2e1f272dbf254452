"""The bot as people meet it: the real process, the real discord.py, a fake Discord, the sample articles."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from importlib.resources import files
from pathlib import Path

import aiohttp
import pytest
from bytes_on_disk import found_bytes
from connected_bot import button
from fake_discord import FakeDiscord, Message
from serving import environment, is_settled, serving, take_in, take_in_samples

CONVOY = "Where did the convoy go?"
DESTINATION = "Brak al-Shati air base"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("discord") / "home"
    asyncio.run(take_in_samples(home))
    return home


def says_where(message: Message) -> bool:
    return DESTINATION in message.text


async def test_the_bot_answers_wherever_people_ask_and_ends_cleanly_on_sigterm(home: Path) -> None:
    async with FakeDiscord() as discord:
        async with serving(discord, home) as process:
            assert {"ask", "status"} <= {command["name"] for command in await discord.commands_synced()}
            assert discord.gateway.sessions[-1].intents & ~discord_intents_without_privileges() == 0

            in_guild = await discord.slash("ask", {"question": CONVOY})
            assert (await in_guild.acknowledged()).deferred
            card = await in_guild.answer(30, where=says_where)
            assert "Sirte Coast Wire" in card.text
            assert "29 September 2020" in card.text
            assert "https://sirtecoastwire.example/2020/09/29/wagner-convoy-al-jufra" in card.text

            status = await discord.slash("status", {})
            assert (await status.acknowledged()).deferred
            told = await status.answer(30)
            assert "20 articles" in told.text
            assert str(home) not in told.text

            in_dm = await discord.slash("ask", {"question": CONVOY}, channel=discord.dm())
            await in_dm.answer(30, where=says_where)

            friend, installer = discord.add_user("Friend"), discord.add_user("Installer", has_installed_app=True)
            elsewhere = await discord.slash(
                "ask", {"question": CONVOY}, user=installer, channel=discord.private_channel(installer, friend)
            )
            await elsewhere.answer(30, where=says_where)

            await discord.say(CONVOY, channel=discord.dm())
            assert says_where(await discord.next_message(discord.dm(), 30))

            asked = await discord.say(f"<@{discord.bot.id}> {CONVOY}")
            answer = await discord.next_message(timeout_s=30)
            assert says_where(answer)
            assert answer.reference is asked
            assert answer.pings() == []

            await discord.say("Who said so?", reply_to=answer)
            assert (await discord.next_message(timeout_s=30)).components

            before = len(discord.messages())
            await discord.say(CONVOY)
            await discord.say("And this?", reply_to=answer, pings_reply=False)
            settled = await discord.slash("ask", {"question": "How many people died in the helicopter near Sukna?"})
            declined = await settled.answer(30, where=lambda message: "do not say" in message.text)
            assert "Helicopter carrying Russian mercenaries falls near Sukna" in declined.text
            assert len(discord.messages()) == before  # the bot kept out of what was not said to it
        assert process.returncode == 0


async def test_after_a_kill_and_a_refused_connection_the_bot_comes_back_and_answers(home: Path) -> None:
    async with FakeDiscord() as discord, serving(discord, home) as process:
        process.kill()
        await process.wait()
    async with FakeDiscord(refuse_gateway_connects=1) as discord, serving(discord, home):
        discord.reconnect()
        await discord.resumed()
        interaction = await discord.slash("ask", {"question": CONVOY})
        await interaction.answer(30, where=says_where)


async def test_what_a_kill_left_unanswered_is_answered_after_the_restart_once(home: Path) -> None:
    async with FakeDiscord() as discord:
        async with serving(discord, home) as process:
            asked = [await discord.slash("ask", {"question": CONVOY}) for _ in range(8)]
            for one in asked:
                await one.acknowledged()
            await discord.say(f"<@{discord.bot.id}> {CONVOY}")
            await discord.requested(f"POST /channels/{discord.channel.id}/typing")
            process.kill()
            await process.wait()
        answered_before = sum(bool(one.shown()) for one in asked)
        async with serving(discord, home):
            for one in asked:
                assert says_where(await one.answer(60, where=says_where))
            assert says_where(await discord.next_message(timeout_s=60))
        assert answered_before < len(asked)
        assert [len(one.shown()) for one in asked] == [1] * len(asked)
        assert len(discord.messages()) == 1
    async with FakeDiscord() as later, serving(later, home):
        settled = await later.slash("ask", {"question": CONVOY})
        await settled.answer(30, where=says_where)
        assert not [request for request in later.requests if request.startswith("POST /channels")]


async def test_on_sigterm_everybody_has_an_answer_or_is_told_that_it_comes_and_then_gets_it(home: Path) -> None:
    async with FakeDiscord() as discord:
        async with serving(discord, home) as process:
            asked = [await discord.slash("ask", {"question": CONVOY}) for _ in range(8)]
            for one in asked:
                await one.acknowledged()
            stopped_at = time.monotonic()
            process.send_signal(signal.SIGTERM)
            await process.wait()
            took_s = time.monotonic() - stopped_at
        told = [message.text for one in asked for message in one.shown()]
        async with serving(discord, home):
            for one in asked:
                await one.answer(60, where=says_where)
    assert process.returncode == 0
    assert took_s < 30
    assert len(told) == len(asked)
    assert all(DESTINATION in text or "your answer will stand here" in text for text in told)
    assert [len(one.shown()) for one in asked] == [1] * len(asked)


async def test_a_probe_and_prometheus_learn_how_it_goes(home: Path, unused_tcp_port: int) -> None:
    there = f"http://127.0.0.1:{unused_tcp_port}"
    async with FakeDiscord() as discord, aiohttp.ClientSession() as session:
        async with serving(discord, home, DATELINE_HEALTH__PORT=str(unused_tcp_port)):
            interaction = await discord.slash("ask", {"question": CONVOY}, channel=discord.dm())
            await interaction.answer(30, where=says_where)
            async with session.get(f"{there}/healthz") as alive, session.get(f"{there}/readyz") as ready:
                assert (alive.status, ready.status) == (200, 200)
                assert await ready.text() == "model: ready\nindex: ready\ngateway: ready\n"
            async with session.get(f"{there}/metrics") as response:
                written = await response.text()
        assert 'dateline_questions_total{outcome="answered",surface="dm"} 1.0' in written
        assert "dateline_index_articles 20.0" in written
        assert "dateline_gateway_shards_online 1.0" in written
        assert 'dateline_stage_seconds_count{stage="total"} 1.0' in written
        assert discord.token not in written
        assert "convoy" not in written
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{there}/healthz")


async def test_after_a_kill_old_buttons_answer_and_say_what_was_corrected_and_the_conversation_goes_on(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    await take_in_samples(home)
    async with FakeDiscord() as discord:
        async with serving(discord, home) as process:
            asked = await discord.slash("ask", {"question": CONVOY})
            card = await asked.answer(30, where=says_where)
            opened = await discord.press(card, button(card, "follow"))
            await opened.modal()
            process.kill()
            await process.wait()
        sample = files("bot").joinpath("samples/wagner-convoy-al-jufra.md").read_text("utf-8")
        (tmp_path / "corrected.md").write_text(sample.replace(DESTINATION, "an air base near Tripoli"), "utf-8")
        await take_in(home, str(tmp_path / "corrected.md"))
        async with serving(discord, home):
            page = await (await discord.press(card, button(card, "quote"))).answer(30, where=is_settled)
            assert page.ephemeral
            assert f"**The convoy is thought to have gone to {DESTINATION}" in page.text
            assert "The article was changed on" in page.text
            assert "these words no longer stand in it." in page.text

            sent = await discord.submit(opened, {"question": "and how many vehicles were there?"})
            answer = await sent.answer(30, where=is_settled)
            assert "Question: and how many vehicles were there?" in answer.text
            assert "Understood as: " in answer.text
            thanks = await (await discord.press(answer, button(answer, "up"))).answer(30, where=is_settled)
            assert "Thank you" in thanks.text
            await discord.press(card, button(card, "delete"))
            await card.changes.until(lambda: card.deleted, 30, lambda: "the card to be deleted")


async def test_a_person_who_mentions_the_bot_where_it_may_not_write_is_told_in_a_direct_message(home: Path) -> None:
    async with FakeDiscord() as discord:
        silent = discord.add_channel("silent", writable=False)
        async with serving(discord, home):
            await discord.say(f"<@{discord.bot.id}> {CONVOY}", channel=silent)
            told = await discord.next_message(discord.dm(), 30)
            assert "Send Messages" in told.text
            assert discord.messages(silent) == []


def discord_intents_without_privileges() -> int:
    """Give the bits of guilds, guild messages and direct messages."""
    return 1 << 0 | 1 << 9 | 1 << 12


async def test_what_is_forgotten_while_the_bot_serves_stands_in_no_file_and_its_buttons_say_so(tmp_path: Path) -> None:
    url = "https://obscurer.example/affair"
    affair = {
        "id": "affair",
        "title": "Plumdragonov affair",
        "text": "Zyxwvutsia Plumdragonov hid the ledger marmaladefully under Quartzomarble bridge on Monday.",
        "url": url,
        "source": "The Quibblethorpe Obscurer",
    }
    wanted = {one: one.encode() for one in ("Zyxwvutsia", "plumdragonov", "Quibblethorpe", "obscurer.example")}
    asked, home = {"question": "Where did Zyxwvutsia Plumdragonov hide the ledger?"}, tmp_path / "home"
    (tmp_path / "affair.json").write_text(json.dumps([affair]))
    await take_in_samples(home)
    await take_in(home, str(tmp_path / "affair.json"))
    async with FakeDiscord() as discord, serving(discord, home):
        card = await (await discord.slash("ask", asked)).answer(30, where=lambda one: "Quartzomarble" in one.text)
        thanks = await (await discord.press(card, button(card, "down"))).answer(30, where=is_settled)
        opened = await discord.press(thanks, button(thanks, "why", "down"))
        await opened.modal()
        words = {"words": "Plumdragonov hid nothing.", "consent": ["yes"]}
        await (await discord.submit(opened, words)).answer(30, where=is_settled)
        outage = discord.fail_rest("PATCH", "/messages/@original", 503, times=1_000)  # so the question keeps waiting
        waiting = await discord.slash("ask", {"question": "Did Plumdragonov swim?"}, channel=discord.dm())
        await waiting.acknowledged()
        before = {file for file, _ in found_bytes(home, wanted)}

        await forget(home, url)
        after = found_bytes(home, wanted)
        outage.times = 0
        gone = await (await discord.press(card, button(card, "quote"))).answer(60, where=is_settled)
        again = await (await discord.slash("ask", asked)).answer(60, where=is_settled)
    assert before >= {"records.db-wal", "archive.db"}, "the search would find it"
    assert after == set()
    assert "no longer kept" in gone.text
    assert "Quartzomarble" not in again.text


async def forget(home: Path, name: str) -> None:
    """Forget by a command of its own, while another process serves the home."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "forget", name, "--yes", env=environment(home), stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0
