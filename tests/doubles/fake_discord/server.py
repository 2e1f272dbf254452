"""Runs the fake Discord on a loopback port, lets tests wait for the bot, and fails them for what it did wrong."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from aiohttp import web

from fake_discord.account_routes import AccountRoutes
from fake_discord.channel_routes import ChannelRoutes
from fake_discord.driving import Driving
from fake_discord.events import Events
from fake_discord.gateway import Gateway
from fake_discord.interaction_routes import InteractionRoutes
from fake_discord.messages import Json, Message
from fake_discord.places import Channel, Guild
from fake_discord.postings import Postings
from fake_discord.refusals import Violation
from fake_discord.rest import API, Manners, Outage
from fake_discord.sessions import Intent
from fake_discord.state import State
from fake_discord.thread_routes import ThreadRoutes
from fake_discord.timing import Clock

HEARTBEAT_S = 41.25
UPLOAD_BYTES = 25 * 1024 * 1024


class FakeDiscord(Driving):
    """A Discord of one test: owns the sockets, the state and the clock; leaving the `async with` block ends them.

    Args:
        token: The only bot token it accepts.
        clock: Seconds for the 3 s and 15 min of interactions; a `SteppedClock` can be pushed forward.
        refuse_gateway_connects: How many gateway connects to refuse (503) before the first one succeeds.
        privileged_intents: The privileged intents switched on for the application; others close with 4014.
        heartbeat_interval_s: What HELLO asks the client to keep.
        shards: How many gateway connections the client is told to make.

    Leaving the block raises AssertionError if the bot asked for an unknown route or broke one of Discord's rules, and
    the test did not clear `violations` or `unknown_routes`.
    """

    def __init__(
        self,
        *,
        token: str = "fake.bot.token",
        clock: Clock = time.monotonic,
        refuse_gateway_connects: int = 0,
        privileged_intents: int = 0,
        heartbeat_interval_s: float = HEARTBEAT_S,
        shards: int = 1,
    ) -> None:
        state = State(token, clock, shards)
        self.gateway = Gateway(
            state, lambda: self.gateway_url, refuse_gateway_connects, Intent(privileged_intents), heartbeat_interval_s
        )
        events = Events(state, self.gateway)
        super().__init__(state, events)
        self._postings = Postings(state, events)
        self._channel_routes = ChannelRoutes(state, self._postings)
        self._thread_routes = ThreadRoutes(state, events)
        self._manners = Manners(state)
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._taken: dict[str, int] = {}

    @property
    def token(self) -> str:
        """The bot token."""
        return self.state.token

    @property
    def rest_url(self) -> str:
        """What `discord.http.Route.BASE` must be."""
        return f"http://127.0.0.1:{self._port}{API}"

    @property
    def gateway_url(self) -> str:
        """What `DiscordWebSocket.DEFAULT_GATEWAY` must be, as a string."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def commands(self) -> dict[str | None, list[Json]]:
        """The registered commands by guild id; None has the global ones."""
        return self.state.commands

    @property
    def violations(self) -> list[Violation]:
        """What the bot did that Discord forbids; a test that provokes some clears the list."""
        return self.state.violations

    @property
    def unknown_routes(self) -> list[str]:
        """REST requests that the fake cannot answer (501)."""
        return self.state.unknown_routes

    @property
    def requests(self) -> list[str]:
        """Every REST request so far, as "METHOD /path"."""
        return self.state.requests

    async def __aenter__(self) -> Self:
        """Start to listen on a free port of 127.0.0.1."""
        app = web.Application(middlewares=[self._manners.middleware()], client_max_size=UPLOAD_BYTES)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        app.router.add_get("/gateway", self.gateway.connect, allow_head=False)
        self._channel_routes.add_to(app.router)
        self._thread_routes.add_to(app.router)
        InteractionRoutes(self.state, self._postings).add_to(app.router)
        AccountRoutes(self.state, lambda: self.gateway_url).add_to(app.router)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close every connection; raise for unknown routes and violations, or note them on an error under way."""
        self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
        complaints = [f"violation: {violation}" for violation in self.violations]
        complaints += [f"unknown route: {route}" for route in self.unknown_routes]
        if complaints and error is not None:
            error.add_note("the fake Discord also complains: " + "; ".join(complaints))
        elif complaints:
            raise AssertionError("the fake Discord complains: " + "; ".join(complaints))

    async def ready(self, timeout_s: float = 15.0) -> None:
        """Wait until a client is connected, with all its shards, and has had READY (or has resumed).

        Raises:
            TimeoutError: If none is within `timeout_s` seconds.
        """

        def waiting_for() -> str:
            return f"a client to be READY (connects: {self.gateway.connects}, REST: {self.requests[-5:]})"

        await self.state.changes.until(self.gateway.is_ready, timeout_s, waiting_for)

    async def resumed(self, times: int = 1, timeout_s: float = 15.0) -> None:
        """Wait until sessions have been resumed `times` times since the start.

        Raises:
            TimeoutError: If they are not within `timeout_s` seconds.
        """
        await self.state.changes.until(lambda: self.gateway.resumes >= times, timeout_s, lambda: f"{times} RESUMEs")

    async def commands_synced(self, timeout_s: float = 15.0, *, guild: Guild | None = None) -> list[Json]:
        """Wait until the bot has registered its commands, globally or in a guild, and return them.

        Raises:
            TimeoutError: If it does not within `timeout_s` seconds.
        """
        place = guild.id if guild else None
        await self.state.changes.until(lambda: place in self.commands, timeout_s, lambda: "commands to be synced")
        return self.commands[place]

    async def next_message(self, channel: Channel | None = None, timeout_s: float = 10.0) -> Message:
        """Wait for the next message of the bot in a channel that no earlier call returned; not answers to interactions.

        Raises:
            TimeoutError: If there is none within `timeout_s` seconds.
        """
        place = channel or self.channel
        number = self._taken.get(place.id, 0)

        def waiting_for() -> str:
            return f"message {number + 1} of the bot in {place.name or place.id}; REST: {self.requests[-5:]}"

        await self.state.changes.until(lambda: len(self.messages(place)) > number, timeout_s, waiting_for)
        self._taken[place.id] = number + 1
        return self.messages(place)[number]

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """Return all messages that the bot posted in a channel, deleted ones too, oldest first."""
        return [message for message in self._channel_routes.posted if message.channel is (channel or self.channel)]

    async def thread_on(self, message: Message, timeout_s: float = 10.0) -> Channel:
        """Wait until the bot has started a thread on a message, and return it.

        Raises:
            TimeoutError: If it does not within `timeout_s` seconds.
        """
        channels = self.state.channels
        await self.state.changes.until(lambda: message.id in channels, timeout_s, lambda: f"a thread on {message.id}")
        return channels[message.id]

    async def requested(self, request: str, times: int = 1, timeout_s: float = 10.0) -> None:
        """Wait until the bot has made a REST request ("METHOD /path") at least `times` times.

        Raises:
            TimeoutError: If it does not within `timeout_s` seconds.
        """
        asked = f"{request!r} {times} times"
        await self.state.changes.until(lambda: self.requests.count(request) >= times, timeout_s, lambda: asked)

    def fail_rest(
        self,
        method: str,
        path_part: str,
        status: int,
        *,
        times: int = 1,
        retry_after_s: float = 0.1,
        acts: bool = False,
    ) -> Outage:
        """Let the next `times` REST requests with this method and part of the path fail with `status`.

        Args:
            method: Of the requests.
            path_part: A part of their paths.
            status: What they are answered; 0 cuts the connection instead.
            times: How many of them fail.
            retry_after_s: What a 429 tells the client to wait.
            acts: Carry the request out all the same, so that only its answer is lost.
        """
        outage = Outage(method, path_part, status, times, retry_after_s, acts)
        self._manners.outages.append(outage)
        return outage

    def send_unreadable_event(self) -> None:
        """Send every gateway client an event that its library cannot read."""
        self._events.unreadable()

    def reconnect(self) -> None:
        """Ask every client to reconnect (op 7)."""
        self.gateway.reconnect()

    def drop_connections(self) -> None:
        """Cut the TCP connection of every gateway client."""
        self.gateway.drop()

    def forget_sessions(self) -> None:
        """Let the next RESUME be refused, so that the client has to identify anew."""
        self.gateway.forget_sessions()
