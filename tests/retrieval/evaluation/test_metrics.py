"""Measures of a ranking, checked by hand."""

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.evaluation.metrics import (
    auroc,
    bootstrap_interval,
    hit_at_k,
    mean,
    ndcg_at_k,
    percentile,
    recall_at_k,
    reciprocal_rank,
)


@pytest.mark.parametrize(
    ("relevant", "k", "expected"),
    [
        ([False, True, False], 1, 0.0),
        ([False, True, False], 2, 1.0),
        ([False, False, True], 2, 0.0),
        ([True, True], 1, 1.0),
        ([], 10, 0.0),
    ],
)
def test_a_hit_is_a_relevant_passage_among_the_first_k(relevant, k, expected):
    assert hit_at_k(relevant, k) == expected


@pytest.mark.parametrize(
    ("relevant", "k", "expected"),
    [
        ([True, True], 10, 1.0),
        ([False, True, True], 10, 1 / 2),
        ([False] * 3 + [True], 10, 1 / 4),
        ([False] * 3 + [True], 3, 0.0),
        ([False] * 9 + [True], 10, 1 / 10),
        ([], 10, 0.0),
    ],
)
def test_the_reciprocal_rank_is_that_of_the_first_relevant_passage(relevant, k, expected):
    assert reciprocal_rank(relevant, k) == expected


def test_the_mean_of_nothing_is_nothing():
    assert mean([]) is None
    assert mean([1.0, 0.5, 0.0]) == 0.5


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        # The ceil(share n)-th smallest.
        ([15, 20, 35, 40, 50], 0.05, 15),  # ceil(0.25) = 1st
        ([15, 20, 35, 40, 50], 0.30, 20),  # ceil(1.5) = 2nd
        ([15, 20, 35, 40, 50], 0.40, 20),  # 2nd
        ([15, 20, 35, 40, 50], 0.50, 35),  # ceil(2.5) = 3rd
        ([15, 20, 35, 40, 50], 1.00, 50),
        ([50, 15, 40, 20, 35], 0.00, 15),
        ([2, 1], 0.5, 1),
        ([6, 5, 4, 3, 2, 1], 0.5, 3),
        (list(range(1, 101)), 0.07, 7),  # 0.07 * 100 is 7.000000000000001 in floating point
        (list(range(1, 101)), 0.95, 95),
        (list(range(1, 21)), 0.95, 19),
        ([7], 0.5, 7),
        ([], 0.5, None),
    ],
)
def test_a_percentile_is_the_nearest_rank(values, share, expected):
    assert percentile(values, share) == expected


def test_auroc_is_the_share_of_pairs_in_the_right_order_ties_counting_half():
    # Pairs (0.9, 0.8) (0.9, 0.1) (0.4, 0.8) (0.4, 0.1): three of four are right.
    assert auroc([0.9, 0.4], [0.8, 0.1]) == 3 / 4
    assert auroc([1.0], [0.0]) == 1.0
    assert auroc([0.0], [1.0]) == 0.0
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([0.9, 0.5], [0.5]) == 3 / 4


def test_auroc_needs_both_sides():
    assert auroc([], [0.1]) is None
    assert auroc([0.1], []) is None


numbers = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(numbers, numbers)
def test_auroc_of_the_sides_exchanged_is_one_minus_it(positives, negatives):
    assert auroc(positives, negatives) == pytest.approx(1 - auroc(negatives, positives))


@given(numbers, st.floats(0, 1))
def test_a_percentile_is_one_of_the_values_and_grows_with_the_share(values, share):
    assert min(values) <= percentile(values, share) <= percentile(values, 1) == max(values)
    assert percentile(values, share) in values


def test_ndcg_discounts_by_the_logarithm_of_the_rank():
    # Found at ranks 1 and 3: 1 + 1 / 2; best at 1 and 2: 1 + 1 / log2(3) = 1.63093.
    assert ndcg_at_k([True, False, True], 10) == pytest.approx(1.5 / 1.6309297)
    # The second relevant one lies beyond the first two, where both could have been.
    assert ndcg_at_k([True, False, True], 2) == pytest.approx(1 / 1.6309297)
    assert ndcg_at_k([True, True], 10) == 1.0
    assert ndcg_at_k([False, False], 10) == ndcg_at_k([], 10) == 0.0


def test_the_recall_is_the_share_of_everything_relevant():
    assert recall_at_k([True, False, True], 4, 2) == 1 / 4
    assert recall_at_k([True, False, True], 4, 10) == 2 / 4
    assert recall_at_k([], 3, 10) == recall_at_k([False], 0, 10) == 0.0


@given(st.lists(st.booleans(), max_size=25), st.integers(0, 5), st.integers(1, 15))
def test_a_ranking_measures_as_trec_eval_has_it(relevant, missed, k):
    """TREC's own evaluation program knows what was not found: nDCG is compared where nothing was missed."""
    total = sum(relevant) + missed
    run = [ir_measures.ScoredDoc("q", f"d{rank}", float(-rank)) for rank in range(len(relevant))]
    found = [ir_measures.Qrel("q", f"d{rank}", int(one)) for rank, one in enumerate(relevant)]
    unfound = [ir_measures.Qrel("q", f"m{n}", 1) for n in range(missed)]

    def trec_eval(measure, judged):
        return ir_measures.calc_aggregate([measure], judged, run)[measure] if judged and run else 0.0

    assert hit_at_k(relevant, k) == trec_eval(ir_measures.Success @ k, found + unfound)
    assert recall_at_k(relevant, total, k) == pytest.approx(trec_eval(ir_measures.R @ k, found + unfound))
    assert reciprocal_rank(relevant, k) == pytest.approx(trec_eval(ir_measures.RR @ k, found + unfound))
    assert ndcg_at_k(relevant, k) == pytest.approx(trec_eval(ir_measures.nDCG @ k, found))


def test_a_bootstrap_interval_holds_the_mean_and_repeats():
    values = [0.0] * 30 + [1.0] * 70
    low, high = bootstrap_interval(values)
    # The normal approximation: 0.7 -+ 1.96 * sqrt(0.7 * 0.3 / 100) = 0.610 .. 0.790
    assert (low, high) == (pytest.approx(0.61, abs=0.02), pytest.approx(0.79, abs=0.02))
    assert bootstrap_interval(values) == (low, high)
    assert bootstrap_interval([0.4]) == (pytest.approx(0.4), pytest.approx(0.4))
    assert bootstrap_interval([]) is None
    tight_low, tight_high = bootstrap_interval(values, 0.5)
    assert low < tight_low < 0.7 < tight_high < high
