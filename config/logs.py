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


class _NoTrace(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Put what failed on the line in place of its trace; lets every record pass."""
        if record.exc_info and record.exc_info[1] is not None:
            failure = record.exc_info[1]
            record.msg, record.args = f"{record.getMessage()} ({type(failure).__name__}: {failure})", ()
            record.exc_info = record.exc_text = None
        return True


def set_up_logs(level: str) -> None:
    """Send Dateline's log to standard error at `level`, other libraries' from WARNING on."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"question_id": {"()": _QuestionId}, "no_trace": {"()": _NoTrace}},
            "formatters": {
                "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(question_id)s] %(message)s"},
            },
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["question_id"]},
            },
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {
                **{name: {"level": level} for name in ("bot", "retrieval", "discord.client", "discord.gateway")},
                # It writes the whole trace each time a connection fails, every five seconds while Discord is down.
                "discord.shard": {"filters": ["no_trace"]},
                # They report every page that they cannot use; intake reports it itself, with the reason.
                **{name: {"level": "CRITICAL"} for name in ("trafilatura", "htmldate", "justext")},
            },
        }
    )
