"""The feeds that an operator's file names."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from config.settings import Settings, SettingsInvalid
from retrieval.news.links import check_url


class NamedFeed(BaseModel):
    """One feed of the file.

    Attributes:
        url: its address.
        kind: what is there.
        source: its publisher's name, if it does not say it well.
        tags: the operator's words for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(check_url)]
    kind: Literal["feed", "sitemap", "page"] = "feed"
    source: str | None = None
    tags: tuple[str, ...] = ()


class _FeedsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    feeds: tuple[NamedFeed, ...] = ()


def load_feeds(settings: Settings) -> tuple[NamedFeed, ...]:
    """Read the file that the setting `intake.feeds_file` names, else the packaged feeds.toml, which names none.

    Raises:
        SettingsInvalid: the file is missing, no TOML, or says something else than feeds.
    """
    named = settings.intake.feeds_file
    try:
        path = Path(named).expanduser()
        text = path.read_text("utf-8") if named else files("config").joinpath("feeds.toml").read_text("utf-8")
    except OSError as problem:
        raise SettingsInvalid(
            f"intake.feeds_file names {named}, which cannot be read ({problem.strerror}): correct it or leave it empty."
        ) from problem
    except UnicodeDecodeError as problem:
        raise SettingsInvalid(f"{named} is not UTF-8: save it as UTF-8.") from problem
    try:
        return _FeedsFile.model_validate(tomllib.loads(text)).feeds
    except tomllib.TOMLDecodeError as problem:
        raise SettingsInvalid(f"{named} is not valid TOML: {problem}.") from problem
    except ValidationError as problem:
        mistakes = "; ".join(_mistake(error) for error in problem.errors())
        raise SettingsInvalid(f"{named} names its feeds wrongly: {mistakes}; config/feeds.toml shows how.") from problem


def _mistake(error: Any) -> str:
    place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in error["loc"])
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"
