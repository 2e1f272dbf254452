"""Checks messages, modals and autocomplete choices against Discord's limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fake_discord.component_limits import check_layout, check_legacy_components, check_modal_components, too_long
from fake_discord.messages import COMPONENTS_V2, Json
from fake_discord.refusals import Problem

CONTENT_CHARS = 2000
EMBEDS_PER_MESSAGE = 10
EMBED_CHARS_IN_ALL = 6000
EMBED_FIELDS = 25
EMBED_PART_CHARS = {"title": 256, "description": 4096}
FIELD_PART_CHARS = {"name": 256, "value": 1024}
FOOTER_CHARS = 2048
AUTHOR_CHARS = 256
AUTOCOMPLETE_CHOICES = 25
CHOICE_CHARS = 100
MODAL_TITLE_CHARS = 45

BODY_PARTS = ("content", "embeds", "components", "attachments", "sticker_ids", "poll")


def is_empty(payload: Json, file_names: Sequence[str] = ()) -> bool:
    """Say whether nothing would be shown."""
    return not file_names and not any(payload.get(part) for part in BODY_PARTS)


def check_message(payload: Json) -> list[Problem]:
    """Return every limit that a whole (merged) message payload breaks, in reading order."""
    problems = list(_check_allowed_mentions(payload.get("allowed_mentions") or {}))
    components: list[Json] = payload.get("components") or []
    if int(payload.get("flags") or 0) & COMPONENTS_V2:
        for part in ("content", "embeds", "sticker_ids", "poll"):
            if payload.get(part):
                message = f"The '{part}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                problems.append(Problem((part,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message))
        return problems + list(check_layout(components))
    problems += too_long(("content",), payload.get("content"), CONTENT_CHARS)
    problems += _check_embeds(payload.get("embeds") or [])
    problems += check_legacy_components(components)
    return problems


def check_choices(payload: Json) -> list[Problem]:
    """Return every limit that the choices offered by an autocomplete break."""
    choices: list[Json] = payload.get("choices") or []
    problems = _too_many(("data", "choices"), choices, AUTOCOMPLETE_CHOICES)
    for number, choice in enumerate(choices):
        for part in ("name", "value"):
            if isinstance(choice.get(part), str):
                path = ("data", "choices", str(number), part)
                problems += too_long(path, choice[part], CHOICE_CHARS, at_least=1)
    return problems


def check_modal(payload: Json) -> list[Problem]:
    """Return every limit that a modal breaks."""
    problems = too_long(("data", "title"), payload.get("title", ""), MODAL_TITLE_CHARS, at_least=1)
    problems += too_long(("data", "custom_id"), payload.get("custom_id", ""), 100, at_least=1)
    return problems + list(check_modal_components(payload.get("components") or []))


def _too_many(path: tuple[str, ...], entries: Sequence[object], limit: int) -> list[Problem]:
    if len(entries) <= limit:
        return []
    return [Problem(path, "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {limit} in length.")]


def _check_embeds(embeds: list[Json]) -> Iterator[Problem]:
    yield from _too_many(("embeds",), embeds, EMBEDS_PER_MESSAGE)
    in_all = 0
    for number, embed in enumerate(embeds):
        path: tuple[str, ...] = ("embeds", str(number))
        parts: list[tuple[tuple[str, ...], str | None, int]] = [
            ((*path, name), embed.get(name), limit) for name, limit in EMBED_PART_CHARS.items()
        ]
        parts.append(((*path, "footer", "text"), (embed.get("footer") or {}).get("text"), FOOTER_CHARS))
        parts.append(((*path, "author", "name"), (embed.get("author") or {}).get("name"), AUTHOR_CHARS))
        for position, entry in enumerate(embed.get("fields") or []):
            at = (*path, "fields", str(position))
            for name, limit in FIELD_PART_CHARS.items():
                if not entry.get(name):
                    yield Problem((*at, name), "BASE_TYPE_REQUIRED", "This field is required")
                parts.append(((*at, name), entry.get(name), limit))
        yield from _too_many((*path, "fields"), embed.get("fields") or [], EMBED_FIELDS)
        for at, text, limit in parts:
            in_all += len(text or "")
            yield from too_long(at, text, limit)
    if in_all > EMBED_CHARS_IN_ALL:
        message = f"Embed size exceeds maximum size of {EMBED_CHARS_IN_ALL}"
        yield Problem(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def _check_allowed_mentions(allowed: Json) -> Iterator[Problem]:
    for kind in ("users", "roles"):
        if allowed.get(kind) and kind in (allowed.get("parse") or []):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            yield Problem(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
