"""The feeds that an operator's file names."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from config.settings import Settings, SettingsInvalid


class NamedFeed(BaseModel):
    """One feed of the file: its address, its publisher's name if it does not say it well, and the operator's tags."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
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
    try:
        return _FeedsFile.model_validate(tomllib.loads(text)).feeds
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingsInvalid(f"{named} is not valid TOML: {problem}.") from problem
    except ValidationError as problem:
        mistakes = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problem.errors())
        raise SettingsInvalid(f"{named} names its feeds wrongly: {mistakes}; config/feeds.toml shows how.") from problem
