"""JSON and JSON lines are read element by element, and one bad element loses nothing else."""

import json

import pytest

from retrieval.articles import Article
from retrieval.news import json_files
from retrieval.news.json_files import split_json, split_json_lines
from retrieval.news.parts import read_here


def element(number):
    return {"id": number, "title": f"Ferry {number}", "text": f"The ferry made crossing number {number} on Monday."}


def told(found):
    """Ids of articles, and the words of rejections, in order."""
    return [each.id if isinstance(each, Article) else str(each) for each in found]


def of_json(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return told(read_here([split_json(raw, input="a.json")]))


@pytest.fixture
def of_lines(tmp_path):
    def read(raw):
        path = tmp_path / "a.jsonl"
        path.write_bytes(raw)
        with path.open("rb") as stream:
            return told(read_here(split_json_lines(stream, input="a.jsonl", advance=lambda size: None)))

    return read


def line(number):
    return json.dumps(element(number)).encode() + b"\n"


def test_one_object_is_one_article():
    assert of_json(element(1)) == ["1"]


def test_an_array_and_an_object_of_articles_are_read_in_order():
    assert of_json([element(1), element(2)]) == ["1", "2"]
    assert of_json({"articles": [element(1), element(2)], "status": "ok"}) == ["1", "2"]


def test_a_byte_order_mark_is_tolerated(of_lines):
    assert of_json(b"\xef\xbb\xbf" + line(1)) == ["1"]
    assert of_lines(b"\xef\xbb\xbf" + line(1) + b"\xef\xbb\xbf" + line(2)) == ["1", "2"]


def test_bad_elements_are_named_by_their_number_from_0():
    found = of_json([element(1), "x", {**element(2), "text": ""}, element(3)])
    assert found[0] == "1"
    assert found[1].startswith("a.json[1]: is not a JSON object")
    assert found[2].startswith("a.json[2]: has no text")
    assert found[3] == "3"


@pytest.mark.parametrize("raw", [b"", b"{", b"[1,]", b'{"title": "a" "text": "b"}'])
def test_a_file_that_is_not_json_is_rejected_with_the_position(raw):
    (found,) = of_json(raw)
    assert found.startswith("a.json: is not JSON: ")
    assert "at line 1 column " in found
    assert found.endswith("; write one object or an array of objects")


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000, b"[" + b"9" * 5000 + b"]"])
def test_json_made_to_exhaust_the_parser_is_rejected(raw, of_lines):
    assert of_json(raw)[0].startswith("a.json: is not JSON that can be read")
    found = of_lines(raw + b"\n" + line(1))
    assert found[0].startswith("a.jsonl:1: is not JSON that can be read")
    assert found[1] == "1"


@pytest.mark.parametrize("value", [7, "x", None])
def test_a_value_that_is_no_object_is_rejected(value):
    assert of_json(value)[0].startswith("a.json: is not a JSON object")


def test_undecodable_bytes_are_rejected_with_their_offset_in_the_file(of_lines):
    assert of_json(b'{"title": "Caf\xe9"}') == ["a.json: is not UTF-8 at byte 14; save it as UTF-8"]
    first = line(1)
    expected = f"a.jsonl:2: is not UTF-8 at byte {len(first) + 14}; save it as UTF-8"
    assert of_lines(first + b'{"title": "Caf\xe9"}\n' + line(3)) == ["1", expected, "3"]


def test_blank_lines_are_ignored_but_counted(of_lines):
    found = of_lines(line(1) + b"\n  \r\n" + b"{\n" + line(2).strip())
    assert found[0] == "1"
    assert found[1].startswith("a.jsonl:4: is not JSON: ")
    assert found[2:] == ["2"]


def test_an_array_on_a_line_is_no_article(of_lines):
    assert of_lines(b"[]\n")[0].startswith("a.jsonl:1: is not a JSON object")


def test_separators_of_unicode_do_not_end_a_line(of_lines):
    raw = json.dumps({**element(1), "text": "One\u2028two\u0085three"}, ensure_ascii=False).encode()
    assert of_lines(raw + b"\r\n" + line(2)) == ["1", "2"]


def test_a_line_too_long_to_hold_is_rejected_and_the_next_is_read(of_lines, monkeypatch):
    monkeypatch.setattr(json_files, "MAX_LINE_BYTES", 100)
    found = of_lines(line(1) + b"x" * 1000 + b"\n" + line(2) + b"y" * 101)
    assert [found[0], found[2]] == ["1", "2"]
    assert found[1].startswith("a.jsonl:2: is longer than ")
    assert found[3].startswith("a.jsonl:4: is longer than ")


def test_lines_are_read_one_at_a_time(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(line(1) + line(2) + line(3))
    done = []
    with path.open("rb") as stream:
        found = read_here(split_json_lines(stream, input="a.jsonl", advance=done.append))
        next(found)
        assert done == []
        next(found)
        assert done == [len(line(1))]
        found.close()
