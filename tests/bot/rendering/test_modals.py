"""The modals: what they ask for, within Discord's limits, and how what was entered is read."""

from __future__ import annotations

import pytest
from fake_discord.limits import check_modal

from bot.records.feedback import FeedbackReason
from bot.rendering.card_buttons import ButtonId, Verb, read_button_id
from bot.rendering.modals import follow_up_modal, modal_values, why_modal


def test_a_follow_up_recalls_the_question_and_takes_as_much_as_a_question_may_have() -> None:
    modal = follow_up_modal(17, "What weapons " + "were there " * 40, limit_chars=500).to_dict()

    assert check_modal(modal) == []
    (label,) = modal["components"]
    assert label["description"].startswith("After: What weapons were there")
    assert label["component"]["max_length"] == 500
    assert read_button_id(modal["custom_id"]) == ButtonId(Verb.FOLLOW, 17)


def test_a_thumb_down_asks_for_one_of_the_reasons_that_the_records_know() -> None:
    modal = why_modal(17, "down").to_dict()

    assert check_modal(modal) == []
    reasons, words, consent = (label["component"] for label in modal["components"])
    assert [option["value"] for option in reasons["options"]] == list(FeedbackReason)
    assert not reasons["required"]
    assert not words["required"]
    assert [option["value"] for option in consent["options"] if option.get("default")] == ["no"]


def test_a_thumb_up_asks_for_words_and_consent_alone() -> None:
    modal = why_modal(17, "up").to_dict()

    assert check_modal(modal) == []
    assert len(modal["components"]) == 2
    assert read_button_id(modal["custom_id"]) == ButtonId(Verb.WHY, 17, "up")


def test_what_was_entered_is_read_by_custom_id_and_what_was_left_empty_is_not_there() -> None:
    sent = [
        {"type": 18, "component": {"type": 3, "custom_id": "reason", "values": ["wrong"]}},
        {"type": 18, "component": {"type": 4, "custom_id": "words", "value": ""}},
        {"type": 1, "components": [{"type": 4, "custom_id": "question", "value": "and when?"}]},
    ]

    assert modal_values({"components": sent}) == {"reason": "wrong", "question": "and when?"}
    assert modal_values({}) == {}


@pytest.mark.parametrize("custom_id", ["", "dl:quote", "dl:quote:x", "dl:burn:1", "xdl:quote:1", "dl:quote:1:2:3"])
def test_a_custom_id_that_is_none_of_ours_is_not_read(custom_id: str) -> None:
    assert read_button_id(custom_id) is None


def test_custom_ids_are_short_and_read_back_as_written() -> None:
    for verb in Verb:
        for more in (None, "12", "down"):
            written = ButtonId(verb, 10**17, more)
            assert read_button_id(str(written)) == written
            assert len(str(written)) <= 100
