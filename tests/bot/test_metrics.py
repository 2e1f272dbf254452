"""What is counted and timed, and that no label holds anybody's words."""

from __future__ import annotations

from dataclasses import replace

import convoy
from prometheus_client import generate_latest

from bot.metrics import Metrics, Surface
from bot.rendering.asking_problems import CoolingDown

STATUS = {
    "index": {"articles": 20, "passages": 90, "newest_published_at": "2020-09-30"},
    "freshness": {"newest_age_hours": 2.5, "is_stale": False},
    "pending_vectors": 7,
    "feeds": [{"failures": 0}, {"failures": 3}],
    "entries": {"done": 40, "failed": 2},
}


def told(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"dateline_{name}", labels)


def test_answers_and_abstentions_are_counted_by_surface_and_reason() -> None:
    metrics = Metrics()
    metrics.answered(Surface.GUILD, convoy.convoy_answer(), 0.0)
    metrics.answered(Surface.DM, convoy.abstention(), 0.0)
    metrics.refused(Surface.DM, CoolingDown(1, 1.0))
    metrics.failed(Surface.THREAD)

    assert told(metrics, "questions_total", surface="guild", outcome="answered") == 1
    assert told(metrics, "questions_total", surface="dm", outcome="abstained") == 1
    assert told(metrics, "questions_total", surface="dm", outcome="refused") == 1
    assert told(metrics, "questions_total", surface="thread", outcome="failed") == 1
    assert told(metrics, "abstentions_total", reason="not_in_articles") == 1
    assert told(metrics, "refusals_total", reason="CoolingDown") == 1


def test_the_stages_and_the_wait_in_line_are_timed_in_seconds() -> None:
    metrics = Metrics()
    metrics.answered(Surface.GUILD, replace(convoy.convoy_answer(), timings_ms={"gather": 40.0, "total": 70.0}), 2.0)

    assert told(metrics, "stage_seconds_sum", stage="gather") == 0.04
    assert told(metrics, "stage_seconds_sum", stage="total") == 0.07
    assert told(metrics, "stage_seconds_sum", stage="line") == 2.0
    assert told(metrics, "stage_seconds_bucket", stage="line", le="1.0") == 0


def test_the_state_of_index_and_feeds_is_taken_over() -> None:
    metrics = Metrics()
    metrics.read_status(STATUS, 90.0)

    assert told(metrics, "index_articles") == 20
    assert told(metrics, "index_newest_age_seconds") == 9000
    assert told(metrics, "index_pending_vectors") == 7
    assert told(metrics, "intake_lag_seconds") == 90
    assert told(metrics, "intake_failing_feeds") == 1
    assert told(metrics, "intake_entries", state="failed") == 2


def test_no_word_of_a_question_or_an_article_and_nothing_of_an_error_but_its_type_is_written() -> None:
    metrics = Metrics()
    secret = "a secret of somebody"
    metrics.answered(Surface.GUILD, convoy.convoy_answer(secret), 0.0)
    metrics.went_wrong(ZeroDivisionError(secret))

    written = generate_latest(metrics.registry).decode()

    assert told(metrics, "errors_total", type="ZeroDivisionError") == 1
    assert secret not in written
    assert convoy.WIRE.title not in written
    assert "Sirte" not in written
