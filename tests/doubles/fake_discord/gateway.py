"""Speaks the gateway protocol: HELLO, IDENTIFY, READY, heartbeats, RESUME, and the ways it can fail."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import WSMsgType, web

from fake_discord.compression import compressor_for
from fake_discord.messages import Json
from fake_discord.payloads import guild_json, member_json, user_json
from fake_discord.sessions import PRIVILEGED, Connection, Intent, Session
from fake_discord.state import State

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE_STATE, RESUME, RECONNECT, REQUEST_MEMBERS = 0, 1, 2, 3, 4, 6, 7, 8
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11

UNKNOWN_OPCODE, BAD_FRAME, BAD_TOKEN, TWO_IDENTIFIES, BAD_INTENTS = 4001, 4002, 4004, 4005, 4014
GOING_AWAY = 1001
CLEAN_CLOSES = (1000, GOING_AWAY)
"""A client that closes with one of these gives its session up."""
CLIENT_FRAME_BYTES = 4096
"""Discord closes the connection of a client that sends a longer frame."""


class Gateway:
    """Owns all gateway connections and sessions; `close` ends them."""

    def __init__(
        self, state: State, url: Callable[[], str], refuse_connects: int, allowed_privileged: Intent, heartbeat_s: float
    ) -> None:
        self._state = state
        self._url = url
        self._allowed_privileged = allowed_privileged
        self._heartbeat_s = heartbeat_s
        self._connections: set[Connection] = set()
        self._sessions: dict[str, Session] = {}
        self.connects_to_refuse = refuse_connects
        self.acknowledges_heartbeats = True
        self.connects = 0
        self.identifies = 0
        self.resumes = 0
        self.heartbeats = 0

    @property
    def sessions(self) -> list[Session]:
        """All sessions that could still be resumed, oldest first."""
        return list(self._sessions.values())

    def is_ready(self) -> bool:
        """Say whether a client is connected, with all its shards, and has had READY on each."""
        connected = {one.shard for one in self._sessions.values() if one.connection is not None}
        return bool(connected) and len(connected) >= max(total for _, total in connected)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket until either side closes it."""
        self.connects += 1
        await self._state.changes.announce()
        if self.connects_to_refuse > 0:
            self.connects_to_refuse -= 1
            return web.Response(status=503)
        transport = request.transport
        if transport is None:
            return web.Response(status=499)
        socket = web.WebSocketResponse(max_msg_size=CLIENT_FRAME_BYTES, compress=False)
        await socket.prepare(request)
        connection = Connection(socket, transport, compressor_for(request.query.get("compress")))
        self._connections.add(connection)
        try:
            self._send(connection, HELLO, {"heartbeat_interval": int(self._heartbeat_s * 1000)})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._receive(connection, frame.data)
        finally:
            self._connections.discard(connection)
            if connection.session is not None and socket.close_code in CLEAN_CLOSES:
                self._sessions.pop(connection.session.id, None)
            await connection.finish()
            await self._state.changes.announce()
        return socket

    def reconnect(self) -> None:
        """Ask every client to reconnect (op 7); what happens until it does waits for its RESUME."""
        for connection in self._connections:
            self._detach(connection)
            self._send(connection, RECONNECT, None)

    def drop(self) -> None:
        """Cut the TCP connection of every client."""
        for connection in self._connections:
            self._detach(connection)
            connection.abort()

    def forget_sessions(self) -> None:
        """Forget every session, so that the next RESUME is refused (op 9) and the client identifies anew."""
        self._sessions.clear()

    def close(self) -> None:
        """Close every connection because the server goes away."""
        for connection in self._connections:
            self._detach(connection)
            connection.close(GOING_AWAY)

    def _detach(self, connection: Connection) -> None:
        if connection.session is not None:
            connection.session.connection = None

    def _send(self, connection: Connection, operation: int, payload: Json | bool | None) -> None:
        connection.send(json.dumps({"op": operation, "d": payload, "s": None, "t": None}))

    async def _receive(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
            operation, payload = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            connection.close(BAD_FRAME)
            return
        if operation == HEARTBEAT:
            self.heartbeats += 1
            if self.acknowledges_heartbeats:
                self._send(connection, HEARTBEAT_ACK, None)
        elif operation == IDENTIFY:
            self._identify(connection, payload)
        elif operation == RESUME:
            self._resume(connection, payload)
        elif operation == REQUEST_MEMBERS:
            self._send_members(connection, payload)
        elif operation not in (PRESENCE, VOICE_STATE):
            connection.close(UNKNOWN_OPCODE)
        await self._state.changes.announce()

    def _identify(self, connection: Connection, payload: Json) -> None:
        intents = Intent(payload.get("intents", 0))
        if connection.session is not None:
            connection.close(TWO_IDENTIFIES)
            return
        if payload.get("token") != self._state.token:
            connection.close(BAD_TOKEN)
            return
        if forbidden := intents & PRIVILEGED & ~self._allowed_privileged:
            self._state.complain("IDENTIFY", BAD_INTENTS, f"Disallowed intent(s) {forbidden!r}")
            connection.close(BAD_INTENTS)
            return
        self.identifies += 1
        index, total = payload.get("shard") or (0, 1)
        session = Session(self._state.next_id(), intents, connection, (index, total))
        self._sessions[session.id] = connection.session = session
        guilds = [guild for guild in self._state.guilds.values() if guild.bot_is_member]
        guilds = [guild for guild in guilds if session.serves(guild.id)]
        ready: Json = {
            "v": 10,
            "user": {**user_json(self._state.bot), "verified": True, "mfa_enabled": False, "email": None, "flags": 0},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._url(),
            "application": {"id": self._state.application_id, "flags": 0},
            "private_channels": [],
            "relationships": [],
            "session_type": "normal",
            "geo_ordered_rtc_regions": [],
        }
        if payload.get("shard"):
            ready["shard"] = payload["shard"]
        session.dispatch("READY", ready)
        if intents & Intent.GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", guild_json(guild, self._state.bot))

    def _resume(self, connection: Connection, payload: Json) -> None:
        if payload.get("token") != self._state.token:
            connection.close(BAD_TOKEN)
            return
        session = self._sessions.get(str(payload.get("session_id")))
        after = payload.get("seq")
        if session is None or not isinstance(after, int) or after > session.sequence:
            self._send(connection, INVALID_SESSION, False)
            return
        self.resumes += 1
        session.resume(connection, after)

    def _send_members(self, connection: Connection, payload: Json) -> None:
        session, guild = connection.session, self._state.guilds.get(str(payload.get("guild_id")))
        if session is None or guild is None:
            return
        wanted = payload.get("user_ids")
        user_ids = {str(wanted)} if isinstance(wanted, str | int) else set(map(str, wanted or guild.members))
        found = [member for user_id, member in guild.members.items() if user_id in user_ids]
        chunk: Json = {
            "guild_id": guild.id,
            "members": [{**member_json(member), "user": user_json(member.user)} for member in found],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": sorted(user_ids - set(guild.members)),
        }
        if payload.get("nonce"):
            chunk["nonce"] = payload["nonce"]
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
