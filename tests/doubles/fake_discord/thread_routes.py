"""Answers REST requests that start and join threads."""

from __future__ import annotations

from aiohttp import web

from fake_discord.access import visible_channel, visible_message
from fake_discord.component_limits import too_long
from fake_discord.events import Events
from fake_discord.messages import Json
from fake_discord.payloads import channel_json
from fake_discord.permissions import Permission
from fake_discord.places import Channel, ChannelKind
from fake_discord.refusals import Refusal, invalid_form
from fake_discord.rest import API, nothing, read_form, reply
from fake_discord.state import State

NAME_CHARS = 100


class ThreadRoutes:
    """The routes under /channels that make public threads of a guild's text channels."""

    def __init__(self, state: State, events: Events) -> None:
        self._state = state
        self._events = events

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the routes."""
        channel = f"{API}/channels/{{channel_id}}"
        router.add_post(f"{channel}/threads", self.start)
        router.add_post(f"{channel}/messages/{{message_id}}/threads", self.start_on_message)
        router.add_put(f"{channel}/thread-members/@me", self.join)

    async def start(self, request: web.Request) -> web.Response:
        """POST a thread of its own."""
        parent = visible_channel(self._state, request, Permission.CREATE_PUBLIC_THREADS)
        form = await read_form(request)
        return reply(channel_json(self._open(parent, self._state.next_id(), form.payload), self._state.bot), 201)

    async def start_on_message(self, request: web.Request) -> web.Response:
        """POST a thread on a message; it gets the id of the message."""
        parent = visible_channel(self._state, request, Permission.CREATE_PUBLIC_THREADS)
        message = visible_message(self._state, request)
        if message.id in self._state.channels:
            raise Refusal(400, 160004, "A thread has already been created for this message", breaks_rules=True)
        form = await read_form(request)
        return reply(channel_json(self._open(parent, message.id, form.payload), self._state.bot), 201)

    async def join(self, request: web.Request) -> web.Response:
        """PUT the bot into a thread."""
        visible_channel(self._state, request)
        return nothing()

    def _open(self, parent: Channel, thread_id: str, payload: Json) -> Channel:
        if parent.kind is not ChannelKind.TEXT or parent.guild is None:
            raise Refusal(400, 50024, "Cannot execute action on this channel type", breaks_rules=True)
        name = payload.get("name", "")
        if problems := too_long(("name",), name, NAME_CHARS, at_least=1):
            raise invalid_form(problems)
        thread = Channel(thread_id, ChannelKind.PUBLIC_THREAD, name, parent.guild, parent=parent)
        self._state.channels[thread.id] = parent.guild.threads[thread.id] = thread
        self._events.thread_created(thread)
        return thread
