"""What to say where a home cannot be used, forgotten in, backed up or restored; a part of the table in problems.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.locales.speaking import marked
from retrieval import errors

INDEX_DOWN = marked("The articles cannot be searched right now; please ask again later, or tell whoever runs this bot.")

#: Exception type -> what a person is told, and the operator.
UPKEEP_PROBLEMS: dict[type[BaseException], tuple[str, Callable[[Any], str]]] = {
    errors.HomeInUse: (
        INDEX_DOWN,
        lambda e: (
            f"{e.home} is in use by {e.owner or 'another process'} (process {e.pid or 'unknown'}, "
            f"since {e.since or 'unknown'}): wait until it is done, or stop it."
        ),
    ),
    errors.HomeOwnerSilent: (
        INDEX_DOWN,
        lambda e: (
            f"The process that owns {e.home} does not answer ({e.detail}): "
            "run the command again; if that is no help, stop that process and start it again."
        ),
    ),
    errors.NothingToForget: (
        INDEX_DOWN,
        lambda e: (
            f"Nothing is kept under {e.name}, and it is no address: "
            + (f"did you mean {e.nearest}?" if e.nearest else "give an address, an article's id or a publisher.")
        ),
    ),
    errors.BackupUnwritable: (
        INDEX_DOWN,
        lambda e: f"The backup {e.path} cannot be written ({e.detail}): name a file in a folder that has room.",
    ),
    errors.BackupUnreadable: (
        INDEX_DOWN,
        lambda e: f"{e.path} cannot be restored ({e.detail}): use another backup; the home is as it was.",
    ),
    errors.HomeNotEmpty: (
        INDEX_DOWN,
        lambda e: (
            f"{e.home} holds {e.articles or 'a damaged archive instead of'} articles and feeds, which the backup "
            "would replace: name another home, or add --replace."
        ),
    ),
}
