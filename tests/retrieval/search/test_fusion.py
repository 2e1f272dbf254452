"""Fusion is a weighted sum of scores, each scaled from its floor to its best."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.keyword_tables import ScoredPassage
from retrieval.search.fusion import fuse, ranked


def ranking(**scores):
    return [ScoredPassage(id, score) for id, score in scores.items()]


def fused(*rankings):
    return {one.id: pytest.approx(one.score) for one in fuse(rankings)}


def test_scores_are_scaled_weighed_and_added():
    # Dense, from -1: a (0.8 + 1) / (0.8 + 1) = 1, b (0.44 + 1) / 1.8 = 0.8. Keywords, from 0: b 6/6 = 1, c 3/6 = 0.5.
    found = fuse([(ranking(a=0.8, b=0.44), 0.4, -1.0), (ranking(b=6.0, c=3.0), 0.6, 0.0)])
    assert [one.id for one in found] == ["b", "a", "c"]
    assert [one.score for one in found] == pytest.approx([0.4 * 0.8 + 0.6 * 1, 0.4 * 1, 0.6 * 0.5])


def test_a_passage_first_in_both_rankings_scores_the_sum_of_the_weights():
    assert fused((ranking(a=0.3, b=0.1), 0.4, -1.0), (ranking(a=9.0), 0.6, 0.0))["a"] == 1.0


def test_a_missing_ranking_adds_nothing_and_takes_nothing():
    alone = fused((ranking(a=0.8, b=0.44), 0.4, -1.0), ([], 0.6, 0.0))
    assert alone == {"a": 0.4, "b": pytest.approx(0.32)}
    assert fuse([([], 0.4, -1.0), ([], 0.6, 0.0)]) == []
    assert fuse([]) == []


def test_equal_scores_are_all_best():
    assert fused((ranking(a=2.0, b=2.0), 0.6, 0.0)) == {"a": 0.6, "b": 0.6}


def test_a_ranking_at_its_floor_gives_nothing():
    assert fused((ranking(a=-1.0, b=-1.0), 0.4, -1.0)) == {"a": 0.0, "b": 0.0}
    assert fused((ranking(a=1.0, b=-3.0), 1.0, -1.0)) == {"a": 1.0, "b": 0.0}


def test_a_weight_of_0_keeps_a_passage_without_a_score():
    assert fused((ranking(a=1.0), 0.0, 0.0), (ranking(b=1.0), 1.0, 0.0)) == {"a": 0.0, "b": 1.0}


def test_ties_are_broken_by_id_whatever_came_first():
    assert [one.id for one in fuse([(ranking(c=1.0, a=1.0, b=1.0), 1.0, 0.0)])] == ["a", "b", "c"]
    assert [one.id for one in ranked({"b": 1.0, "c": 2.0, "a": 1.0})] == ["c", "a", "b"]


scores = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 1), max_size=8)


@given(scores, scores, st.floats(0, 1))
def test_each_passage_comes_once_best_first_within_0_and_1(dense, words, share):
    found = fuse([(ranking(**dense), share, -1.0), (ranking(**words), 1 - share, -1.0)])
    assert sorted(one.id for one in found) == sorted(dense.keys() | words.keys())
    assert all(0 <= one.score <= 1 + 1e-9 for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
