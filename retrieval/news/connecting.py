"""The last gate before the network: names become addresses once, and a connection goes to a checked one or nowhere."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from retrieval.news.addresses import is_private_host, refused_address

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses; raises OSError if there are none."""


class AddressRefused(OSError):
    """An address that must not be connected to; an OSError, since that is what aiohttp passes on."""


class Gate(AbstractResolver):
    """Resolves hosts for one connector and makes its sockets.

    A host is resolved once for each connection, which goes to exactly the addresses that were checked then: a name
    server that answers differently a moment later changes nothing. If any address of a host is refused, all are.
    `open_socket` checks again, so that nothing gets past this by not being resolved.

    Args:
        private_hosts: as `check_fetchable` takes them.
        resolve: how names become addresses; the system's resolver if None.
    """

    def __init__(self, *, private_hosts: Collection[str], resolve: Resolve | None = None) -> None:
        self._private_hosts = private_hosts
        self._resolve = resolve or _resolve
        # The addresses of hosts that the operator named, by host and port: as many entries as there are such names.
        self._named: dict[tuple[str, int], frozenset[str]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a host up.

        Raises:
            AddressRefused: one of its addresses must not be connected to.
            OSError: it has none.
        """
        try:
            addresses = list(dict.fromkeys(await self._resolve(host, port)))
        except UnicodeError as error:
            raise socket.gaierror(socket.EAI_NONAME, "not a name") from error
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        is_named = is_private_host(host, port, self._private_hosts)
        for address in addresses:
            if reason := refused_address(address, is_named=is_named):
                raise AddressRefused(f"it leads to {reason}")
        if is_named:
            self._named[host, port] = frozenset(addresses)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in addresses
        ]

    def open_socket(self, address_info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for one address, as aiohttp's `socket_factory`.

        Raises:
            AddressRefused: the address must not be connected to.
        """
        family, kind, protocol, _, (address, port, *_) = address_info
        is_named = is_private_host(address, port, self._private_hosts) or any(
            named_port == port and address in addresses for (_, named_port), addresses in self._named.items()
        )
        if reason := refused_address(address, is_named=is_named):
            raise AddressRefused(reason)
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        """Nothing is held open."""


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return [str(address[0]) for family, *_, address in found if family in (socket.AF_INET, socket.AF_INET6)]
