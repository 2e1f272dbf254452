"""Untrusted text made safe to show in Discord: nothing in it formats, mentions, links or hides anything."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

from bot.rendering.limits import MAX_URL_CHARS, width

# Set between two characters so that Discord does not read them as one token; it shows nothing itself.
BREAK = "\u200b"
ELLIPSIS = "…"

# Format characters (Cf) that a reader does see: Arabic, Syriac and Kaithi number signs.
_SEEN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Letters and marks that show nothing at all: Hangul and Khmer fillers, the combining grapheme joiner.
_UNSEEN_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
# Joiners spell words in Persian and the Indic scripts and build emoji; between other characters they only hide.
_JOINERS = frozenset("\u200c\u200d")
# Text without these, such as most English text, is kept as it is without a look at every character.
_UNCERTAIN = re.compile("[^\n -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2015\u2018-\u201f\u2026]")
# Stacked marks beyond this number cover the lines above and below; no living orthography needs more.
_MAX_STACKED_MARKS = 4

_INLINE = re.compile(r"[\\*_~`|\[\]]")
_LINE_START = re.compile(r"^([^\S\n]*)([#\-+>])", re.MULTILINE)
_LIST_NUMBER = re.compile(r"^([^\S\n]*\d+)([.)])", re.MULTILINE)
# <@id> <@&id> <#id> </name:id> <t:0> <id:guide> <:emoji:id> <https://...> <name@example.org> all begin like this.
_ANGLE = re.compile(r"<(?=\S)")
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
# Discord reads a link's label up to the last of these it can reach, escaped or not: one in an article after one of our
# links would take that link over.
_LINK_JOINT = re.compile(r"\](?=\()")
_SCHEME = re.compile(r":(?=//)")
_INVITE = re.compile(r"(discord(?:app)?\.(?:gg|com|gift|new))/", re.IGNORECASE)
_SHORTCODE = re.compile(r":(?=[A-Za-z0-9+_-]+:)")

# What stays as it is in an address; parentheses, quotes and asterisks would end or format the link.
_URL_SAFE = "/?%:@!$&+,;=~-._"
_HOST = re.compile(r"(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)


def visible(text: str) -> str:
    r"""Drop what a reader cannot see: control, bidirectional, zero-width and filler characters, lone surrogates.

    Line ends become "\n", other white space that is not a plain space becomes one. Joiners stay between letters,
    marks and symbols outside ASCII. Of a pile of combining marks the first four stay.
    """
    if not _UNCERTAIN.search(text):
        return text
    text = re.sub("\r\n?|[\u2028\u2029]", "\n", text)
    text = re.sub("[\t\x0b\x0c\x85]", " ", text)
    kept: list[str] = []
    marks = 0
    for i, c in enumerate(text):
        kind = unicodedata.category(c)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if c == "\n" or (_is_seen(text, i, kind) and marks <= _MAX_STACKED_MARKS):
            kept.append(c)
    return "".join(kept)


def _is_seen(text: str, i: int, kind: str) -> bool:
    c = text[i]
    if c in _JOINERS:
        return _may_be_joined(text[i - 1 : i]) and _may_be_joined(text[i + 1 : i + 2])
    if kind == "Cf":
        return c in _SEEN_FORMATS
    return kind not in ("Cc", "Cs") and c not in _UNSEEN_LETTERS


def _may_be_joined(c: str) -> bool:
    return c > "\x7f" and c not in _UNSEEN_LETTERS and unicodedata.category(c)[0] in "LMS"


def escaped(text: str) -> str:
    """Write text so that Discord shows it literally, line by line.

    Every Markdown sign is escaped with a backslash; mentions, timestamps, emoji, invites and bare addresses are
    broken by a zero-width space, which survives where a backslash would not (search, notifications).
    """
    return _literal(visible(text))


def _literal(text: str) -> str:
    text = _INLINE.sub(r"\\\g<0>", text)
    text = _LINE_START.sub(r"\1\\\2", text)
    text = _LIST_NUMBER.sub(r"\1\\\2", text)
    text = _ANGLE.sub("<" + BREAK, text)
    text = _EVERYONE.sub("@" + BREAK, text)
    text = _LINK_JOINT.sub("]" + BREAK, text)
    text = _SCHEME.sub(":" + BREAK, text)
    text = _INVITE.sub(rf"\1{BREAK}/", text)
    return _SHORTCODE.sub(r"\\:", text)


def one_line(text: str) -> str:
    """Drop what cannot be seen and run all white space together; the text is not yet escaped."""
    return " ".join(visible(text).split())


def shortened(text: str, limit: int) -> str:
    """Cut a text, not yet escaped, so that escaped it is at most `limit` wide; a cut ends in "…", at a word if it can.

    Args:
        text: one that `visible` or `one_line` gave.
        limit: UTF-16 code units, >= 1.
    """
    if len(text) <= limit and width(_literal(text)) <= limit:
        return text
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if width(_literal(text[:middle] + ELLIPSIS)) <= limit:
            low = middle
        else:
            high = middle - 1
    at_word = text.rfind(" ", low // 2, low + 1)
    return text[: at_word if at_word > 0 else low].rstrip() + ELLIPSIS


def pieces(text: str, limit: int) -> list[str]:
    """Split a text, not yet escaped, so that each piece escaped is at most `limit` wide; at words if it can.

    Args:
        text: one that `visible` or `one_line` gave; a piece ends at one of its spaces, which is dropped.
        limit: UTF-16 code units, >= 8.
    """
    split: list[str] = []
    while text:
        end = min(len(text), limit)
        while (wide := width(_literal(text[:end]))) > limit:
            end = min(end - 1, end * limit // wide)
        if end < len(text) and (at_word := text.rfind(" ", end // 2, end + 1)) > 0:
            end = at_word
        split.append(text[:end])
        text = text[end:].lstrip(" ")
    return split or [""]


def bold(text: str) -> str:
    """Escape a text, set on one line, and set it in bold."""
    return f"**{_literal(one_line(text))}**"


def block_quote(markdown: str) -> str:
    """Make ready Markdown a block quote, without empty lines between its paragraphs, to be short on a phone."""
    lines = (line.strip() for line in markdown.split("\n"))
    return "\n".join(f"> {line}" for line in lines if line)


def safe_url(url: str | None) -> str | None:
    """Return the address in a form that cannot break out of a masked link, or None if it must not be linked.

    Linked are http and https with an ordinary host name and without a user name, which could pass for a host, up to
    512 characters once spaces, parentheses, quotes and everything outside ASCII are percent-encoded.
    """
    try:
        parts = urlsplit((url or "").strip())
        netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(netloc):
            return None
        path, query, fragment = (quote(part, safe=_URL_SAFE) for part in (parts.path, parts.query, parts.fragment))
    except ValueError:  # not an address at all, no host name, or a lone surrogate
        return None
    # Discord's server looks for this mention without regard to Markdown.
    safe = _EVERYONE.sub("%40", urlunsplit((parts.scheme, netloc, path, query, fragment)))
    return safe if len(safe) <= MAX_URL_CHARS else None


def link(label: str, url: str | None) -> str:
    """Link a label, set on one line, to an address, or show it escaped if the address must not be linked.

    Square brackets in a linked label become round ones: Discord ends the label at one without a partner.
    """
    label = one_line(label)
    target = safe_url(url)
    if target is None or not label:
        return escaped(label)
    return f"[{escaped(label.replace('[', '(').replace(']', ')'))}]({target})"
