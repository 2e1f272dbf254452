"""Answers REST requests about the bot itself, its application, its commands, and the people and guilds it can see."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from fake_discord.command_limits import check_commands
from fake_discord.messages import Json
from fake_discord.payloads import application_json, channel_json, guild_json, user_json
from fake_discord.places import Guild
from fake_discord.refusals import invalid_form, missing_access, unknown_command, unknown_guild, unknown_user
from fake_discord.rest import API, nothing, read_form, reply
from fake_discord.state import State


class AccountRoutes:
    """The routes under /users, /oauth2, /gateway, /guilds and /applications."""

    def __init__(self, state: State, gateway_url: Callable[[], str]) -> None:
        self._state = state
        self._gateway_url = gateway_url

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the routes."""
        commands = f"{API}/applications/{{application_id}}/commands"
        guild_commands = f"{API}/applications/{{application_id}}/guilds/{{guild_id}}/commands"
        router.add_get(f"{API}/users/@me", self.read_bot, allow_head=False)
        router.add_post(f"{API}/users/@me/channels", self.open_dm)
        router.add_get(f"{API}/users/{{user_id}}", self.read_user, allow_head=False)
        router.add_get(f"{API}/oauth2/applications/@me", self.read_application, allow_head=False)
        router.add_get(f"{API}/applications/@me", self.read_application, allow_head=False)
        router.add_get(f"{API}/gateway", self.read_gateway, allow_head=False)
        router.add_get(f"{API}/gateway/bot", self.read_gateway, allow_head=False)
        router.add_get(f"{API}/guilds/{{guild_id}}", self.read_guild, allow_head=False)
        for path in (commands, guild_commands):
            router.add_get(path, self.read_commands, allow_head=False)
            router.add_put(path, self.replace_commands)
            router.add_delete(f"{path}/{{command_id}}", self.delete_command)

    async def read_bot(self, request: web.Request) -> web.Response:
        """GET /users/@me, by which the client logs in."""
        return reply({**user_json(self._state.bot), "verified": True, "mfa_enabled": False, "flags": 0})

    async def read_user(self, request: web.Request) -> web.Response:
        """GET /users/{id}."""
        user = self._state.users.get(request.match_info["user_id"])
        if user is None:
            raise unknown_user()
        return reply(user_json(user))

    async def open_dm(self, request: web.Request) -> web.Response:
        """POST /users/@me/channels: the direct channel with a user."""
        user = self._state.users.get(str((await read_form(request)).payload.get("recipient_id")))
        if user is None:
            raise unknown_user()
        return reply(channel_json(self._state.dm(user), self._state.bot))

    async def read_application(self, request: web.Request) -> web.Response:
        """GET the application with its install parameters."""
        return reply(application_json(self._state))

    async def read_gateway(self, request: web.Request) -> web.Response:
        """GET /gateway and /gateway/bot: how many shards there should be, plenty of starts left."""
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return reply({"url": self._gateway_url(), "shards": self._state.shards, "session_start_limit": limit})

    async def read_guild(self, request: web.Request) -> web.Response:
        """GET /guilds/{id}."""
        return reply(guild_json(self._guild(request), self._state.bot))

    async def read_commands(self, request: web.Request) -> web.Response:
        """GET the registered commands, global or of one guild."""
        return reply(self._state.commands.get(self._place(request), []))

    async def replace_commands(self, request: web.Request) -> web.Response:
        """PUT all commands at once; a command keeps its id as long as its name and type stay."""
        place = self._place(request)
        wanted: list[Json] = (await read_form(request)).payload
        if problems := check_commands(wanted):
            raise invalid_form(problems)
        known = {(command["name"], command["type"]): command["id"] for command in self._state.commands.get(place, [])}
        registered = []
        for command in wanted:
            kind = command.get("type", 1)
            command_id = known.get((command["name"], kind)) or self._state.next_id()
            registered.append(
                {
                    "description": "",
                    "default_member_permissions": None,
                    "nsfw": False,
                    "integration_types": [0],
                    "contexts": None,
                    **command,
                    "id": command_id,
                    "type": kind,
                    "application_id": self._state.application_id,
                    "version": self._state.next_id(),
                    **({} if place is None else {"guild_id": place}),
                }
            )
        self._state.commands[place] = registered
        return reply(registered)

    async def delete_command(self, request: web.Request) -> web.Response:
        """DELETE one command."""
        registered = self._state.commands.get(self._place(request), [])
        for command in registered:
            if command["id"] == request.match_info["command_id"]:
                registered.remove(command)
                return nothing()
        raise unknown_command()

    def _place(self, request: web.Request) -> str | None:
        """Return the id of the guild in the path, None if the path is about global commands."""
        return self._guild(request).id if "guild_id" in request.match_info else None

    def _guild(self, request: web.Request) -> Guild:
        guild = self._state.guilds.get(request.match_info["guild_id"])
        if guild is None:
            raise unknown_guild()
        if not guild.bot_is_member:
            raise missing_access()
        return guild
