"""ninjs, the IPTC's news in JSON, versions 1 to 3, to articles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from retrieval.articles import Article, clean_text
from retrieval.errors import ArticleRejected
from retrieval.news.fields import embargo_end, normal_text, one_line
from retrieval.news.marked_up import local_name, paragraphs_of_html
from retrieval.news.nitf import nitf_fields
from retrieval.news.wire import Found, byline_names, finish, is_taken_back
from retrieval.news.xml_trees import parse_xml

# Versions 1 and 2 write names in small letters, version 3 in camel case; all are compared in small letters.
_MARKS = frozenset(
    "type versioncreated firstcreated contentcreated pubstatus profile representationtype headline headlines bodies "
    "body_text body_html body_xhtml description_text descriptions associations eventdetails renditions".split()
)
_TEXTS = ("text", "composite")
# A package in a package in a package; deeper ones are none that anybody sends.
_MAX_DEPTH = 3

# What a body's content type or role tells of its form; looked for in this order, so that XHTML is found before text.
_FORMS = {"nitf": "nitf", "html": "html", "text": "plain"}
# Text in JSON is decoded already, whatever encoding its declaration names.
_XML_DECLARATION = re.compile(r"^<\?xml[^>]{0,200}\?>")

_Item = Mapping[str, object]


def is_ninjs(element: object) -> bool:
    """Whether a JSON value is a ninjs object: named by a URI, with what only ninjs has, and not in our own form."""
    if not isinstance(element, dict) or "text" in element or not isinstance(element.get("uri"), str):
        return False
    return any(name.lower() in _MARKS for name in element)


def ninjs_in(wrapper: Mapping[str, object]) -> list[object] | None:
    """Find the list of ninjs objects that an object wraps, under whatever name; None if there is none."""
    lists = (value for value in wrapper.values() if isinstance(value, list))
    return next((value for value in lists if any(map(is_ninjs, value))), None)


def read_ninjs(element: Mapping[str, object], *, input: str) -> Iterator[Found]:
    """Read a ninjs object, and the texts with bodies of their own that are associated with it.

    An article is named by its uri, whatever its version. It was published when it was first created, else when its
    content was created, else when this version was made. Of its bodies the plain one is taken, unless it is all one
    paragraph where a marked-up one has several. A text that has a description only is an excerpt. What is associated
    with an object that is taken back is not taken in, and what is associated with an embargoed one waits for the same
    moment at least.

    Args:
        element: what `is_ninjs` said yes to.
        input: how the place is named; associated texts are "input: NAME".

    Yields:
        The article, word that it is taken back, or why it is none; then the associated articles.
    """
    yield from _read(element, input, 0, None)


def _read(element: _Item, input: str, depth: int, outer_embargo: datetime | None) -> Iterator[Found]:
    item = {name.lower(): value for name, value in element.items()}
    status = _string(item, "pubstatus").strip().lower()
    if is_taken_back(status):
        yield _finish(item, status, input, None)
        return
    try:
        embargo = embargo_end({"embargoed": item.get("embargoed")})
    except ValueError as error:
        yield ArticleRejected(input, str(error))
        return
    if item.get("embargoedreason") and embargo is None:
        yield ArticleRejected(input, "is embargoed and does not say until when; take it in once it is released")
        return
    held_until = max(filter(None, (embargo, outer_embargo)), default=None)
    reason = _unfit(item)
    yield ArticleRejected(input, reason) if reason else _finish(item, status, input, held_until)
    if depth == _MAX_DEPTH:
        return
    for name, associated in _associations(item.get("associations")):
        inner = {key.lower(): value for key, value in associated.items()}
        if inner.get("type") in _TEXTS and (_bodies(inner) or inner.get("associations")):
            yield from _read(associated, f"{input}: {one_line(name)[:60]}", depth + 1, held_until)


def _unfit(item: _Item) -> str | None:
    """Why an object is no article, or None if it is one."""
    kind = one_line(_string(item, "type"))
    if kind and kind not in _TEXTS:
        return f"is of the type {kind[:40]!r}; only texts are read"
    if "eventdetails" in item:
        return "is of the type 'event'; only texts are read"
    if not _bodies(item) and not _description(item):
        which = f"is of the type {kind!r} and has" if kind else "has"
        return f"{which} no body of text; a headline alone is not taken in"
    return None


def _finish(item: _Item, status: str, input: str, held_until: datetime | None) -> Found:
    fields: dict[str, object] = {
        "id": item.get("uri"),
        "title": _headline(item),
        "source": _party(item.get("provider")) or _string(item, "copyrightholder") or _party(item.get("infosources")),
        "url": item.get("uri"),
        "published": next(filter(None, map(item.get, ("firstcreated", "contentcreated", "versioncreated"))), None),
        "updated": item.get("versioncreated"),
        "embargoed": held_until.isoformat() if held_until else None,
        "authors": _authors(item),
        "language": _string(item, "language"),
        "usage_terms": _string(item, "usageterms") or _linked_rights(item) or _string(item, "copyrightnotice"),
    }
    bodies = _bodies(item)
    paragraphs = _paragraphs(bodies) if bodies else [_description(item)]
    found = finish(fields, paragraphs, status=status, input=input)
    return replace(found, is_excerpt=not bodies) if isinstance(found, Article) else found


def _headline(item: _Item) -> str:
    given = item.get("headlines")
    headlines = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    headlines.sort(key=lambda each: each.get("role") != "main")
    written = [_string(each, "value") for each in headlines]
    written += [_string(item, name) for name in ("headline", "title", "slugline")]
    return next((each for each in written if each.strip()), "")


def _description(item: _Item) -> str:
    """What an object that says it is a text tells of it in short; blank for others, whose descriptions are captions."""
    if item.get("type") != "text":
        return ""
    given = item.get("descriptions")
    written = [_string(item, "description_text")]
    written += [_string(each, "value") for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    return next((normal_text(each) for each in written if each.strip()), "")


def _bodies(item: _Item) -> list[tuple[str, str]]:
    """All bodies that have text, as pairs of "plain", "html" or "nitf" and what is written, the plain ones first."""
    written = [("plain", _string(item, "body_text"))]
    written += [("html", _string(item, name)) for name in ("body_xhtml", "body_html")]
    given = item.get("bodies")
    for body in given if isinstance(given, list) else []:
        if isinstance(body, dict):
            lowered = {name.lower(): value for name, value in body.items()}
            told = f"{_string(lowered, 'contenttype')} {_string(lowered, 'role')}".lower()
            form = next((form for sign, form in _FORMS.items() if sign in told), None)
            if form:
                written.append((form, _string(lowered, "value")))
    kept = [(form, text) for form, text in written if text.strip()]
    return sorted(kept, key=lambda each: tuple(_FORMS.values()).index(each[0]), reverse=True)


def _paragraphs(bodies: list[tuple[str, str]]) -> list[str]:
    first: list[str] = []
    for form, written in bodies:
        if form == "plain":
            paragraphs = normal_text(written).split("\n\n")
        elif form == "html":
            paragraphs = paragraphs_of_html(written)
        else:
            paragraphs = _nitf_paragraphs(written)
        if len(paragraphs) > 1:
            return paragraphs
        first = first or paragraphs
    return first


def _nitf_paragraphs(written: str) -> list[str]:
    try:
        root = parse_xml(_XML_DECLARATION.sub("", clean_text(written)).encode(), input="")
    except ArticleRejected:
        return []
    return nitf_fields(root)[1] if local_name(root) == "nitf" else []


def _authors(item: _Item) -> list[str]:
    for name in ("authors", "creators"):
        people = item.get(name)
        if isinstance(people, list) and (names := [_party(person) for person in people if _party(person)]):
            return names
    return byline_names(_string(item, "byline") or _string(item, "by"))


def _party(written: object) -> str:
    """The name of a party: a string, an object with a name, or the first of a list of them that has one."""
    if isinstance(written, list):
        return next(filter(None, (_party(each) for each in written if not isinstance(each, list))), "")
    if isinstance(written, dict):
        return _string(written, "name") or _string(written, "literal")
    return written if isinstance(written, str) else ""


def _linked_rights(item: _Item) -> str:
    rights = item.get("rightsinfo")
    return (
        _string({name.lower(): value for name, value in rights.items()}, "linkedrights")
        if isinstance(rights, dict)
        else ""
    )


def _associations(written: object) -> Iterator[tuple[str, _Item]]:
    """Yield associated objects by name: version 1 keeps them in an object, later ones in a list."""
    if isinstance(written, dict):
        yield from ((name, value) for name, value in written.items() if isinstance(value, dict))
    elif isinstance(written, list):
        for number, each in enumerate(written):
            if isinstance(each, dict):
                yield _string(each, "name") or str(number), each


def _string(item: _Item, name: str) -> str:
    written = item.get(name)
    return written if isinstance(written, str) else ""
