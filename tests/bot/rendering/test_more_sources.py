"""The sources beside those quoted: copies by the quote they belong to, what was found, and a count of the rest."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import convoy
from fake_discord.component_limits import check_layout

from bot.answering.kept import kept_fields
from bot.rendering.more_sources import more_sources
from retrieval.articles import CopyOf


def kept(copies: int, found: int, title: str = "A copy") -> dict[str, Any]:
    plain = convoy.convoy_answer()
    articles = [replace(convoy.article("Else."), id=f"f{n}", title=f"Found {n}") for n in range(found)]
    named = tuple(CopyOf(f"c{n}", "v", title, f"Copyist {n}", None, None, None) for n in range(copies))
    findings = replace(convoy.evidence("?", articles).findings, copies={convoy.LEDGER.id: named})
    return kept_fields(replace(plain, evidence=replace(plain.evidence, findings=findings)))


def texts(fields: dict[str, Any]) -> list[str]:
    components = more_sources(fields, now=convoy.ASKED_AT).to_components()
    assert list(check_layout(components)) == []
    return [child.get("content", "---") for child in components[0]["components"]]


def test_copies_name_the_source_whose_story_they_have_and_then_comes_what_was_found() -> None:
    assert texts(kept(1, 1)) == [
        "Also in:",
        "**A copy**\nCopyist 0 · date not given · the story of \\[2\\]",
        "---",
        "Found, and not quoted:",
        "**Found 0**\npublisher not given · date not given",
    ]


def test_what_there_is_none_of_has_no_heading() -> None:
    assert texts(kept(0, 1))[0] == "Found, and not quoted:"
    assert "Found, and not quoted:" not in texts(kept(1, 0))


def test_what_does_not_fit_one_message_is_counted() -> None:
    shown = texts(kept(60, 2, title="*" * 400))

    left_out = re.fullmatch(r"-# (\d+) more not shown", shown[-1])
    assert left_out is not None
    assert sum("Copyist" in text for text in shown) + int(left_out[1]) == 62
