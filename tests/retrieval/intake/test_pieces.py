"""What a feed lists is parted in order, and more finely while questions come."""

from retrieval.intake.pieces import pieces
from retrieval.worker import Lane, open_worker


async def test_nothing_is_lost_between_pieces_which_are_smaller_once_somebody_asks():
    with open_worker(max_waiting=1) as worker:
        parted = pieces(range(105), worker)
        first = next(parted)
        await worker.run(Lane.QUESTION, int)
        rest = list(parted)
    assert [len(first), *map(len, rest)] == [50, 10, 10, 10, 10, 10, 5]
    assert [one for piece in (first, *rest) for one in piece] == list(range(105))


def test_of_nothing_there_is_no_piece():
    with open_worker(max_waiting=1) as worker:
        assert list(pieces([], worker)) == []
