"""A cross-encoder has half the say in the order of the best candidates, and one that cannot rank is refused."""

from __future__ import annotations

import pytest
from tiny_cross_encoder import save_cross_encoder, save_embedding_model

from retrieval.errors import RerankerModelUnusable
from retrieval.passages import Hit, Passage, Query, Variant
from retrieval.search.cross_encoder import CrossEncoderReranker, load_cross_encoder
from retrieval.search.rerank import FeatureReranker, rerank

BY_FUSION = FeatureReranker({"fused": 1.0})
FERRY = Query("ferry")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return load_cross_encoder(save_cross_encoder(tmp_path_factory.mktemp("models") / "fog"), BY_FUSION)


@pytest.fixture
def make_hits(make_article):
    """Make hits on texts with the scores of a fusion, best first."""

    def make(*scored):
        hits = []
        for rank, (text, score) in enumerate(scored, start=1):
            article = make_article(f"a{rank}", title="ferry", text=text)
            hits.append(Hit(Passage(f"p{rank}", article.id, article.version, 0, len(text), text), article, score, rank))
        return hits

    return make


def test_its_opinion_changes_the_order_and_scores_stay_in_0_to_1(model, make_hits):
    hits = rerank(model, FERRY, {}, make_hits(("ferry sank .", 0.9), ("fog fog fog .", 0.7), ("ferry .", 0.6)))
    assert [hit.passage.id for hit in hits] == ["p2", "p1", "p3"]
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert all(0.0 <= hit.score <= 1.0 for hit in hits)
    # Without "fog" the logit is 0, its sigmoid 0.5: (0.9 + 0.5) / 2 and (0.6 + 0.5) / 2.
    assert [hit.score for hit in hits[1:]] == pytest.approx([0.7, 0.55], abs=1e-3)


def test_half_the_say_does_not_lift_what_the_first_reranker_holds_for_nothing(model, make_hits):
    hits = rerank(model, FERRY, {}, make_hits(("ferry sank .", 0.9), ("fog fog fog .", 0.1)))
    assert [hit.passage.id for hit in hits] == ["p1", "p2"]


def test_candidates_beyond_the_best_are_not_read_and_stay_behind_in_their_order(model, make_hits):
    few = CrossEncoderReranker(model._model, BY_FUSION, best=2)
    found = make_hits(("ferry .", 0.5), ("fog .", 0.5), ("fog fog fog .", 0.5), ("fog .", 0.4))
    hits = rerank(few, FERRY, {}, found)
    assert [hit.passage.id for hit in hits] == ["p2", "p1", "p3", "p4"]
    assert [hit.score for hit in hits[2:]] == [0.25, 0.2]


def test_the_query_is_read_with_its_misspelt_words_mended(model, make_hits):
    mended = Query("fogg", variants=(Variant("fogg", "fogg", "fog", "fog"),))
    (mistyped,) = model.score(Query("fogg"), {}, make_hits(("ferry .", 0.5)))
    (read,) = model.score(mended, {}, make_hits(("ferry .", 0.5)))
    assert read > mistyped + 0.1


def test_a_pair_longer_than_the_models_window_is_cut_and_no_candidates_have_no_scores(model, make_hits):
    cut, whole = model.score(FERRY, {}, make_hits(("ferry . " * 500 + "fog", 0.5), ("fog " * 500, 0.5)))
    assert cut == pytest.approx(0.5, abs=1e-3)
    assert whole > cut
    assert model.score(FERRY, {}, []) == []


def test_a_model_with_several_scores_is_refused(tmp_path):
    with pytest.raises(RerankerModelUnusable, match="3 scores"):
        load_cross_encoder(save_cross_encoder(tmp_path / "three", outputs=3), BY_FUSION)


def test_a_model_that_scores_no_pairs_is_refused(tmp_path):
    with pytest.raises(RerankerModelUnusable, match="it is a BertModel"):
        load_cross_encoder(save_embedding_model(tmp_path / "embedding"), BY_FUSION)


def test_a_folder_without_a_model_is_refused_by_its_name(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "nowhere"):
        with pytest.raises(RerankerModelUnusable, match=name) as refused:
            load_cross_encoder(str(tmp_path / name), BY_FUSION)
        assert refused.value.detail
