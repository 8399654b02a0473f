"""Which hosts, addresses and ports may be connected to.

A page, a redirect or a name server may point anywhere, also at the machine itself, its network, or the metadata service of its
cloud. So the name is resolved once, every answer is judged, and the connection goes to the very address that was judged.
"""

import asyncio
import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal, Protocol

Kind = Literal["public", "private", "loopback", "link-local", "multicast", "embedded", "reserved"]

# IANA special-purpose address registries (RFC 6890 and its updates). The ipaddress module of Python 3.11 lacks some of these.
_IPV4: tuple[tuple[str, Kind], ...] = (
    ("0.0.0.0/8", "reserved"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "private"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "link-local"),  # Azure's platform address: routed, but the same for every guest
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "reserved"),
    ("192.88.99.0/24", "embedded"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "reserved"),
    ("198.51.100.0/24", "reserved"),
    ("203.0.113.0/24", "reserved"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
)
# First match wins. Outside 2000::/3 nothing is routed on the public internet.
_IPV6: tuple[tuple[str, Kind], ...] = (
    ("::1/128", "loopback"),
    ("::ffff:0:0/96", "embedded"),  # IPv4-mapped
    ("::ffff:0:0:0/96", "embedded"),  # IPv4-translated
    ("::/96", "embedded"),  # IPv4-compatible
    ("64:ff9b::/96", "embedded"),  # NAT64
    ("64:ff9b:1::/48", "embedded"),
    ("2001::/23", "embedded"),  # Teredo, ORCHID and other protocol assignments
    ("2001:db8::/32", "reserved"),
    ("2002::/16", "embedded"),  # 6to4
    ("3fff::/20", "reserved"),
    ("2000::/3", "public"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "private"),
    ("ff00::/8", "multicast"),
)
_IPV4_NETWORKS: tuple[tuple[IPv4Network, Kind], ...] = tuple((IPv4Network(net), kind) for net, kind in _IPV4)
_IPV6_NETWORKS: tuple[tuple[IPv6Network, Kind], ...] = tuple((IPv6Network(net), kind) for net, kind in _IPV6)

# Ports on which something other than HTTP listens that can be talked into harm (the "bad ports" of the Fetch standard).
_PORTS = """
1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137 139 143
161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659
4045 4190 5060 5061 6000 6379 6566 6665 6666 6667 6668 6669 6679 6697 10080 11211 27017
"""
_BAD_PORTS = frozenset(map(int, _PORTS.split()))

_ALLOWED_FOR_NAMED_HOSTS: frozenset[Kind] = frozenset({"public", "private", "loopback"})
_NUMERIC_HOST = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?$")
_DOTTED_QUAD = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}")


class Resolver(Protocol):
    """Host name to addresses."""

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of `host`, as text, best first. Raises OSError where there are none."""
        ...


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses the machine's own resolver gives."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The hosts, with or without port, that a source may reach on private or loopback addresses ("host", "host:port")."""

    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str]) -> "AllowedHosts":
        """From a source's `fetch.allow_hosts`."""
        return cls(frozenset(name.lower() for name in names))

    def has(self, host: str, port: int) -> bool:
        """Whether the source names this host. An IPv6 address may stand in brackets."""
        if not self.names:
            return False
        return not self.names.isdisjoint({host, f"{host}:{port}", f"[{host}]", f"[{host}]:{port}"})


def kind_of(address: str) -> Kind:
    """What kind of address this is.

    >>> kind_of("93.184.216.34"), kind_of("169.254.169.254"), kind_of("::ffff:8.8.8.8"), kind_of("fe80::1%eth0")
    ('public', 'link-local', 'embedded', 'link-local')
    """
    parsed = _parse(address.partition("%")[0])
    if parsed is None:
        return "reserved"
    if isinstance(parsed, IPv4Address):
        return next((kind for network, kind in _IPV4_NETWORKS if parsed in network), "public")
    return next((kind for network, kind in _IPV6_NETWORKS if parsed in network), "reserved")


def odd_spelling(host: str) -> bool:
    """Whether `host` is an address in other than its one usual spelling: 127.1, 0x7f000001, 2130706433, 0177.0.0.1.

    >>> [odd_spelling(host) for host in ("127.1", "0x7f.0.0.1", "2130706433", "127.0.0.1.", "127.0.0.1", "1.example", "::1")]
    [True, True, True, True, False, False, False]
    """
    if ":" in host:
        return "%" in host or _parse(host) is None
    return bool(_NUMERIC_HOST.search(host.rpartition(".")[2] or host)) and not _DOTTED_QUAD.fullmatch(host)


def refused_port(host: str, port: int, allowed: AllowedHosts) -> bool:
    """Whether `port` is one that no web server has."""
    return port in _BAD_PORTS and not allowed.has(host, port)


def permitted(host: str, port: int, addresses: Sequence[str], allowed: AllowedHosts) -> tuple[str, ...]:
    """Those of the `addresses` of `host` that may be connected to.

    Public ones always; private and loopback ones where the source names the host; a link-local one only where the source names
    that very address, since that is where clouds keep their metadata service.
    """
    named = allowed.has(host, port)
    kinds = _ALLOWED_FOR_NAMED_HOSTS if named else frozenset({"public"})
    return tuple(
        a for a in addresses if (kind := kind_of(a)) in kinds or (named and kind == "link-local" and a == host)
    )


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None


def is_address(host: str) -> bool:
    """Whether `host` is an address, not a name."""
    return _parse(host) is not None
