"""What a running Dateline counts and times, as Prometheus reads it; no label holds anybody's words, name or number."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from bot.answering.answers import Abstention, Answer

# From a quick answer without a language model to one that waited in a long line for a slow model, in seconds.
_STAGE_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
# The promise is 0.1 s at most.
_STALL_BUCKETS_S = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Surface(StrEnum):
    """Where a question was asked."""

    GUILD = "guild"
    THREAD = "thread"
    DM = "dm"
    USER_INSTALL = "user_install"
    UNKNOWN = "unknown"


class Metrics:
    """The instruments of one process, in a registry of its own; nothing to close.

    Labels are values of our own enumerations, names of stages and of exception types: their number is bounded, and
    none of them comes from people or articles.

    Attributes:
        registry: what `/metrics` writes.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._questions = self._counter("questions", "Questions by surface and outcome", "surface", "outcome")
        self._abstentions = self._counter("abstentions", "Questions declined, by reason", "reason")
        self._refusals = self._counter("refusals", "Questions not taken, by reason", "reason")
        self._errors = self._counter("errors", "What went wrong and was no everyday refusal, by its type", "type")
        self._deliveries = self._counter("deliveries", "Answers sent to Discord, by outcome", "outcome")
        self._chat_model = self._counter("chat_model_requests", "Requests to the chat model, by outcome", "outcome")
        self._connects = self._counter("gateway_connects", "Gateway sessions begun or resumed", "kind")
        self._stages = Histogram(
            "dateline_stage_seconds",
            "How long each stage of an answer took; `line` is the wait before it, `total` the answer without that wait",
            ["stage"],
            buckets=_STAGE_BUCKETS_S,
            registry=self.registry,
        )
        self.stalls = Histogram(
            "dateline_event_loop_stall_seconds",
            "How much later than asked for the event loop came round",
            buckets=_STALL_BUCKETS_S,
            registry=self.registry,
        )
        self.longest_stall = self._gauge("event_loop_longest_stall_seconds", "The longest stall of the last minute")
        self.in_flight = self._gauge("questions_in_flight", "Questions taken whose answer is not sent yet")
        self.waiting = self._gauge("questions_waiting", "Questions in the line before the first worker call")
        self.shards = self._gauge("gateway_shards", "Gateway connections that there should be")
        self.shards_online = self._gauge("gateway_shards_online", "Gateway connections that are up")
        self.gateway_latency = self._gauge("gateway_latency_seconds", "From a heartbeat to its acknowledgement, mean")
        self._articles = self._gauge("index_articles", "Articles that can be answered from")
        self._passages = self._gauge("index_passages", "Passages that can be found")
        self._index_age = self._gauge("index_newest_age_seconds", "Age of the newest article; NaN without a date")
        self._pending = self._gauge("index_pending_vectors", "Passages that wait for their vectors")
        self._lag = self._gauge("intake_lag_seconds", "How long the feed that is most overdue has been due")
        self._failing = self._gauge("intake_failing_feeds", "Feeds whose last fetch failed")
        self._entries = Gauge(
            "dateline_intake_entries", "What feeds listed, by state", ["state"], registry=self.registry
        )
        self._is_ready = Gauge("dateline_ready", "Whether each part is ready", ["part"], registry=self.registry)

    def answered(self, surface: Surface, outcome: Answer | Abstention, line_s: float) -> None:
        """Count an outcome and time its stages; `line_s` is how long the question stood in line."""
        declined = isinstance(outcome, Abstention)
        self._questions.labels(surface, "abstained" if declined else "answered").inc()
        if isinstance(outcome, Abstention):
            self._abstentions.labels(outcome.reason.value).inc()
        self._stages.labels("line").observe(line_s)
        for stage, spent_ms in outcome.timings_ms.items():
            self._stages.labels(stage).observe(spent_ms / 1000)

    def refused(self, surface: Surface, reason: BaseException) -> None:
        """Count a question that was not taken: too soon, too many, too long, or the process is stopping."""
        self._questions.labels(surface, "refused").inc()
        self._refusals.labels(type(reason).__name__).inc()

    def failed(self, surface: Surface) -> None:
        """Count a question that was taken and came to nothing; its reason is counted by `went_wrong`."""
        self._questions.labels(surface, "failed").inc()

    def went_wrong(self, failure: BaseException) -> None:
        """Count what went wrong, by its type."""
        self._errors.labels(type(failure).__name__).inc()

    def delivered(self, outcome: str) -> None:
        """Count an answer that was "sent", sent after being "retried", or "lost"."""
        self._deliveries.labels(outcome).inc()

    def asked_chat_model(self, outcome: str) -> None:
        """Count a request to the chat model that was "allowed", or not made because the budget is "spent"."""
        self._chat_model.labels(outcome).inc()

    def connected(self, *, resumed: bool) -> None:
        """Count a gateway session that began, or went on after a break."""
        self._connects.labels("resumed" if resumed else "identified").inc()

    def read_status(self, status: Mapping[str, Any], lag_s: float) -> None:
        """Take over what `bot.inspection.read_status` told, and how late the intake is, in seconds."""
        index, age_hours = status["index"], status["freshness"]["newest_age_hours"]
        self._articles.set(index["articles"])
        self._passages.set(index["passages"])
        self._index_age.set(float("nan") if age_hours is None else age_hours * 3600)
        self._pending.set(status["pending_vectors"])
        self._lag.set(lag_s)
        self._failing.set(sum(feed["failures"] > 0 for feed in status["feeds"]))
        for state, count in status["entries"].items():
            self._entries.labels(str(state)).set(count)

    def read_readiness(self, parts: Mapping[str, bool]) -> None:
        """Take over which parts are ready."""
        for part, is_ready in parts.items():
            self._is_ready.labels(part).set(is_ready)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"dateline_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"dateline_{name}", meaning, registry=self.registry)
