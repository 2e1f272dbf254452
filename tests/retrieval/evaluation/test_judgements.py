"""Judged questions are read line by line, and a passage is relevant if it stands in the evidence and answers."""

import json

import pytest

from retrieval.evaluation.judgements import (
    Evidence,
    Judgement,
    JudgementsMalformed,
    holds_answer,
    is_relevant,
    read_judgements,
)


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "judged.jsonl"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(read_judgements(path))

    return read


LINE = {"question": "Who stole the sea clock?", "answers": ["Jon Vey"]}


def test_a_line_is_a_judged_question(read):
    line = {**LINE, "id": "q-7", "asked_at": "2026-01-05", "evidence": [{"article_id": "a-1", "text": "Vey stole it."}]}
    assert read(json.dumps(line)) == [Judgement("q-7", line, ("Jon Vey",), (Evidence("a-1", "Vey stole it."),))]


def test_questions_without_an_id_are_named_by_their_line_and_blank_lines_count(read):
    text = f"{json.dumps(LINE)}\r\n\n{json.dumps(LINE)}\n"
    assert [judgement.id for judgement in read(text)] == ["1", "3"]


def test_separators_within_a_line_do_not_end_it(read):
    line = {**LINE, "question": "Who\u2028stole\u0085the clock\u2029?"}
    (judgement,) = read(json.dumps(line, ensure_ascii=False))
    assert judgement.fields["question"] == line["question"]


def test_a_question_is_answerable_if_it_has_answers(read):
    assert [judgement.is_answerable for judgement in read(json.dumps(LINE))] == [True]
    assert [judgement.is_answerable for judgement in read(json.dumps({**LINE, "answers": []}))] == [False]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "null",
        "[]",
        '"text"',
        '{"question": "Who?"}',
        '{"question": "Who?", "answers": "Jon Vey"}',
        '{"question": "Who?", "answers": [3]}',
        '{"question": "Who?", "answers": null}',
        '{"question": "Who?", "answers": [], "evidence": {"a-1": "text"}}',
        '{"question": "Who?", "answers": [], "evidence": ["text"]}',
        '{"question": "Who?", "answers": [], "evidence": [{"article_id": "a-1"}]}',
        '{"question": "Who?", "answers": [], "evidence": [{"article_id": 1, "text": "x"}]}',
    ],
)
def test_a_line_that_is_no_judged_question_is_named(read, line):
    with pytest.raises(JudgementsMalformed, match="line 2: expected"):
        read(f"{json.dumps(LINE)}\n{line}\n")


def test_a_file_that_cannot_be_read_is_named(tmp_path, read):
    with pytest.raises(JudgementsMalformed, match="nowhere"):
        list(read_judgements(tmp_path / "nowhere.jsonl"))
    with pytest.raises(JudgementsMalformed, match="cannot be read"):
        read(b"\xff\xfe{}")


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("The thief was Jon Vey, they say.", ("Jon Vey",), True),
        ("The thief was JON-VEY!", ("Jon Vey",), True),
        ("The thief was Jón Véy.", ("Jon Vey",), True),
        ("Vey and Jon were there.", ("Jon Vey",), False),
        ("Veyron Jon", ("Vey",), False),
        ("It cost 1,250 crowns.", ("250",), True),
        ("It cost 12500 crowns.", ("250",), False),
        ("Nobody knows.", ("Jon Vey", "nobody"), True),
        ("Nobody knows.", (), False),
        ("Nobody knows.", ("?!",), False),
        ("", ("nobody",), False),
    ],
)
def test_an_answer_is_held_as_whole_words_in_order(text, answers, expected):
    assert holds_answer(text, answers) is expected


def judged(*evidence, answers=("Jon Vey",)):
    return Judgement("q", {}, answers, evidence)


def test_a_passage_of_the_evidences_article_that_holds_an_answer_is_relevant():
    judgement = judged(Evidence("a-1", "Vey stole the clock during the power cut"))
    assert is_relevant("a-1", "Police arrested Jon Vey.", judgement)
    assert not is_relevant("a-2", "Police arrested Jon Vey.", judgement)


def test_a_passage_with_half_of_the_evidences_distinct_words_is_relevant():
    judgement = judged(Evidence("a-1", "the clock the clock was gone"))  # the, clock, was, gone
    assert is_relevant("a-1", "The clock!", judgement)
    assert not is_relevant("a-1", "A clock.", judgement)


def test_without_evidence_nothing_is_relevant_and_empty_evidence_asks_for_the_answer():
    assert not is_relevant("a-1", "Jon Vey", judged())
    assert is_relevant("a-1", "Jon Vey", judged(Evidence("a-1", "")))
    assert not is_relevant("a-1", "Mira Holt", judged(Evidence("a-1", "")))
