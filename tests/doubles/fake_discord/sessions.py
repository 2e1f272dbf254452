"""Keeps gateway sessions: one writer queue per socket, and a log of events for RESUME."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from enum import IntFlag

from aiohttp import web

from fake_discord.compression import Compressor
from fake_discord.messages import Json


class Intent(IntFlag):
    """Gateway intents that decide what the fake sends."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


class Connection:
    """Owns the only writer of one socket, so that compressed frames can never overtake each other."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport, compressor: Compressor | None):
        self._socket = socket
        self._transport = transport
        self._compressor = compressor
        self._queue: asyncio.Queue[str | int] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())
        self.session: Session | None = None

    def send(self, frame: str) -> None:
        """Queue one frame."""
        self._queue.put_nowait(frame)

    def close(self, code: int) -> None:
        """Close the socket with this code once everything queued before is written."""
        self._queue.put_nowait(code)

    def abort(self) -> None:
        """Tear the TCP connection down with no closing frame, as a failing network does."""
        self._writer.cancel()
        self._transport.abort()

    async def finish(self) -> None:
        """Stop the writer and let go of the session; the session can be resumed."""
        if self.session is not None and self.session.connection is self:
            self.session.connection = None
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            frame = await self._queue.get()
            try:
                if isinstance(frame, int):
                    await self._socket.close(code=frame)
                    return
                if self._compressor is None:
                    await self._socket.send_str(frame)
                else:
                    await self._socket.send_bytes(self._compressor(frame))
            except ConnectionError:
                return


@dataclass(eq=False)
class Session:
    """One identified client or shard: its intents, its numbered events, and the connection it has at the moment."""

    id: str
    intents: Intent
    connection: Connection | None = None
    shard: tuple[int, int] = (0, 1)
    sequence: int = 0
    log: list[tuple[int, str]] = field(default_factory=list, repr=False)

    def serves(self, guild_id: str | None) -> bool:
        """Say whether events of a guild, None for private ones, go to this shard, as Discord spreads them."""
        index, total = self.shard
        return index == ((int(guild_id) >> 22) % total if guild_id else 0)

    def dispatch(self, event: str, payload: Json) -> None:
        """Number an event, keep it for RESUME, and send it if the client is connected."""
        self.sequence += 1
        frame = json.dumps({"op": 0, "t": event, "s": self.sequence, "d": payload})
        self.log.append((self.sequence, frame))
        if self.connection is not None:
            self.connection.send(frame)

    def resume(self, connection: Connection, after: int) -> None:
        """Continue on a new connection with every event later than sequence number `after`, then RESUMED."""
        for sequence, frame in self.log:
            if sequence > after:
                connection.send(frame)
        self.connection = connection
        connection.session = self
        self.dispatch("RESUMED", {})
