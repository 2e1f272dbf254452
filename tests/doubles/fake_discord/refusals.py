"""Words every way in which the REST API says no, as Discord words it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One field of a payload that breaks a limit: where it is, Discord's name for the limit, and a sentence."""

    path: tuple[str, ...]
    code: str
    message: str


@dataclass(frozen=True)
class Violation:
    """Something the bot sent or did that Discord forbids."""

    where: str
    code: int
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} ({self.code})"


class Refusal(Exception):
    """Ends a request with a Discord error; `breaks_rules` says that the bot is to blame and a test should fail."""

    def __init__(
        self, status: int, code: int, message: str, *, breaks_rules: bool = False, problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.breaks_rules = breaks_rules
        self.problems = tuple(problems)

    def body(self) -> dict[str, Any]:
        """Return the error JSON, with one nested `_errors` list for each problem."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.problems:
            errors: dict[str, Any] = {}
            body["errors"] = errors
            for problem in self.problems:
                level: dict[str, Any] = errors
                for step in problem.path:
                    level = level.setdefault(step, {})
                level.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
        return body

    def explained(self) -> str:
        """Return the message with every problem, for the list of violations."""
        details = [f"{'.'.join(problem.path)}: {problem.message}" for problem in self.problems]
        return self.message if not details else f"{self.message}: {'; '.join(details)}"


def unauthorized() -> Refusal:
    """A missing or wrong bot token."""
    return Refusal(401, 0, "401: Unauthorized")


def unknown_channel() -> Refusal:
    """A channel that does not exist."""
    return Refusal(404, 10003, "Unknown Channel")


def unknown_guild() -> Refusal:
    """A guild that does not exist, or that the bot is not in."""
    return Refusal(404, 10004, "Unknown Guild")


def unknown_message() -> Refusal:
    """A message that does not exist or was deleted."""
    return Refusal(404, 10008, "Unknown Message")


def unknown_user() -> Refusal:
    """A user that does not exist."""
    return Refusal(404, 10013, "Unknown User")


def unknown_command() -> Refusal:
    """An application command that does not exist."""
    return Refusal(404, 10063, "Unknown application command")


def unknown_webhook() -> Refusal:
    """A follow-up to an interaction that was never acknowledged."""
    return Refusal(404, 10015, "Unknown Webhook", breaks_rules=True)


def expired_token() -> Refusal:
    """An interaction token after its 15 minutes."""
    return Refusal(401, 50027, "Invalid Webhook Token", breaks_rules=True)


def unknown_interaction() -> Refusal:
    """An interaction that never was, or that was acknowledged too late."""
    return Refusal(404, 10062, "Unknown interaction", breaks_rules=True)


def already_acknowledged() -> Refusal:
    """A second acknowledgement."""
    return Refusal(400, 40060, "Interaction has already been acknowledged.", breaks_rules=True)


def too_many_followups() -> Refusal:
    """The sixth follow-up of an application that only the user installed."""
    message = "This interaction has reached the maximum number of follow-up messages"
    return Refusal(400, 40094, message, breaks_rules=True)


def missing_access() -> Refusal:
    """A channel that the bot cannot see."""
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    """A channel in which the bot may not do this."""
    return Refusal(403, 50013, "Missing Permissions")


def closed_dms() -> Refusal:
    """A user who takes no direct messages."""
    return Refusal(403, 50007, "Cannot send messages to this user")


def not_the_author() -> Refusal:
    """An edit of somebody else's message."""
    return Refusal(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> Refusal:
    """A message with nothing in it."""
    return Refusal(400, 50006, "Cannot send an empty message", breaks_rules=True)


def invalid_form(problems: Sequence[Problem]) -> Refusal:
    """A payload that breaks limits."""
    return Refusal(400, 50035, "Invalid Form Body", breaks_rules=True, problems=problems)
