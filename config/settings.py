"""The settings' types, bounds and sources: packaged values, the operator's file, the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

CONFIG_VARIABLE = "DATELINE_CONFIG"
HOME_VARIABLE = "DATELINE_HOME"
_PREFIX = "DATELINE_"
_SEPARATOR = "__"
_SECRETS = (("discord", "token"), ("llm", "api_key"))

# A shorter quote tells nothing.
SHORTEST_QUOTE_CHARS = 40

Positive = Annotated[int, Field(ge=1)]


class SettingsInvalid(Exception):
    """The settings cannot be used; its text is one line for each mistake, with the remedy."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class HomeSettings(_Section):
    """Where the program keeps what it makes."""

    dir: str


class EmbeddingSettings(_Section):
    """The embedding model."""

    model: Annotated[str, Field(min_length=1)]
    runtime: Literal["torch", "onnx"]
    device: Annotated[str, Field(min_length=1)]
    tagger: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _check_runtime(self) -> Self:
        if self.runtime == "onnx" and self.device != "cpu":
            raise ValueError('runtime = "onnx" runs on device = "cpu" only')
        return self


class RetrievalSettings(_Section):
    """Splitting, searching, fusing, queueing."""

    passage_tokens: Annotated[int, Field(ge=16, le=2048)]
    dense_weight: Annotated[float, Field(ge=0, le=1)]
    lexical_weight: Annotated[float, Field(ge=0, le=1)]
    candidates: Annotated[int, Field(ge=1, le=1000)]
    hits: Annotated[int, Field(ge=1, le=100)]
    reranker_model: str
    chroma_url: Annotated[str, Field(pattern=r"^(https?://[^\s/]+/?)?$")]
    max_waiting_questions: Positive

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        if self.dense_weight + self.lexical_weight == 0:
            raise ValueError("dense_weight and lexical_weight must not both be 0")
        return self


def checked_quote_chars(value: int) -> int:
    """Give back the longest quote in characters, 0 for no limit, if a quote can be that short."""
    if 0 < value < SHORTEST_QUOTE_CHARS:
        raise ValueError(f"a quote needs {SHORTEST_QUOTE_CHARS} characters at least; 0 is no limit")
    return value


class SourceSettings(_Section):
    """What holds for one publisher; None leaves what holds for all."""

    keep_days: Annotated[int, Field(ge=0)] | None = None
    max_quote_chars: Annotated[int, Field(ge=0)] | None = None

    @field_validator("max_quote_chars")
    @classmethod
    def _check_quotes(cls, value: int | None) -> int | None:
        return value if value is None else checked_quote_chars(value)


class IntakeSettings(_Section):
    """Fetching news: how often, how politely, what may be fetched, how long it is kept."""

    contact: str
    feeds_file: str
    watch_dirs: list[str]
    min_interval_s: Annotated[int, Field(ge=10, le=86_400)]
    max_interval_s: Annotated[int, Field(ge=60, le=7 * 86_400)]
    timeout_s: Annotated[float, Field(gt=0, le=300)]
    max_body_bytes: Annotated[int, Field(ge=10_000, le=100_000_000)]
    host_delay_s: Annotated[float, Field(ge=0, le=60)]
    host_connections: Annotated[int, Field(ge=1, le=8)]
    connections: Annotated[int, Field(ge=1, le=100)]
    private_hosts: list[str]
    heed_robots: bool
    heed_opt_outs: bool
    attempts: Annotated[int, Field(ge=1, le=50)]
    stale_after_hours: Annotated[float, Field(gt=0)]
    keep_days: Annotated[int, Field(ge=0)]
    max_quote_chars: Annotated[int, Field(ge=0)]
    sources: dict[str, SourceSettings]

    @model_validator(mode="after")
    def _check_intervals(self) -> Self:
        if self.min_interval_s > self.max_interval_s:
            raise ValueError("min_interval_s must not be more than max_interval_s")
        return self

    @field_validator("max_quote_chars")
    @classmethod
    def _check_quotes(cls, value: int) -> int:
        return checked_quote_chars(value)


class AnsweringSettings(_Section):
    """What is answered, and when Dateline abstains."""

    question_limit_chars: Annotated[int, Field(ge=10, le=4000)]
    min_confidence: Annotated[float, Field(ge=0, le=1)]
    max_quotes: Annotated[int, Field(ge=1, le=3)]
    nli_model: str
    timeout_s: Annotated[float, Field(gt=0, le=600)]


class LlmSettings(_Section):
    """The optional chat model."""

    model: Annotated[str, Field(pattern=r"^([\w-]+:\S+)?$")]
    base_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")]
    temperature: Annotated[float, Field(ge=0, le=2)]
    max_tokens: Annotated[int, Field(ge=16, le=32_768)]
    timeout_s: Annotated[float, Field(gt=0, le=600)]
    max_passages: Annotated[int, Field(ge=1, le=50)]
    requests_per_day: Annotated[int, Field(ge=0)]
    requests_per_server_per_day: Annotated[int, Field(ge=0)]
    api_key: SecretStr | None = None


class DiscordSettings(_Section):
    """The Discord application."""

    guild_id: Annotated[int, Field(ge=0)]
    api_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")]
    gateway_url: Annotated[str, Field(pattern=r"^(wss?://\S+)?$")]
    language: Literal["en", "de"]
    questions_per_minute: Annotated[int, Field(ge=0, le=1000)]
    max_questions: Annotated[int, Field(ge=1, le=10_000)]
    answers_at_once: Annotated[int, Field(ge=1, le=256)]
    feeds_per_server: Annotated[int, Field(ge=0, le=1000)]
    private_hosts_for_servers: bool
    conversation_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]
    token: SecretStr | None = None


class RecordsSettings(_Section):
    """What is kept of people's questions and answers, and for how long."""

    keep_days: Annotated[int, Field(ge=1, le=3_650)]


class HealthSettings(_Section):
    """Where health, readiness and metrics are served."""

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=0, le=65_535)]
    allowed_hosts: list[str]


class LogSettings(_Section):
    """What is logged."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(BaseSettings):
    """All settings. Built by `load_settings`; passed to components as plain values, never whole."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_nested_delimiter=_SEPARATOR,
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    home: HomeSettings
    embedding: EmbeddingSettings
    retrieval: RetrievalSettings
    intake: IntakeSettings
    answering: AnsweringSettings
    llm: LlmSettings
    discord: DiscordSettings
    records: RecordsSettings
    health: HealthSettings
    log: LogSettings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the files, which `load_settings` has merged into the initial values."""
        return (env_settings, init_settings)


def load_settings() -> Settings:
    """Read the settings: packaged default.toml, then the file named by DATELINE_CONFIG, then the environment.

    Raises:
        SettingsInvalid: the named file is missing or no TOML; a section, key or environment variable is unknown;
            a value is out of its bounds; a secret stands in a file.
    """
    values = tomllib.loads(files("config").joinpath("default.toml").read_text("utf-8"))
    if own_file := os.environ.get(CONFIG_VARIABLE, ""):
        values = _merged(values, _read_own_file(Path(own_file)))
    mistakes = _unknown_variables(os.environ)
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes))
    try:
        # DATELINE_HOME would be read as the section `home`; it names the folder and is read by `home_dir`.
        hidden = {name: os.environ.pop(name) for name in (HOME_VARIABLE,) if name in os.environ}
        try:
            return Settings(**values)
        finally:
            os.environ.update(hidden)
    except ValidationError as problem:
        raise SettingsInvalid("\n".join(_mistake(error) for error in problem.errors())) from None


def home_dir(settings: Settings, given: Path | None) -> Path:
    """Choose the home: `given` (--home), DATELINE_HOME, the setting `home.dir`, or the platform's folder; absolute."""
    from platformdirs import user_data_path

    named = given or os.environ.get(HOME_VARIABLE) or settings.home.dir or user_data_path("dateline")
    return Path(named).expanduser().absolute()


def _read_own_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise SettingsInvalid(
            f"{CONFIG_VARIABLE} names {path}, which cannot be read ({problem.strerror}): correct or unset it."
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingsInvalid(f"{path} is not valid TOML: {problem}.") from problem
    for section, key in _SECRETS:
        if isinstance(values.get(section), dict) and key in values[section]:
            variable = f"{_PREFIX}{section.upper()}{_SEPARATOR}{key.upper()}"
            raise SettingsInvalid(f"{path} holds {section}.{key}, a secret: put it into the environment as {variable}.")
    return values


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """pydantic-settings ignores a variable whose section it does not know; a typo must not pass unseen."""
    known = {
        f"{_PREFIX}{section}{_SEPARATOR}{key}".upper()
        for section, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for key in field.annotation.model_fields
    }
    return [
        f"The environment variable {name} names no setting; config/default.toml lists them all."
        for name in sorted(environment)
        if name.upper().startswith(_PREFIX)
        and name.upper() not in known
        and name not in (CONFIG_VARIABLE, HOME_VARIABLE)
    ]


def _mistake(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"The setting {where} is unknown; config/default.toml lists them all."
    return f"The setting {where} is wrong: {error['msg'].removeprefix('Value error, ')}."
