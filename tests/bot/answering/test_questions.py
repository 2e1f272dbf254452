"""A question knows from which server it is asked."""

from __future__ import annotations

import pytest

from bot.answering.questions import Question, server_scope
from retrieval.archive.archive import utc_now


@pytest.mark.parametrize("server", [None, 1, 2**63 - 1])
def test_the_budget_that_a_question_uses_up_is_that_of_the_server_whose_articles_it_sees(server: int | None) -> None:
    assert Question("Who left?", utc_now(), scope=server_scope(server)).guild_id == server
