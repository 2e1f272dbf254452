"""What can go wrong in answering. Errors carry data; their sentences for people stand in bot/rendering/problems.py.

* AnsweringError
  + QuestionRefused
    x QuestionEmpty           nothing was asked
    x QuestionTooLong         more characters than a question may have
    x QuestionMalformed       a field beside the words cannot be used
    x LimitUnreadable         a person's date cannot be read
    x LimitsReversed          a person's dates lie the wrong way round
    x MessageWordless         the message that is asked about has no words
  + ChatModelFailed           the writer falls back to the default writer on these
    x ChatModelUnavailable    the provider cannot be reached or failed
    x ChatModelTimedOut       the provider was too slow
    x ChatModelOverQuota      the provider refuses for rate or budget
  x ChatModelMisconfigured    "provider:model" cannot be built at all
  x EntailmentModelUnusable   the model that checks sentences cannot be loaded
  x AnswerTimedOut            the whole chain was too slow
"""

from __future__ import annotations


class AnsweringError(Exception):
    """Root of everything answering raises on purpose."""


class QuestionRefused(AnsweringError):
    """The question cannot be asked as it stands."""


class QuestionEmpty(QuestionRefused):
    """Nothing was asked."""


class QuestionTooLong(QuestionRefused):
    """The question has more characters than allowed."""

    def __init__(self, length_chars: int, limit_chars: int) -> None:
        super().__init__(f"{length_chars} > {limit_chars}")
        self.length_chars = length_chars
        self.limit_chars = limit_chars


class QuestionMalformed(QuestionRefused):
    """A field that comes with the question cannot be used.

    Attributes:
        field: its name, such as "asked_at".
        reason: what is wrong with it and what would mend it.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class LimitUnreadable(QuestionRefused):
    """What a person wrote as a limit is no date.

    Attributes:
        limit: "since" or "until".
        written: what they wrote, at most 60 characters of it.
    """

    def __init__(self, limit: str, written: str) -> None:
        super().__init__(f"{limit}: {written}")
        self.limit = limit
        self.written = written


class LimitsReversed(QuestionRefused):
    """What a person wrote as `since` lies after `until`; both as written, at most 60 characters each."""

    def __init__(self, since: str, until: str) -> None:
        super().__init__(f"{since} > {until}")
        self.since = since
        self.until = until


class MessageWordless(QuestionRefused):
    """The message that somebody asks about has no words: it is a picture, a sticker, or nothing but addresses."""


class ChatModelFailed(AnsweringError):
    """The chat model gave nothing to work with.

    Attributes:
        model: "provider:model".
        detail: the provider's own words, for the log only.
    """

    def __init__(self, model: str, detail: str = "") -> None:
        super().__init__(f"{model}: {detail}")
        self.model = model
        self.detail = detail


class ChatModelUnavailable(ChatModelFailed):
    """The provider cannot be reached, refused the key, or failed."""


class ChatModelTimedOut(ChatModelFailed):
    """The provider did not answer in time."""


class ChatModelOverQuota(ChatModelFailed):
    """The provider refuses for its rate limit or the account's budget."""


class ChatModelMisconfigured(AnsweringError):
    """The setting `llm.model` names no model that can be built here."""

    def __init__(self, model: str, detail: str) -> None:
        super().__init__(f"{model}: {detail}")
        self.model = model
        self.detail = detail


class EntailmentModelUnusable(AnsweringError):
    """The setting `answering.nli_model` names no entailment model that can be loaded here."""

    def __init__(self, model: str, detail: str) -> None:
        super().__init__(f"{model}: {detail}")
        self.model = model
        self.detail = detail


class AnswerTimedOut(AnsweringError):
    """The whole answer took longer than `answering.timeout_s`."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"{timeout_s} s")
        self.timeout_s = timeout_s
