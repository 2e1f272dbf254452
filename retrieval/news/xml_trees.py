"""Bytes to an XML tree that holds what the file itself says: no entities of its own, nothing fetched, bounded depth."""

from __future__ import annotations

import html
from contextlib import suppress

from lxml import etree  # type: ignore[import-untyped]

from retrieval.errors import ArticleRejected
from retrieval.news.marked_up import local_name

# How far into a file its first element is looked for; licences and style sheets stand before it in some.
_START_BYTES = 65_536
# libxml2 bounds the depth (256) and the length of one text (10 million bytes) unless huge_tree is set.
_SAFELY = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def root_name(raw: bytes) -> str | None:
    """Name the first element of a file without its namespace, such as "nitf"; None if it does not begin as XML."""
    parser = etree.XMLPullParser(events=("start",), **_SAFELY)
    with suppress(etree.LxmlError, ValueError, LookupError):  # what stands further on may be broken
        parser.feed(raw[:_START_BYTES].lstrip())
    try:
        for _, element in parser.read_events():
            return local_name(element)
    except (etree.LxmlError, ValueError, LookupError):
        return None
    return None


def parse_xml(raw: bytes, *, input: str) -> etree._Element:
    """Parse a whole XML file without ever expanding an entity that it declares, or loading anything from elsewhere.

    Entities that HTML knows, such as "&mdash;", which agencies use without a declaration at hand, become their
    characters; comments and processing instructions are left out.

    Args:
        raw: the bytes, in the encoding that they declare.
        input: how the place is named in the rejection.

    Raises:
        ArticleRejected: it is not well-formed, or declares entities of its own.
    """
    try:
        root = etree.fromstring(raw.lstrip(), etree.XMLParser(**_SAFELY))
        declared = root.getroottree().docinfo.internalDTD
        if declared is not None and next(declared.iterentities(), None) is not None:
            raise ArticleRejected(
                input, "declares entities of its own, which is how XML attacks; write the text in full"
            )
        _spell_entities(root)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise ArticleRejected(
            input, f"is not XML that can be read ({str(error)[:200]}); mend it or save it anew"
        ) from error
    return root


def _spell_entities(root: etree._Element) -> None:
    """Put characters in place of entities; each run of them at once, since a text that grows by bits takes minutes."""
    run: list[etree._Element] = []
    for entity in [*root.iter(etree.Entity), None]:
        if run and (entity is None or entity.getprevious() is not run[-1]):
            before, parent = run[0].getprevious(), run[0].getparent()
            spelt = "".join(html.unescape(each.text or "") + (each.tail or "") for each in run)
            for each in run:
                parent.remove(each)
            if before is not None:
                before.tail = (before.tail or "") + spelt
            else:
                parent.text = (parent.text or "") + spelt
            run.clear()
        if entity is not None:
            run.append(entity)
