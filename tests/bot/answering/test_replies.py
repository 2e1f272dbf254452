"""What a chat model replies is read whole, piece by piece, and as far as it goes where it is cut off."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import RunnableGenerator, RunnableLambda

from bot.answering.prompt import WrittenClaim, read_structured
from bot.answering.replies import Replies
from bot.answering.testing import ScriptedChatModel

WHOLE = {
    "can_answer": True,
    "claims": [{"sentence": "Fog lay in Tolm.", "citations": [1]}, {"sentence": "A crane fell.", "citations": [1, 2]}],
}
VARIABLES = {"question": "?", "passages": "", "history": [], "asked_on": "", "key": ""}


def sentences(claims: Any) -> list[str]:
    return [claim.sentence for claim in claims]


class Pieces:
    """A chat model that has written a text in pieces, in place of the one that a writer was made with."""

    def __init__(self, text: str, size: int) -> None:
        self._pieces = [text[i : i + size] for i in range(0, len(text), size)]

    def into(self, replies: Replies) -> Replies:
        async def write(asked: Any) -> Any:
            async for _ in asked:
                for piece in self._pieces:
                    yield AIMessageChunk(content=piece)

        replies._structured = RunnableGenerator(write)
        return replies


@pytest.mark.parametrize("size", [1, 7, 1_000])
async def test_each_sentence_is_heard_once_another_has_begun_and_never_a_part_of_one(size: int) -> None:
    heard: list[list[str]] = []
    replies = Pieces(json.dumps(WHOLE), size).into(Replies(ScriptedChatModel(), name="scripted:model"))
    written = await replies.ask(VARIABLES, lambda claims: heard.append(sentences(claims)))
    assert sentences(written.claims) == ["Fog lay in Tolm.", "A crane fell."]
    assert heard == [["Fog lay in Tolm."]]


async def test_of_a_reply_that_is_cut_off_the_sentences_before_are_read() -> None:
    cut = json.dumps(WHOLE)[:-30]
    replies = Pieces(cut, 9).into(Replies(ScriptedChatModel(), name="scripted:model"))
    written = await replies.ask(VARIABLES, lambda claims: None)
    assert sentences(written.claims) == ["Fog lay in Tolm."]


def test_a_claim_without_citations_at_the_end_is_left_out_and_the_others_stay() -> None:
    fields = {"claims": [*WHOLE["claims"], {"sentence": "Then the"}]}  # type: ignore[misc]
    assert sentences(read_structured(fields, "").claims) == ["Fog lay in Tolm.", "A crane fell."]


async def test_a_model_whose_structured_output_has_a_form_of_its_own_is_read_as_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = ScriptedChatModel(script=["Fog lay in Tolm [1]."])
    shaped = RunnableLambda(lambda asked: AIMessage(content="never asked"))
    monkeypatch.setattr(ScriptedChatModel, "with_structured_output", lambda *_, **__: shaped)
    written = await Replies(model, name="scripted:model").ask(VARIABLES)
    assert written.claims == [WrittenClaim(sentence="Fog lay in Tolm.", citations=[1])]
