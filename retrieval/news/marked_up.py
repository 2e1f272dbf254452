"""Marked-up bodies of articles, HTML, XHTML or NITF, to paragraphs of plain text."""

from __future__ import annotations

from lxml import etree, html  # type: ignore[import-untyped]

from retrieval.articles import clean_text
from retrieval.news.fields import one_line

# What begins and ends a paragraph, in either markup.
_BLOCKS = frozenset(
    "address article aside blockquote body bq block body.content body.head body.end caption center credit datasource "
    "dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hl1 hl2 hr html li main nav nitf-table note ol p pre "
    "section table tagline tbody thead tr ul".split()
)
# What readers do not see, or see beside the text: code, pictures and what stands under them.
_LEFT_OUT = frozenset(
    "audio button canvas figure head iframe input math media noscript object picture script select style svg "
    "template textarea title video".split()
)
_CELLS = ("td", "th")


def paragraphs_of(element: etree._Element) -> list[str]:
    """Read the paragraphs of a marked-up body in the order in which they stand.

    White space is collapsed, line breaks stay, and a row of a table is one paragraph, its cells parted by " | ".
    Code, forms, hidden parts, pictures and their captions are left out.

    Args:
        element: the body or anything around it, of a tree without comments and entities.
    """
    paragraphs: list[str] = []
    pieces: list[str] = []

    def end_paragraph() -> None:
        lines = [one_line(line) for line in "".join(pieces).split("\v")]
        pieces.clear()
        if paragraph := "\n".join(filter(None, lines)):
            paragraphs.append(paragraph)

    walk = etree.iterwalk(element, events=("start", "end"))
    for event, part in walk:
        name = local_name(part)
        if name in _BLOCKS:
            end_paragraph()
        if event == "end":
            if part is not element:
                pieces.append((part.tail or "").replace("\v", " "))
        elif name in _LEFT_OUT or _is_hidden(part):
            walk.skip_subtree()
        elif name == "tr":
            cells = [" ".join(paragraphs_of(cell)) for cell in part if local_name(cell) in _CELLS]
            pieces.append(" | ".join(filter(None, cells)))
            walk.skip_subtree()
        else:
            pieces.append("\v" if name == "br" else (part.text or "").replace("\v", " "))
    end_paragraph()
    return paragraphs


def paragraphs_of_html(fragment: str) -> list[str]:
    """Read the paragraphs of a piece of HTML, whole page or fragment; no bytes of it make this fail."""
    cleaned = clean_text(fragment)
    if not cleaned:
        return []
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    try:
        tree = html.document_fromstring(cleaned.encode(), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return []
    return paragraphs_of(tree)


def without_title(paragraphs: list[str], title: str) -> list[str]:
    """Leave out the first paragraph, or the first line of it, where it only repeats the title."""
    if not paragraphs:
        return paragraphs
    first, _, rest = paragraphs[0].partition("\n")
    if one_line(first).casefold() != one_line(title).casefold():
        return paragraphs
    return [rest.strip(), *paragraphs[1:]] if rest.strip() else paragraphs[1:]


def local_name(element: etree._Element) -> str:
    """Name an element without its namespace; blank for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: etree._Element | None) -> str:
    """Read all text inside an element as one line; blank if there is no element."""
    return "" if element is None else one_line("".join(map(str, element.itertext())))


def first(element: etree._Element | None, name: str) -> etree._Element | None:
    """Find the first element of a name, in any namespace or none, inside an element or the element itself."""
    return None if element is None else next((each for each in element.iter() if local_name(each) == name), None)


def every(element: etree._Element | None, name: str) -> list[etree._Element]:
    """Find the elements of a name, in any namespace or none, inside an element or the element itself.

    What stands in one that is found is not looked at: nested a hundred deep, each would give the same words again.
    """
    found: list[etree._Element] = []
    if element is None:
        return found
    walk = etree.iterwalk(element, events=("start",))
    for _, each in walk:
        if local_name(each) == name:
            found.append(each)
            walk.skip_subtree()
    return found


def _is_hidden(element: etree._Element) -> bool:
    style = "".join((element.get("style") or "")[:1000].split()).lower()
    return element.get("hidden") is not None or "display:none" in style or "visibility:hidden" in style
