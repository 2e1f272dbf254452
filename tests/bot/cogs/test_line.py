"""The line of questions: whose turn it is, how many are before whom, and what leaving it does."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from bot.cogs.line import Line


def test_so_many_have_their_turn_at_once_and_the_others_know_how_many_are_before_them() -> None:
    line = Line(at_once=2)
    with ExitStack() as stack:
        places = [stack.enter_context(line.joined()) for _ in range(5)]

        assert [place.turn.is_set() for place in places] == [True, True, False, False, False]
        assert [place.before for place in places] == [0, 0, 2, 3, 4]
        assert line.waiting == 3
    assert line.waiting == 0


def test_whoever_leaves_lets_the_next_one_through_and_moves_the_others_up() -> None:
    line = Line(at_once=1)
    first, second, third = line.joined(), line.joined(), line.joined()
    first.__enter__()
    places = [second.__enter__(), third.__enter__()]

    first.__exit__(None, None, None)

    assert [place.turn.is_set() for place in places] == [True, False]
    assert [place.before for place in places] == [0, 1]


def test_one_that_gives_up_while_waiting_takes_nobodys_turn() -> None:
    line = Line(at_once=1)
    first, second, third = line.joined(), line.joined(), line.joined()
    first.__enter__()
    second.__enter__()
    last = third.__enter__()

    second.__exit__(None, None, None)

    assert not last.turn.is_set()
    assert last.before == 1


def test_a_question_that_fails_leaves_the_line() -> None:
    line = Line(at_once=1)
    with pytest.raises(ZeroDivisionError), line.joined():
        raise ZeroDivisionError

    with line.joined() as place:
        assert place.turn.is_set()
