"""Answers REST requests about channels: posting, editing, reading and deleting messages, reactions, typing."""

from __future__ import annotations

from aiohttp import web

from fake_discord.access import visible_channel, visible_message
from fake_discord.messages import Json, Message
from fake_discord.payloads import channel_json, message_json
from fake_discord.permissions import Permission
from fake_discord.places import ChannelKind
from fake_discord.postings import Postings
from fake_discord.refusals import Problem, closed_dms, invalid_form, missing_permissions, not_the_author
from fake_discord.rest import API, nothing, read_form, reply
from fake_discord.state import State


class ChannelRoutes:
    """The routes under /channels."""

    def __init__(self, state: State, postings: Postings) -> None:
        self._state = state
        self._postings = postings
        self._nonces: dict[tuple[str, str], Message] = {}
        self.posted: list[Message] = []
        """The bot's messages that came through these routes, oldest first."""

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the routes."""
        channel = f"{API}/channels/{{channel_id}}"
        one = f"{channel}/messages/{{message_id}}"
        router.add_get(channel, self.read_channel, allow_head=False)
        router.add_get(f"{channel}/messages", self.read_messages, allow_head=False)
        router.add_post(f"{channel}/messages", self.post)
        router.add_post(f"{channel}/typing", self.show_typing)
        router.add_get(one, self.read_message, allow_head=False)
        router.add_patch(one, self.edit)
        router.add_delete(one, self.delete)
        router.add_put(f"{one}/reactions/{{emoji}}/@me", self.react)
        router.add_delete(f"{one}/reactions/{{emoji}}/@me", self.take_reaction_back)

    async def read_channel(self, request: web.Request) -> web.Response:
        """GET a channel."""
        return reply(channel_json(visible_channel(self._state, request), self._state.bot))

    async def read_messages(self, request: web.Request) -> web.Response:
        """GET the latest messages, newest first, with `limit`, `before` and `after`."""
        channel = visible_channel(self._state, request, Permission.READ_MESSAGE_HISTORY)
        before, after = int(request.query.get("before", 1 << 63)), int(request.query.get("after", 0))
        found = [message for message in self._state.in_channel(channel) if after < int(message.id) < before]
        limit = int(request.query.get("limit", 50))
        # after= pages forward from the oldest, anything else backward from the newest
        found = found[:limit] if "after" in request.query else found[-limit:]
        return reply([message_json(message, self._state) for message in reversed(found)])

    async def read_message(self, request: web.Request) -> web.Response:
        """GET one message."""
        return reply(message_json(visible_message(self._state, request), self._state))

    async def post(self, request: web.Request) -> web.Response:
        """POST a message; a repeated enforced nonce gives the first message again."""
        channel = visible_channel(self._state, request, Permission.SEND_MESSAGES)
        form = await read_form(request)
        if channel.kind is ChannelKind.DM and not all(user.accepts_dms for user in channel.recipients):
            raise closed_dms()
        key = (channel.id, str(form.payload.get("nonce")))
        if form.payload.get("enforce_nonce") and key in self._nonces:
            return reply(message_json(self._nonces[key], self._state))
        message = self._postings.create(channel, form, reference=self._reference(form.payload))
        self._nonces[key] = message
        self.posted.append(message)
        return reply(message_json(message, self._state))

    async def edit(self, request: web.Request) -> web.Response:
        """PATCH one of the bot's own messages."""
        message = visible_message(self._state, request)
        if message.author is not self._state.bot:
            raise not_the_author()
        self._postings.edit(message, await read_form(request))
        return reply(message_json(message, self._state))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE a message: the bot's own, or anybody's with the permission to manage messages."""
        message = visible_message(self._state, request)
        allowed = message.channel.permissions_of(self._state.bot)
        if message.author is not self._state.bot and not allowed & Permission.MANAGE_MESSAGES:
            raise missing_permissions()
        self._postings.delete(message)
        return nothing()

    async def show_typing(self, request: web.Request) -> web.Response:
        """POST typing."""
        visible_channel(self._state, request, Permission.SEND_MESSAGES)
        return nothing()

    async def react(self, request: web.Request) -> web.Response:
        """PUT the bot's own reaction."""
        visible_channel(self._state, request, Permission.ADD_REACTIONS)
        visible_message(self._state, request).reactions.append(request.match_info["emoji"])
        return nothing()

    async def take_reaction_back(self, request: web.Request) -> web.Response:
        """DELETE the bot's own reaction."""
        message = visible_message(self._state, request)
        if request.match_info["emoji"] in message.reactions:
            message.reactions.remove(request.match_info["emoji"])
        return nothing()

    def _reference(self, payload: Json) -> Message | None:
        """Return the message this one replies to; a missing one is refused unless the bot allows it to be missing."""
        asked = payload.get("message_reference")
        if not asked:
            return None
        message = self._state.messages.get(str(asked["message_id"]))
        if message is not None and not message.deleted:
            return message
        if asked.get("fail_if_not_exists", True):
            problem = Problem(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            refusal = invalid_form([problem])
            refusal.breaks_rules = False  # people delete messages; that is not the bot's fault
            raise refusal
        return None
