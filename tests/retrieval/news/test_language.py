"""Languages are ISO 639-1 codes, given or detected."""

import pytest

from retrieval.news.language import detect_language, language_code


@pytest.mark.parametrize(
    ("written", "code"),
    [("en", "en"), ("en-GB", "en"), ("EN_us", "en"), (" no ", "no"), ("eng", None), ("English", None), ("", None)],
)
def test_a_language_tag_is_reduced_to_its_two_letter_code(written, code):
    assert language_code(written) == code


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ferry returned to Port Ellery on Monday after nine days of repairs.", "en"),
        ("Los vecinos evacuados pudieron volver a sus casas el martes por la mañana.", "es"),
        ("Die Fähre kehrte am Montag nach neun Tagen Reparatur in den Hafen zurück.", "de"),
        ("В понедельник паром вернулся в порт после девяти дней ремонта.", "ru"),
        ("フェリーは九日間の修理を終えて月曜日に港へ戻った。", "ja"),
    ],
)
def test_the_language_of_a_sentence_is_detected(text, language):
    assert detect_language("", text) == language


@pytest.mark.parametrize("text", ["", "12 345", "OK", "Hello.", "Wagner convoy"])
def test_too_few_words_give_the_language_named_otherwise(text):
    assert detect_language("", text) == "en"
    assert detect_language("", text, otherwise="fr") == "fr"


def test_only_the_title_and_the_start_of_the_text_are_looked_at():
    spanish = "Los vecinos evacuados pudieron volver a sus casas el martes. " * 40
    english = "The residents were allowed to return to their homes on Tuesday. " * 400
    assert detect_language("El regreso", spanish + english) == "es"
