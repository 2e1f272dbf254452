"""Checks application commands against Discord's limits before they are stored."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fake_discord.component_limits import too_long
from fake_discord.messages import Json
from fake_discord.refusals import Problem

SLASH_NAME = re.compile(r"[-_'\w]{1,32}")
COMMANDS_OF_KIND = {1: 100, 2: 15, 3: 15}
OPTIONS = 25
CHOICES = 25
DESCRIPTION_CHARS = 100
COMMAND_CHARS = 8000


def check_commands(commands: list[Json]) -> list[Problem]:
    """Return every limit that a whole set of commands breaks."""
    problems: list[Problem] = list(_check_different((), commands))
    for kind, limit in COMMANDS_OF_KIND.items():
        if sum(command.get("type", 1) == kind for command in commands) > limit:
            problems.append(Problem((), "APPLICATION_COMMANDS_TOO_MANY", f"At most {limit} commands of type {kind}."))
    for number, command in enumerate(commands):
        problems += _check_command((str(number),), command)
    return problems


def _check_command(at: tuple[str, ...], command: Json) -> Iterator[Problem]:
    if command.get("type", 1) == 1:
        yield from _check_named(at, command)
        yield from _check_options(at, command.get("options") or [])
        if _chars(command) > COMMAND_CHARS:
            message = f"Command exceeds maximum size ({COMMAND_CHARS})"
            yield Problem(at, "APPLICATION_COMMAND_TOO_LARGE", message)
    else:
        yield from too_long((*at, "name"), command.get("name", ""), 32, at_least=1)


def _check_named(at: tuple[str, ...], named: Json) -> Iterator[Problem]:
    names = {("name",): named.get("name", "")}
    names |= {("name_localizations", locale): name for locale, name in (named.get("name_localizations") or {}).items()}
    for where, name in names.items():
        if not SLASH_NAME.fullmatch(str(name)) or name != name.lower():
            message = "Command name is invalid"
            yield Problem((*at, *where), "APPLICATION_COMMAND_INVALID_NAME", message)
    yield from too_long((*at, "description"), named.get("description", ""), DESCRIPTION_CHARS, at_least=1)
    for locale, text in (named.get("description_localizations") or {}).items():
        yield from too_long((*at, "description_localizations", locale), text, DESCRIPTION_CHARS, at_least=1)


def _check_options(at: tuple[str, ...], options: list[Json]) -> Iterator[Problem]:
    if len(options) > OPTIONS:
        yield Problem((*at, "options"), "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {OPTIONS} in length.")
    yield from _check_different((*at, "options"), options)
    has_optional = False
    for number, option in enumerate(options):
        here = (*at, "options", str(number))
        yield from _check_named(here, option)
        if len(option.get("choices") or []) > CHOICES:
            yield Problem((*here, "choices"), "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {CHOICES} in length.")
        if option.get("required") and has_optional:
            message = "Required options must be placed before non-required options"
            yield Problem(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        has_optional = has_optional or not option.get("required")
        yield from _check_options(here, option.get("options") or [])


def _check_different(at: tuple[str, ...], named: list[Json]) -> Iterator[Problem]:
    """Refuse names that two of a kind have, in English or in the same other language."""
    seen: set[tuple[object, str, object]] = set()
    for number, one in enumerate(named):
        for locale, name in {"": one.get("name"), **(one.get("name_localizations") or {})}.items():
            key = (one.get("type", 1) if not at else None, locale, name)
            if key in seen:
                message = "Application command names must be unique"
                yield Problem((*at, str(number), "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
            seen.add(key)


def _chars(command: Json) -> int:
    own = len(command.get("name") or "") + len(command.get("description") or "")
    own += sum(len(str(choice["name"])) + len(str(choice["value"])) for choice in command.get("choices") or [])
    return own + sum(map(_chars, command.get("options") or []))
