"""Chat models by name: "provider:model" becomes a LangChain chat model, a provider's errors become ours."""

from __future__ import annotations

from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.exceptions import ModelRateLimitError, ModelTimeoutError
from langchain_core.language_models import BaseChatModel

from bot.answering.errors import (
    ChatModelFailed,
    ChatModelMisconfigured,
    ChatModelOverQuota,
    ChatModelTimedOut,
    ChatModelUnavailable,
)

# Provider -> the package that brings its chat model; each is an extra of this distribution, named like the provider.
_PACKAGES = {"openai": "langchain-openai", "anthropic": "langchain-anthropic", "ollama": "langchain-ollama"}
# One retry bridges a dropped connection; more would only spend the reader's time.
_MAX_RETRIES = 1
# A server of one's own mostly wants no key, but the client insists on one, and would otherwise send OPENAI_API_KEY.
_NO_KEY = "no-key"

_TIMEOUT_STATUS = frozenset({408, 504, 524})
# 402: the account's budget is spent.
_QUOTA_STATUS = frozenset({402, 429})
# Classes of httpx, openai and anthropic, by name, because a provider's package may not be installed.
_TIMEOUT_CLASSES = frozenset({"TimeoutException", "APITimeoutError", "RequestTimeoutError"})
_QUOTA_CLASSES = frozenset({"RateLimitError", "PaymentRequiredError"})


def build_chat_model(
    model: str,
    *,
    temperature: float,
    timeout_s: float,
    max_tokens: int,
    base_url: str | None,
    api_key: str | None,
) -> BaseChatModel:
    """Build the chat model that "provider:model" names; nothing is sent yet.

    Args:
        model: such as "openai:gpt-4.1-mini", "anthropic:claude-sonnet-4-5" or "ollama:llama3.1:8b"; what follows the
            first colon is the provider's own name.
        temperature: of sampling, >= 0; 0 is the most repeatable.
        timeout_s: for one attempt; there are at most two.
        max_tokens: longest reply.
        base_url: the server, or None for the provider's own.
        api_key: the key. None: the provider's own environment variable, such as OPENAI_API_KEY, counts; but a server
            named by `base_url` never gets the key of that variable.

    Raises:
        ChatModelMisconfigured: the name has no provider or no model, the provider is unknown, its package is not
            installed, or it refuses these settings, for example for want of a key. The error never holds the key.
    """
    provider, _, name = model.partition(":")
    provider = provider.strip().lower()
    if not provider or not name.strip():
        raise ChatModelMisconfigured(model, 'it must read "provider:model", such as openai:gpt-4.1-mini')
    if provider not in _PACKAGES:
        raise ChatModelMisconfigured(model, f"unknown provider {provider!r}; known are {', '.join(sorted(_PACKAGES))}")
    settings = _provider_settings(provider, temperature, timeout_s, max_tokens, base_url, api_key)
    try:
        built: BaseChatModel = init_chat_model(name.strip(), model_provider=provider, **settings)
    except ImportError as problem:
        package = _PACKAGES[provider]
        raise ChatModelMisconfigured(model, f"{package} is not installed; run: pip install {package}") from problem
    except Exception as problem:
        # Not chained: a validation error prints the settings that it refused, the key among them.
        hint = "" if api_key else "; set DATELINE_LLM__API_KEY if the provider wants a key"
        raise ChatModelMisconfigured(model, f"{provider} refuses these settings ({_name(problem)}){hint}") from None
    return built


def translate_provider_error(exc: BaseException, model: str) -> ChatModelFailed:
    """Say in our errors what a provider's exception means; what is not recognised counts as unavailable.

    The detail has the exception's class and HTTP status only: the words of a provider may repeat the key.

    Args:
        exc: what the call raised; one of ours is given back as it is.
        model: "provider:model".
    """
    if isinstance(exc, ChatModelFailed):
        return exc
    status = getattr(exc, "status_code", None)
    classes = {cls.__name__ for cls in type(exc).__mro__}
    detail = _name(exc) + (f", HTTP {status}" if isinstance(status, int) and status > 0 else "")
    if isinstance(exc, ModelRateLimitError) or status in _QUOTA_STATUS or classes & _QUOTA_CLASSES:
        return ChatModelOverQuota(model, detail)
    is_timeout = isinstance(exc, TimeoutError | ModelTimeoutError)
    if is_timeout or status in _TIMEOUT_STATUS or classes & _TIMEOUT_CLASSES:
        return ChatModelTimedOut(model, detail)
    return ChatModelUnavailable(model, detail)


def refuses_request(exc: BaseException) -> bool:
    """Tell whether a provider refuses a request's form (HTTP 400, 415, 422, 501), so that a plainer one may do."""
    return getattr(exc, "status_code", None) in (400, 415, 422, 501)


def _provider_settings(
    provider: str, temperature: float, timeout_s: float, max_tokens: int, base_url: str | None, api_key: str | None
) -> dict[str, Any]:
    """Name the settings as the provider's LangChain class does."""
    settings: dict[str, Any] = {"temperature": temperature}
    if base_url:
        settings["base_url"] = base_url
    if provider == "ollama":
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        return {**settings, "num_predict": max_tokens, "client_kwargs": {"timeout": timeout_s, "headers": headers}}
    settings |= {"timeout": timeout_s, "max_tokens": max_tokens, "max_retries": _MAX_RETRIES}
    key = api_key or (_NO_KEY if base_url else None)
    return {**settings, "api_key": key} if key else settings


def _name(exc: BaseException) -> str:
    return f"{type(exc).__module__.partition('.')[0]}.{type(exc).__name__}"
