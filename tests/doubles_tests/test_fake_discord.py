"""Checks the fake Discord with the real, unmodified discord.py client running as a process of its own."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fake_discord import CallbackKind, FakeDiscord, Intent, Permission, SteppedClock

BOT = """
import asyncio, json, sys

settings = json.loads(sys.argv[1])
if settings["compression"] == "zlib-stream":
    sys.modules["zstandard"] = None  # as if discord.py[speed] were not installed

import discord, yarl
from discord import app_commands, ui

discord.http.Route.BASE = settings["rest_url"]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings["gateway_url"])

intents = discord.Intents(settings["intents"])
client = discord.Client(intents=intents, guild_ready_timeout=0.05)
tree = app_commands.CommandTree(client)
gone_late = asyncio.Event()
seen = []


class Question(ui.Modal, title="Follow up"):
    words = ui.TextInput(label="Question", custom_id="words", max_length=300)

    async def on_submit(self, interaction):
        await interaction.response.send_message(f"you asked: {self.words.value}", ephemeral=True)


class Buttons(ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @ui.button(label="Turn", custom_id="turn")
    async def turn(self, interaction, button):
        await interaction.response.edit_message(content="page 2")

    @ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction, button):
        await interaction.response.send_modal(Question())

    @ui.select(custom_id="pick", options=[discord.SelectOption(label="a"), discord.SelectOption(label="b")])
    async def pick(self, interaction, select):
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"picked {select.values[0]}")


@tree.command(description="Say it again")
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def echo(interaction, text: app_commands.Range[str, 1, 100], hidden: bool = False):
    await interaction.response.defer(thinking=True, ephemeral=hidden)
    where = "guild" if interaction.guild_id else "private"
    writable = interaction.app_permissions.send_messages
    stream = discord.utils._ActiveDecompressionContext.COMPRESSION_TYPE
    await interaction.followup.send(f"{text} | {where} | writable={writable} | {stream}")


@echo.autocomplete("text")
async def complete(interaction, current):
    return [app_commands.Choice(name=current + ending, value=current + ending) for ending in "!?"]


@tree.command(description="Five and one follow-ups")
@app_commands.allowed_installs(guilds=True, users=True)
async def chatter(interaction):
    await interaction.response.send_message("0")
    try:
        for number in range(1, 7):
            await interaction.followup.send(str(number), wait=True)
    except discord.HTTPException as error:
        await interaction.edit_original_response(content=f"refused {error.code}")


@tree.command(description="Show buttons")
async def buttons(interaction):
    await interaction.response.send_message("page 1", view=Buttons())


@tree.command(description="Break a limit")
async def breach(interaction, what: str):
    await interaction.response.defer(thinking=True)
    embed = discord.Embed(description="x" * 4000)
    layout = ui.LayoutView()
    layout.add_item(ui.Container(ui.TextDisplay("y" * 2500), ui.TextDisplay("z" * 1501)))
    sent = {
        "content": {"content": "x" * 2001},
        "description": {"embed": discord.Embed(description="x" * 4097)},
        "embeds": {"embeds": [embed, embed]},
        "layout": {"view": layout},
        "empty": {"content": ""},
    }[what]
    try:
        await interaction.followup.send(**sent)
    except discord.HTTPException as error:
        await interaction.followup.send(f"refused {error.status} {error.code}")


@tree.command(description="Card in Components V2")
async def card(interaction):
    layout = ui.LayoutView()
    link = ui.Button(label="Open", url="https://example.org/article")
    layout.add_item(ui.Container(ui.Section("**A headline**", accessory=link), ui.Separator(), ui.TextDisplay("Body")))
    await interaction.response.send_message(view=layout)


@tree.command(description="Acknowledge late")
async def late(interaction):
    await gone_late.wait()
    try:
        await interaction.response.defer()
        outcome = "in time"
    except discord.NotFound as error:
        outcome = f"refused {error.code}"
    await interaction.channel.send(outcome)


@tree.command(description="Acknowledge twice, then follow up when told to")
async def twice(interaction):
    await interaction.response.defer()
    interaction.response._response_type = None  # discord.py would not let us
    try:
        await interaction.response.defer()
        outcome = "twice"
    except discord.HTTPException as error:
        outcome = f"refused {error.code}"
    await interaction.channel.send(outcome)
    await gone_late.wait()
    try:
        await interaction.followup.send("still here")
    except discord.HTTPException as error:
        await interaction.channel.send(f"refused {error.code}")


@tree.command(description="For administrators")
@app_commands.default_permissions(manage_guild=True)
async def manage(interaction):
    await interaction.response.send_message("managed", ephemeral=True)


@tree.context_menu(name="Quote")
async def quote(interaction, message: discord.Message):
    await interaction.response.send_message("> " + message.content)


@client.event
async def on_message(message):
    if message.author == client.user:
        return
    words = message.content.replace(client.user.mention, "").split()
    if words == ["go"]:
        gone_late.set()
    elif words[:1] == ["count"]:
        await message.reply(" ".join(seen))
    elif words[:1] == ["number"]:
        seen.append(words[1])
    elif words[:1] == ["post"]:
        try:
            await (await client.fetch_channel(int(words[1]))).send("posted")
        except discord.Forbidden as error:
            await message.reply(f"refused {error.code}")
    elif words[:1] == ["thread"]:
        thread = await message.create_thread(name="Follow-ups")
        await thread.send("ask on here")
    elif words[:1] == ["unknown"]:
        try:
            await message.pin()
        except discord.HTTPException as error:
            await message.reply(f"refused {error.status}")
    else:
        kind = "nothing" if not words else "dm" if message.guild is None else "guild"
        mentions = discord.AllowedMentions.none()
        await message.reply(f"{kind}: {' '.join(words)}", allowed_mentions=mentions)


async def main():
    async with client:
        await client.login(settings["token"])
        await tree.sync()
        while not client.is_closed():
            try:
                await client.connect()
            except AttributeError:  # what discord.py makes of a refused first connect
                continue


asyncio.run(main())
"""

INTENTS = Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.DIRECT_MESSAGES
HAS_ZSTD = importlib.util.find_spec("zstandard") is not None


async def start_bot(discord: FakeDiscord, folder: Path, **settings: Any) -> asyncio.subprocess.Process:
    """Start the bot as a process that writes its log to `bot.log` in the folder."""
    script = folder / "bot.py"
    script.write_text(BOT)
    told = {"compression": None, "intents": int(INTENTS), "token": discord.token}
    told |= {"rest_url": discord.rest_url, "gateway_url": discord.gateway_url} | settings
    with (folder / "bot.log").open("ab") as log:
        arguments = [sys.executable, str(script), json.dumps(told)]
        return await asyncio.create_subprocess_exec(*arguments, stdout=log, stderr=log)


async def stop(process: asyncio.subprocess.Process) -> None:
    """Interrupt a bot and wait for its end."""
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()


@asynccontextmanager
async def bot_on(discord: FakeDiscord, folder: Path, **settings: Any) -> AsyncIterator[FakeDiscord]:
    """Run the bot against a fake until the end of the block; its log goes with any failure."""
    async with discord:
        process = await start_bot(discord, folder, **settings)
        try:
            await discord.commands_synced()
            await discord.ready()
            yield discord
        except BaseException as error:
            error.add_note((folder / "bot.log").read_text()[-3000:])
            raise
        finally:
            await stop(process)


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[FakeDiscord]:
    """A fake with the bot connected."""
    async with bot_on(FakeDiscord(), tmp_path) as connected:
        yield connected


async def test_login_and_sync(discord: FakeDiscord) -> None:
    """A bot that logs in registers its commands and shows only the intents it asked for."""
    names = {command["name"] for command in await discord.commands_synced()}
    assert {"echo", "Quote"} <= names
    assert [session.intents for session in discord.gateway.sessions] == [INTENTS]
    assert "GET /oauth2/applications/@me" in discord.requests


async def test_slash_in_a_guild(discord: FakeDiscord) -> None:
    """A deferred command is acknowledged in time and answered by a follow-up in place of the thinking message."""
    interaction = await discord.slash("echo", {"text": "hello"})
    acknowledgement = await interaction.acknowledged()
    answer = await interaction.answer()
    assert acknowledgement.deferred and not acknowledgement.ephemeral and acknowledgement.after_s < 3
    assert answer.content.startswith("hello | guild | writable=True")
    assert answer is interaction.original and interaction.messages == [answer]


async def test_slash_for_one_person(discord: FakeDiscord) -> None:
    """An ephemeral deferral makes the answer ephemeral."""
    interaction = await discord.slash("echo", {"text": "hello", "hidden": True})
    assert (await interaction.acknowledged()).ephemeral
    assert (await interaction.answer()).ephemeral


async def test_slash_in_a_dm(discord: FakeDiscord) -> None:
    """A command in a direct message reaches the bot without any guild."""
    interaction = await discord.slash("echo", {"text": "hello"}, channel=discord.dm())
    assert (await interaction.answer()).content.startswith("hello | private")
    assert interaction.owners == {"0": "0"}


async def test_slash_of_a_user_install(discord: FakeDiscord) -> None:
    """A user install works where the bot is not, and has five follow-ups there."""
    traveller = discord.add_user("Traveller", has_installed_app=True)
    elsewhere = discord.add_channel("far", guild=discord.add_guild("Elsewhere", bot_is_member=False))
    friend = discord.add_user("Friend")
    for channel in (elsewhere, discord.private_channel(traveller, friend)):
        interaction = await discord.slash("echo", {"text": "hello"}, user=traveller, channel=channel)
        assert (await interaction.answer()).content.startswith("hello")
        assert interaction.owners == {"1": traveller.id}
    with pytest.raises(LookupError, match="cannot see"):
        await discord.slash("echo", {"text": "hello"}, user=friend, channel=elsewhere)
    chatter = await discord.slash("chatter", user=traveller, channel=elsewhere)
    await chatter.answer(where=lambda message: message.content == "refused 40094")
    assert len(chatter.shown()) == 6
    assert [violation.code for violation in discord.violations] == [40094]
    discord.violations.clear()


async def test_what_the_client_would_not_send(discord: FakeDiscord) -> None:
    """Commands, options and permissions that Discord's client would not offer are refused to the test itself."""
    with pytest.raises(LookupError, match="no command 'nonsense'"):
        await discord.slash("nonsense")
    with pytest.raises(LookupError, match="no options"):
        await discord.slash("echo", {"words": "hello"})
    with pytest.raises(ValueError, match="requires 'text'"):
        await discord.slash("echo")
    with pytest.raises(ValueError, match="length of 1 to 100"):
        await discord.slash("echo", {"text": "x" * 101})
    with pytest.raises(LookupError, match="permissions"):
        await discord.slash("manage")
    editor = discord.add_user("Editor", permissions=Permission.MANAGE_GUILD)
    assert (await (await discord.slash("manage", user=editor)).answer()).content == "managed"


async def test_autocomplete_and_context_menu(discord: FakeDiscord) -> None:
    """Autocomplete offers choices, and a context-menu command gets the message it was used on."""
    typed = await discord.autocomplete("echo", "text", {"text": "hm"})
    assert [choice["value"] for choice in await typed.choices()] == ["hm!", "hm?"]
    message = await discord.say("a line")
    assert (await (await discord.use_on(message, "Quote")).answer()).content == "> a line"


async def test_components(discord: FakeDiscord) -> None:
    """A pressed button edits its message, a select defers first, and another button opens a modal to be submitted."""
    shown = await (await discord.slash("buttons")).answer()
    assert shown.custom_ids == ["turn", "ask", "pick"]
    turned = await discord.press(shown, "turn")
    assert await turned.answer() is shown and shown.content == "page 2"
    picked = await discord.press(shown, "pick", values=["b"])
    assert (await picked.answer()).content == "picked b"
    assert (await picked.acknowledged()).kind is CallbackKind.DEFERRED_UPDATE
    opened = await discord.press(shown, "ask")
    assert (await opened.modal())["title"] == "Follow up"
    with pytest.raises(ValueError, match="words"):
        await discord.submit(opened, {})
    submitted = await discord.submit(opened, {"words": "why?"})
    answer = await submitted.answer()
    assert (answer.content, answer.ephemeral) == ("you asked: why?", True)
    with pytest.raises(LookupError):
        await discord.press(answer, "turn")


async def test_components_v2(discord: FakeDiscord) -> None:
    """A Components V2 card is taken, and its text can be read as a person reads it."""
    answer = await (await discord.slash("card")).answer()
    assert answer.text == "**A headline**\nOpen\nBody"


async def test_mentions_replies_and_dms(discord: FakeDiscord) -> None:
    """Without the message content intent only mentions, pinging replies to the bot's messages, and DMs are readable."""
    asked = await discord.say(f"{discord.bot.mention} hello there")
    answer = await discord.next_message()
    assert (answer.content, answer.reference) == ("guild: hello there", asked)
    assert str(answer.payload["message_reference"]["message_id"]) == asked.id
    assert answer.pings() == []
    await discord.say("and why?", reply_to=answer)
    assert (await discord.next_message()).content == "guild: and why?"
    await discord.say("and when?", reply_to=answer, pings_reply=False)
    assert (await discord.next_message()).content == "nothing: "
    await discord.say("nobody in particular")
    assert (await discord.next_message()).content == "nothing: "
    slashed = await (await discord.slash("echo", {"text": "hello"})).answer()
    await discord.say("thanks", reply_to=slashed)
    assert (await discord.next_message()).content == "nothing: "
    await discord.say("just us", channel=discord.dm())
    assert (await discord.next_message(discord.dm())).content == "dm: just us"


async def test_message_content_intent(tmp_path: Path) -> None:
    """With the message content intent switched on for the application, every message is readable."""
    fake = FakeDiscord(privileged_intents=Intent.MESSAGE_CONTENT)
    async with bot_on(fake, tmp_path, intents=int(INTENTS | Intent.MESSAGE_CONTENT)) as discord:
        await discord.say("nobody in particular")
        assert (await discord.next_message()).content == "guild: nobody in particular"


async def test_privileged_intents_are_refused(tmp_path: Path) -> None:
    """A privileged intent that is switched off ends the bot with 4014 and counts as a violation."""
    async with FakeDiscord() as discord:
        process = await start_bot(discord, tmp_path, intents=int(INTENTS | Intent.GUILD_MEMBERS))
        assert await asyncio.wait_for(process.wait(), 20) != 0
        assert [violation.code for violation in discord.violations] == [4014]
        assert "PrivilegedIntentsRequired" in (tmp_path / "bot.log").read_text()
        discord.violations.clear()


async def test_wrong_token(tmp_path: Path) -> None:
    """A wrong token is refused at login."""
    async with FakeDiscord() as discord:
        process = await start_bot(discord, tmp_path, token="stolen")
        assert await asyncio.wait_for(process.wait(), 20) != 0
        assert "LoginFailure" in (tmp_path / "bot.log").read_text()
        assert discord.gateway.connects == 0


@pytest.mark.parametrize(
    "compression",
    ["zlib-stream", pytest.param("zstd-stream", marks=pytest.mark.skipif(not HAS_ZSTD, reason="needs zstandard"))],
)
async def test_compression_survives_reconnects(tmp_path: Path, compression: str) -> None:
    """In either compression, an op 7 and a cut connection amid messages lose none of them."""
    async with bot_on(FakeDiscord(), tmp_path, compression=compression) as discord:
        answer = await (await discord.slash("echo", {"text": "hello"})).answer()
        assert answer.content.endswith(compression)
        for number in range(30):
            await discord.say(f"{discord.bot.mention} number {number}")
            if number == 10:
                discord.reconnect()
            if number == 20:
                await discord.resumed(1)
                discord.drop_connections()
        await discord.resumed(2)
        await discord.say(f"{discord.bot.mention} count")
        assert (await discord.next_message()).content == " ".join(map(str, range(30)))
        assert discord.gateway.identifies == 1


async def test_forgotten_session(discord: FakeDiscord) -> None:
    """A client whose session is forgotten identifies anew and goes on."""
    discord.forget_sessions()
    discord.drop_connections()
    await discord.ready()
    assert (discord.gateway.identifies, discord.gateway.resumes) == (2, 0)
    assert (await (await discord.slash("echo", {"text": "hello"})).answer()).content.startswith("hello")


async def test_threads(discord: FakeDiscord) -> None:
    """A thread that the bot starts on a message takes messages and commands like a channel."""
    thread = await discord.thread_on(await discord.say(f"{discord.bot.mention} thread"))
    assert (await discord.next_message(thread)).content == "ask on here"
    await discord.say(f"{discord.bot.mention} and then?", channel=thread)
    assert (await discord.next_message(thread)).content == "guild: and then?"
    answer = await (await discord.slash("echo", {"text": "hello"}, channel=thread)).answer()
    assert answer.content.startswith("hello | guild | writable=True")


async def test_refused_first_connect(tmp_path: Path) -> None:
    """A bot whose first gateway connect is refused gets in later."""
    async with bot_on(FakeDiscord(refuse_gateway_connects=1), tmp_path) as discord:
        assert discord.gateway.connects == 2
        assert (await (await discord.slash("echo", {"text": "hello"})).answer()).content.startswith("hello")


@pytest.mark.parametrize("what", ["content", "description", "embeds", "layout", "empty"])
async def test_limits(discord: FakeDiscord, what: str) -> None:
    """A message over a limit is refused with 400 and recorded as a violation."""
    answer = await (await discord.slash("breach", {"what": what})).answer()
    code = 50006 if what == "empty" else 50035
    assert answer.content == f"refused 400 {code}"
    assert [violation.code for violation in discord.violations] == [code]
    discord.violations.clear()


async def test_late_acknowledgement(tmp_path: Path) -> None:
    """An acknowledgement after more than three seconds is refused with 10062."""
    clock = SteppedClock()
    async with bot_on(FakeDiscord(clock=clock), tmp_path) as discord:
        interaction = await discord.slash("late")
        clock.advance(3.1)
        await discord.say(f"{discord.bot.mention} go")
        assert (await discord.next_message()).content == "refused 10062"
        assert interaction.acknowledgement is None
        assert [violation.code for violation in discord.violations] == [10062]
        discord.violations.clear()


async def test_second_acknowledgement_and_expired_token(tmp_path: Path) -> None:
    """A second acknowledgement is refused with 40060, and a follow-up after 15 minutes with 50027."""
    clock = SteppedClock()
    async with bot_on(FakeDiscord(clock=clock), tmp_path) as discord:
        await discord.slash("twice")
        assert (await discord.next_message()).content == "refused 40060"
        clock.advance(15 * 60)
        await discord.say(f"{discord.bot.mention} go")
        assert (await discord.next_message()).content == "refused 50027"
        assert [violation.code for violation in discord.violations] == [40060, 50027]
        discord.violations.clear()


async def test_channel_permissions(discord: FakeDiscord) -> None:
    """A channel closed to the bot refuses posts (50013, 50001), and interactions there say so while still answered."""
    closed = discord.add_channel("announcements", writable=False)
    hidden = discord.add_channel("secret", visible=False)
    for channel, outcome in ((closed, "refused 50013"), (hidden, "refused 50001")):
        await discord.say(f"{discord.bot.mention} post {channel.id}")
        assert (await discord.next_message()).content == outcome
    assert "writable=False" in (await (await discord.slash("echo", {"text": "x"}, channel=closed)).answer()).content
    discord.permit(closed)
    await discord.say(f"{discord.bot.mention} post {closed.id}")
    assert (await discord.next_message(closed)).content == "posted"


async def test_ordered_failures(discord: FakeDiscord) -> None:
    """A REST failure that the test orders is met and overcome by the client's own retries."""
    discord.fail_rest("POST", f"/channels/{discord.channel.id}/messages", 429)
    await discord.say(f"{discord.bot.mention} hello")
    assert (await discord.next_message()).content == "guild: hello"
    assert discord.requests.count(f"POST /channels/{discord.channel.id}/messages") == 2


async def test_unknown_routes_fail_the_test(tmp_path: Path) -> None:
    """A route that the fake does not know answers 501 and fails the test at the end of the block."""
    with pytest.raises(AssertionError, match=r"unknown route: PUT /channels/\d+/messages/pins/\d+"):
        async with bot_on(FakeDiscord(), tmp_path) as discord:
            await discord.say(f"{discord.bot.mention} unknown")
            assert (await discord.next_message()).content == "refused 501"


async def test_violations_fail_the_test() -> None:
    """A violation that the test does not clear fails it, and only adds a note to a failure under way."""
    with pytest.raises(AssertionError, match="violation: POST /x: too long"):
        async with FakeDiscord() as discord:
            discord.state.complain("POST /x", 50035, "too long")
    with pytest.raises(ZeroDivisionError) as caught:
        async with FakeDiscord() as discord:
            discord.state.complain("POST /x", 50035, "too long")
            raise ZeroDivisionError
    assert "too long" in caught.value.__notes__[0]


async def test_bodies_as_the_client_insists() -> None:
    """REST answers carry a bare JSON content type, need the token, and take a multipart payload with files."""
    async with FakeDiscord() as discord, aiohttp.ClientSession() as session:
        async with session.get(f"{discord.rest_url}/users/@me") as refused:
            assert refused.status == 401
        headers = {"Authorization": f"Bot {discord.token}"}
        async with session.get(f"{discord.rest_url}/users/@me", headers=headers) as me:
            assert me.headers["Content-Type"] == "application/json"
            assert (await me.json())["id"] == discord.bot.id
        form = aiohttp.FormData()
        form.add_field("payload_json", json.dumps({"content": "see file"}))
        form.add_field("files[0]", b"bytes", filename="a.txt")
        url = f"{discord.rest_url}/channels/{discord.channel.id}/messages"
        async with session.post(url, headers=headers, data=form) as posted:
            assert (await posted.json())["attachments"][0]["filename"] == "a.txt"
        assert (await discord.next_message()).files == {"a.txt": b"bytes"}


async def test_waiting_ends() -> None:
    """Waiting for what does not happen ends in a TimeoutError that names it."""
    async with FakeDiscord() as discord:
        with pytest.raises(TimeoutError, match="message 1 of the bot in general"):
            await discord.next_message(timeout_s=0.01)
        with pytest.raises(TimeoutError, match="READY"):
            await discord.ready(timeout_s=0.01)
