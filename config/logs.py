"""The log set-up: one dictConfig, and a question id on every line, on the worker too."""

from __future__ import annotations

import contextvars
import logging
import logging.config

#: The id of the question being answered in this task; "-" outside. The worker runs in a copy of the task's context.
question_id: contextvars.ContextVar[str] = contextvars.ContextVar("question_id", default="-")


class _QuestionId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Put the question id on the record; lets every record pass."""
        record.question_id = question_id.get()
        return True


def set_up_logs(level: str) -> None:
    """Send Dateline's log to standard error at `level`, other libraries' from WARNING on."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"question_id": {"()": _QuestionId}},
            "formatters": {
                "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(question_id)s] %(message)s"},
            },
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["question_id"]},
            },
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {
                **{name: {"level": level} for name in ("bot", "retrieval", "discord.client", "discord.gateway")},
                # They report every page that they cannot use; intake reports it itself, with the reason.
                **{name: {"level": "CRITICAL"} for name in ("trafilatura", "htmldate", "justext")},
            },
        }
    )
