"""NewsML-G2, the IPTC's envelope of news items, single or many in a message, to articles."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree  # type: ignore[import-untyped]

from retrieval.errors import ArticleRejected
from retrieval.news.fields import one_line
from retrieval.news.language import language_code
from retrieval.news.marked_up import first, local_name, paragraphs_of, text_of
from retrieval.news.nitf import nitf_fields
from retrieval.news.parts import Part, Step, grouped
from retrieval.news.wire import Found, byline_names, finish, is_taken_back
from retrieval.news.xml_trees import parse_xml

ROOTS = ("newsItem", "newsMessage", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem")

# Real items are larger, and read each by itself; of smaller ones there may be millions.
_LONE_BYTES = 1024
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ITEMS = frozenset(ROOTS) - {"newsMessage"}
_NOT_ARTICLES = {
    "packageItem": "is a package, which only refers to articles; take in the articles themselves",
    "conceptItem": "describes a concept and is no article",
    "knowledgeItem": "describes concepts and is no article",
    "planningItem": "plans coverage and is no article",
    "catalogItem": "is a catalogue and no article",
}


def split_newsml(root: etree._Element, *, input: str) -> Sequence[Step]:
    """Read a NewsML-G2 document, in any namespace: an item, or a message of items, each of which is read by itself.

    An article is named by its guid, whatever its version. It was published when it was first created, else when its
    content was created, else when this version was made: the publisher's dates, in the order in which they come
    nearest to the first time that it was sent out.

    Args:
        root: an element named in `ROOTS`.
        input: how the place is named; items of a message are "input[0]", "input[1]" and so on.

    Returns:
        For each item, in order, what comes to its article, word that it is taken back, or why there is none.
    """
    if local_name(root) != "newsMessage":
        return [_read_item(root, input)]
    items = [item for each in root if local_name(each) == "itemSet" for item in each if isinstance(item.tag, str)]
    if not items:
        return [ArticleRejected(input, "is a message without items")]
    written = (etree.tostring(item, encoding="UTF-8", with_tail=False) for item in items)
    return [
        Part(f"{input}[{start}]", _read_group, (b"<itemSet>%s</itemSet>" % b"".join(group), input, start))
        for start, group in grouped(written, limit=_LONE_BYTES)
    ]


def _read_group(written: bytes, input: str, start: int) -> Sequence[Step]:
    try:
        items = parse_xml(written, input=f"{input}[{start}]")
    except ArticleRejected as rejected:
        return [rejected]
    return [_read_item(item, f"{input}[{number}]") for number, item in enumerate(items, start)]


def _read_item(item: etree._Element, input: str) -> Found:
    name = local_name(item)
    if name != "newsItem":
        return ArticleRejected(input, _NOT_ARTICLES.get(name, f"is a {name[:40]} and no article"))
    meta, content = first(item, "itemMeta"), first(item, "contentMeta")
    kind = _code(_child(meta, "itemClass")).lower()
    status = _code(_child(meta, "pubStatus")).lower()
    language = _language(item, content)
    body, paragraphs, inner_status = _body(item, language)
    embargo = _child(meta, "embargoed")
    rights = first(item, "rightsInfo")
    embargoed = text_of(embargo) or body.get("embargoed")
    fields: dict[str, object] = {
        "id": item.get("guid") or body.get("id"),
        "title": _in_language(content, "headline", language)
        or body.get("title")
        or text_of(_child(meta, "title"))
        or text_of(_child(content, "slugline")),
        "source": _source(meta, rights, content) or body.get("source"),
        "url": item.get("guid"),
        "published": text_of(_child(meta, "firstCreated"))
        or text_of(_child(content, "contentCreated"))
        or body.get("published")
        or text_of(_child(meta, "versionCreated")),
        "updated": text_of(_child(meta, "versionCreated")) or body.get("updated"),
        "embargoed": text_of(embargo),
        "embargoed_until": body.get("embargoed"),  # the later of the two holds
        "authors": _authors(content) or body.get("authors"),
        "language": language or body.get("language"),
        "usage_terms": _in_language(rights, "usageTerms", language)
        or body.get("usage_terms")
        or _in_language(rights, "copyrightNotice", language),
    }
    if not is_taken_back(status) and inner_status:
        status = inner_status
    if not is_taken_back(status):
        if embargo is not None and not embargoed:
            return ArticleRejected(input, "is embargoed and does not say until when; take it in once it is released")
        if kind not in ("", "text", "composite"):
            return ArticleRejected(input, f"is of the class {kind[:40]!r}; only texts are read")
        if not paragraphs:
            return ArticleRejected(
                input, "has no text; an item whose text stands elsewhere, or in no known form, is not read"
            )
    return finish(fields, paragraphs, status=status, input=input)


def _body(item: etree._Element, language: str) -> tuple[dict[str, object], list[str], str]:
    """Read the first body that has text, of those in the item's language if any: its own fields, text and status."""
    bodies = [each for set_ in item if local_name(set_) == "contentSet" for each in set_]
    bodies.sort(key=lambda each: language_code(each.get(_LANG) or language) != language_code(language))
    for body in bodies:
        if local_name(body) == "inlineXML":
            if (nitf := first(body, "nitf")) is not None:
                fields, paragraphs, status = nitf_fields(nitf)
            else:
                fields, paragraphs, status = {}, paragraphs_of(body), ""
        elif local_name(body) == "inlineData" and body.get("encoding") is None and _is_text(body):
            fields, paragraphs, status = {}, ["".join(map(str, body.itertext()))], ""
        else:
            continue
        if paragraphs or status:
            return fields, paragraphs, status
    return {}, [], ""


def _is_text(body: etree._Element) -> bool:
    return (body.get("contenttype") or "text/plain").lower().startswith("text/plain")


def _language(item: etree._Element, content: etree._Element | None) -> str:
    stated = _child(content, "language")
    return (stated.get("tag") if stated is not None else None) or item.get(_LANG) or ""


def _source(meta: etree._Element | None, rights: etree._Element | None, content: etree._Element | None) -> str:
    """The publisher by name: who provides the item, holds the rights to it, or gave the information, else a code."""
    parties = (_child(meta, "provider"), first(rights, "copyrightHolder"), _child(content, "infoSource"))
    named = next(filter(None, map(_name, parties)), "")
    has_code = parties[0] is not None and parties[0].get("qcode")
    return named or (_code(parties[0]) if has_code else "")


def _authors(content: etree._Element | None) -> list[str]:
    children = [] if content is None else list(content)
    names = [_name(each) for each in children if local_name(each) == "creator"]
    return [name for name in names if name] or byline_names(text_of(_child(content, "by")))


def _name(party: etree._Element | None) -> str:
    return text_of(_child(party, "name")) or (one_line(party.get("literal") or "") if party is not None else "")


def _in_language(element: etree._Element | None, name: str, language: str) -> str:
    found = [] if element is None else [each for each in element.iter() if local_name(each) == name and text_of(each)]
    found.sort(key=lambda each: language_code(each.get(_LANG) or language) != language_code(language))
    return text_of(found[0]) if found else ""


def _code(element: etree._Element | None) -> str:
    """What a coded value says, without its scheme: "usable" of "stat:usable" or of ".../pubstatusg2/usable"."""
    written = "" if element is None else element.get("qcode") or element.get("uri") or ""
    return one_line(written).rstrip("/").rpartition("/" if "/" in written else ":")[2]


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else next((each for each in element if local_name(each) == name), None)
