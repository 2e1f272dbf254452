"""Checks component trees (legacy rows, Components V2 layouts, modals) against Discord's limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum

from fake_discord.messages import Json, walk_components
from fake_discord.refusals import Problem


class ComponentKind(IntEnum):
    """Discord's component types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18


SELECTS = {3, 5, 6, 7, 8}
TOP_OF_LAYOUT = {1, 9, 10, 12, 13, 14, 17}
IN_CONTAINER = TOP_OF_LAYOUT - {17}
LINK_STYLE = 5

LAYOUT_COMPONENTS = 40
LAYOUT_CHARS = 4000
LAYOUT_UTF8_BYTES = 10_170
"""Live Discord answers 500 above this: bytes of all text displays plus 12 for each (discord-api-docs issue 8554)."""
ROWS = 5
BUTTONS_IN_ROW = 5
CUSTOM_ID_CHARS = 100
LABEL_CHARS = 80
URL_CHARS = 512
OPTIONS = 25
OPTION_CHARS = 100
PLACEHOLDER_CHARS = 150
MODAL_COMPONENTS = 5
MODAL_LABEL_CHARS = 45
MODAL_INPUT_CHARS = 4000


def too_long(path: tuple[str, ...], text: str | None, limit: int, at_least: int = 0) -> list[Problem]:
    """Return the problem of a text outside `at_least`..`limit` characters; None has no length and no problem."""
    if text is None or at_least <= len(text) <= limit:
        return []
    if at_least:
        message = f"Must be between {at_least} and {limit} in length."
        return [Problem(path, "BASE_TYPE_BAD_LENGTH", message)]
    return [Problem(path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")]


def check_legacy_components(components: list[Json]) -> Iterator[Problem]:
    """Yield what a message without the Components V2 flag breaks: at most five rows of buttons or one select."""
    if len(components) > ROWS:
        yield Problem(("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {ROWS} in length.")
    yield from _check_kinds(("components",), components, {ComponentKind.ACTION_ROW})
    yield from _check_each(components)


def check_layout(components: list[Json]) -> Iterator[Problem]:
    """Yield what a Components V2 tree breaks, counting nested components and all displayed text."""
    everything = list(walk_components(components))
    if len(everything) > LAYOUT_COMPONENTS:
        message = f"Total number of components ({len(everything)}) exceeds maximum of {LAYOUT_COMPONENTS}"
        yield Problem(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    texts = [entry.get("content") or "" for entry in everything if entry.get("type") == ComponentKind.TEXT_DISPLAY]
    in_all = sum(map(len, texts))
    if in_all > LAYOUT_CHARS:
        message = f"Displayable text size ({in_all}) exceeds maximum of {LAYOUT_CHARS}"
        yield Problem(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    size = sum(len(text.encode()) + 12 for text in texts)
    if size > LAYOUT_UTF8_BYTES:
        message = f"Processed text size ({size} bytes) exceeds {LAYOUT_UTF8_BYTES}"
        yield Problem(("components",), "COMPONENT_PROCESSED_SIZE_EXCEEDED", message)
    yield from _check_kinds(("components",), components, TOP_OF_LAYOUT)
    yield from _check_each(components)


def check_modal_components(components: list[Json]) -> Iterator[Problem]:
    """Yield what the components of a modal break."""
    path = ("data", "components")
    if not 1 <= len(components) <= MODAL_COMPONENTS:
        yield Problem(path, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MODAL_COMPONENTS} in length.")
    for component in walk_components(components):
        yield from too_long((*path, "label"), component.get("label"), MODAL_LABEL_CHARS)
        yield from too_long((*path, "custom_id"), component.get("custom_id"), CUSTOM_ID_CHARS, at_least=1)
        yield from too_long((*path, "placeholder"), component.get("placeholder"), OPTION_CHARS)
        if int(component.get("max_length") or 1) > MODAL_INPUT_CHARS:
            message = f"int value should be less than or equal to {MODAL_INPUT_CHARS}."
            yield Problem((*path, "max_length"), "NUMBER_TYPE_MAX", message)


def _check_kinds(path: tuple[str, ...], components: list[Json], allowed: set[int]) -> Iterator[Problem]:
    for number, component in enumerate(components):
        if component.get("type") not in allowed:
            message = f'Value of field "type" must be one of {tuple(sorted(allowed))}.'
            yield Problem((*path, str(number), "type"), "UNION_TYPE_CHOICES", message)


def _check_each(components: list[Json]) -> Iterator[Problem]:
    yield from _check_tree(("components",), components)
    custom_ids = Counter(entry["custom_id"] for entry in walk_components(components) if entry.get("custom_id"))
    for custom_id, times in custom_ids.items():
        if times > 1:
            message = f"Component custom id cannot be duplicated: {custom_id}"
            yield Problem(("components",), "COMPONENT_CUSTOM_ID_DUPLICATED", message)


def _check_tree(path: tuple[str, ...], components: list[Json]) -> Iterator[Problem]:
    for number, component in enumerate(components):
        at = (*path, str(number))
        children: list[Json] = component.get("components") or []
        kind = component.get("type")
        if kind == ComponentKind.ACTION_ROW:
            yield from _check_row(at, children)
        elif kind == ComponentKind.CONTAINER:
            yield from _check_kinds((*at, "components"), children, IN_CONTAINER)
        elif kind == ComponentKind.SECTION:
            yield from _check_section(at, component, children)
        elif kind == ComponentKind.BUTTON:
            yield from _check_button(at, component)
        elif kind in SELECTS:
            yield from _check_select(at, component)
        elif kind == ComponentKind.TEXT_DISPLAY and not component.get("content"):
            yield Problem((*at, "content"), "BASE_TYPE_REQUIRED", "This field is required")
        yield from _check_tree((*at, "components"), children)
        if component.get("accessory"):
            yield from _check_tree((*at, "accessory"), [component["accessory"]])


def _check_row(at: tuple[str, ...], children: list[Json]) -> Iterator[Problem]:
    if not 1 <= len(children) <= BUTTONS_IN_ROW:
        message = f"Must be between 1 and {BUTTONS_IN_ROW} in length."
        yield Problem((*at, "components"), "BASE_TYPE_BAD_LENGTH", message)
    if len(children) > 1 and any(child.get("type") in SELECTS for child in children):
        yield Problem((*at, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The row exceeds the maximum width")


def _check_section(at: tuple[str, ...], component: Json, children: list[Json]) -> Iterator[Problem]:
    if not 1 <= len(children) <= 3:
        yield Problem((*at, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 3 in length.")
    yield from _check_kinds((*at, "components"), children, {ComponentKind.TEXT_DISPLAY})
    if not component.get("accessory"):
        yield Problem((*at, "accessory"), "BASE_TYPE_REQUIRED", "This field is required")


def _check_button(at: tuple[str, ...], button: Json) -> Iterator[Problem]:
    yield from too_long((*at, "label"), button.get("label"), LABEL_CHARS)
    if button.get("style") == LINK_STYLE:
        yield from too_long((*at, "url"), button.get("url", ""), URL_CHARS, at_least=1)
    else:
        yield from too_long((*at, "custom_id"), button.get("custom_id", ""), CUSTOM_ID_CHARS, at_least=1)
    if not button.get("label") and not button.get("emoji"):
        yield Problem((*at, "label"), "BUTTON_COMPONENT_LABEL_REQUIRED", "A button must have a label or an emoji")


def _check_select(at: tuple[str, ...], select: Json) -> Iterator[Problem]:
    yield from too_long((*at, "custom_id"), select.get("custom_id", ""), CUSTOM_ID_CHARS, at_least=1)
    yield from too_long((*at, "placeholder"), select.get("placeholder"), PLACEHOLDER_CHARS)
    options: list[Json] = select.get("options") or []
    if select.get("type") == ComponentKind.STRING_SELECT and not 1 <= len(options) <= OPTIONS:
        yield Problem((*at, "options"), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {OPTIONS} in length.")
    for number, option in enumerate(options):
        for part in ("label", "value", "description"):
            yield from too_long((*at, "options", str(number), part), option.get(part), OPTION_CHARS)
