"""NITF, the IPTC's markup of single stories, standing alone or inside NewsML-G2, to articles."""

from __future__ import annotations

from lxml import etree  # type: ignore[import-untyped]

from retrieval.news.dates import parse_published
from retrieval.news.fields import one_line
from retrieval.news.marked_up import every, first, paragraphs_of, text_of
from retrieval.news.wire import Found, byline_names, finish


def read_nitf(root: etree._Element, *, input: str, own_id: str | None) -> Found:
    """Read a NITF document.

    The article is named by its doc-id. It was published when it was issued, else released; its release is its
    embargo, since before it the story may not be shown; its newest revision dates the version. No date is guessed.

    Args:
        root: the element "nitf".
        input: how the place is named.
        own_id: the id where the document has none.
    """
    fields, paragraphs, status = nitf_fields(root)
    return finish(fields, paragraphs, status=status, input=input, own_id=own_id)


def nitf_fields(root: etree._Element) -> tuple[dict[str, object], list[str], str]:
    """Read what a NITF document says of itself, its paragraphs, and its status, blank if it gives none.

    The dateline stands before the first paragraph, as in print; then come smaller headlines and the text, with each
    row of a table as a paragraph, and at the end the tagline.
    """
    docdata = first(root, "docdata")
    doc_id = first(docdata, "doc-id")
    named = _attribute(doc_id, "id-string")
    registrar = _attribute(doc_id, "regsrc")
    release = _dated(first(docdata, "date.release"))
    body = first(root, "body")
    head, content = first(body, "body.head"), first(body, "body.content")
    rights = first(head, "rights")
    paragraphs = [] if content is None else paragraphs_of(content)
    if not paragraphs:
        paragraphs = [each for abstract in every(head, "abstract") for each in paragraphs_of(abstract)]
    if (dateline := text_of(first(head, "dateline"))) and paragraphs:
        paragraphs[0] = f"{dateline} \u2013 {paragraphs[0]}"
    paragraphs[:0] = [text_of(line) for line in every(head, "hl2")]
    paragraphs += [text_of(line) for line in every(first(body, "body.end"), "tagline")]
    fields: dict[str, object] = {
        "id": f"{registrar}:{named}" if named and registrar else named,
        "title": text_of(first(head, "hl1")) or text_of(first(first(root, "head"), "title")),
        "source": _attribute(first(root, "pubdata"), "name")
        or _attribute(first(docdata, "doc.copyright"), "holder")
        or text_of(first(rights, "rights.owner"))
        or text_of(first(head, "distributor"))
        or registrar,
        "published": _dated(first(docdata, "date.issue")) or release,
        "updated": _latest([_dated(revision) for revision in every(root, "revision-history")]),
        "embargoed": release,
        "authors": _authors(head),
        "language": root.get("{http://www.w3.org/XML/1998/namespace}lang") or _attribute(body, "lang"),
        "usage_terms": text_of(rights),
    }
    return fields, [each for each in paragraphs if each], _attribute(docdata, "management-status")


def _authors(head: etree._Element | None) -> list[str]:
    names = []
    for byline in every(head, "byline"):
        people = [text_of(person) for person in every(byline, "person")]
        titles = [text_of(title) for title in every(byline, "byttl")]
        line = text_of(byline)
        for title in titles:  # "By Ines Marrow, Staff Reporter"
            line = line.removesuffix(title).rstrip(" ,")
        names += people or byline_names(line)
    return names


def _latest(dates: list[str]) -> str | None:
    """The latest of some dates as it is written; those that cannot be read say nothing about the order."""
    read = []
    for written in dates:
        try:
            read.append((parse_published(written)[0], written))
        except ValueError:
            continue
    return max(read)[1] if read else None


def _dated(element: etree._Element | None) -> str:
    return _attribute(element, "norm") or text_of(element)


def _attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else one_line(element.get(name) or "")
