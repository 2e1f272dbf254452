"""Bytes to XML text that can do no harm: decoded, without DOCTYPE or entities of its own, mended where broken."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]

from retrieval.news.decoding import decode_xml

# What no XML 1.0 document can hold, NUL among it.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROOT = re.compile(r"<(?:[\w.-]{1,100}:)?([A-Za-z_][\w.-]{0,99})")
# What is looked for where something stands before the document, such as the warnings of a script.
_WANTED_ROOT = re.compile(r"<(?:[\w.-]{1,100}:)?(rss|feed|rdf|urlset|sitemapindex|opml)[\s>]", re.IGNORECASE)
_WARNINGS_CHARS = 65_536
_IN_DOCTYPE = re.compile(r"[\"'\[\]>]|<!--")
_REFERENCE = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{0,31});)?")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))


@dataclass(frozen=True, slots=True)
class XmlText:
    """An XML document from its first element on.

    Attributes:
        text: the first element with all that follows; neither a declaration nor a DOCTYPE comes before it.
        root: the first element's name without its prefix, in lower case; "" where there is no element.
        line: the line of the whole document on which `text` begins, from 1.
    """

    text: str
    root: str
    line: int


def read_xml_text(raw: bytes, *, media_type: str | None = None) -> XmlText:
    """Decode XML and leave out what stands before its first element, the DOCTYPE above all.

    Entities that a document declares itself can therefore never be expanded, whatever parser reads it next: neither
    into gigabytes nor into a file or address of this machine's. Characters that XML forbids are dropped.

    Args:
        raw: what was fetched.
        media_type: its Content-Type with the charset, if the server gave one.
    """
    charset = re.search(r"charset\s*=\s*[\"']?([\w:.-]{1,40})", media_type or "", re.IGNORECASE)
    text = _NOT_IN_XML.sub("", decode_xml(raw, charset=charset[1] if charset else None))
    start = _end_of_prolog(text)
    root = _ROOT.match(text, start)
    if root is None or not (_WANTED_ROOT.match(text, start) or root[1].lower() == "html"):
        wanted = _WANTED_ROOT.search(text, start, start + _WARNINGS_CHARS)
        root = wanted or root
    if root is None:
        return XmlText(text[start:], "", 1)
    return XmlText(text[root.start() :], root[1].lower(), text.count("\n", 0, root.start()) + 1)


def parse_mended(text: str) -> etree._Element | None:
    """Parse XML text as far as it goes, fetching and expanding nothing; None if nothing in it is XML.

    Bare ampersands are taken as such, HTML's entities as their characters, and what is not well-formed is mended.
    Elements more than 256 deep and texts beyond 10 million characters are left out.
    """
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(_mend_references(text).encode(), parser)
    except (etree.LxmlError, ValueError):
        return None


def local_name(element: etree._Element) -> str:
    """Name an element without its namespace or prefix, in lower case."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _end_of_prolog(text: str) -> int:
    """Give where the first element, or what is none of a prolog, begins."""
    at = 0
    while True:
        while at < len(text) and (text[at].isspace() or text[at] == "\ufeff"):
            at += 1
        if text.startswith("<?", at):
            end = text.find("?>", at)
            length = 2
        elif text.startswith("<!--", at):
            end = text.find("-->", at)
            length = 3
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            end = _end_of_doctype(text, at + 9)
            length = 1
        else:
            return at
        if end < 0:
            return len(text)
        at = end + length


def _end_of_doctype(text: str, at: int) -> int:
    """Give where the ">" of a DOCTYPE stands, past its internal subset; -1 if it never ends."""
    in_subset = False
    while mark := _IN_DOCTYPE.search(text, at):
        at = mark.end()
        if mark[0] in ("'", '"', "<!--"):
            close = "-->" if mark[0] == "<!--" else mark[0]
            at = text.find(close, at) + len(close)
            if at < len(close):
                return -1
        elif mark[0] == ">" and not in_subset:
            return mark.start()
        elif mark[0] in "[]":
            in_subset = mark[0] == "["
    return -1


def _mend_references(text: str) -> str:
    """Write references outside of CDATA sections so that XML knows them."""
    pieces = []
    at = 0
    while at < len(text):
        start = text.find("<![CDATA[", at)
        end = text.find("]]>", start) if start >= 0 else -1
        if end < 0:
            start = end = len(text)
        pieces += [_REFERENCE.sub(_mend_reference, text[at:start]), text[start : end + 3]]
        at = end + 3
    return "".join(pieces)


def _mend_reference(found: re.Match[str]) -> str:
    number, name = found.groups()
    if name in _XML_NAMES:
        return found[0]
    if name or number:
        character = _NOT_IN_XML.sub("", html.unescape(found[0]))
        # Of a name that HTML does not know, nothing but the "&" is changed.
        return html.escape(character)
    return "&amp;" + found[0][1:]
