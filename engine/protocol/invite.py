"""What people type or paste to reach somebody: read strictly, and answered in plain words.

    HOST:PORT        192.168.1.7:6000    [fe80::1%eth0]:6000    laptop.local:6000
    an address       the 56 characters, also in groups
    an invite        p2pchat:ADDRESS?c=CHECK&h=192.168.1.7:6000&h=[fe80::1%25eth0]:6000&n=Al&k=PASS

    c   how many parts follow, and a checksum: it tells a cut link from a changed one
    h   where the person may be reached, the likeliest first; at most 16
    n   what the person is called, as sent: clean it before anybody sees it
    k   the one-time pass that opens a closed door, 16 bytes as 26 characters of base32

Unknown parts of an invite are passed over, so that later versions can add some. A sentence that
refuses an invite never repeats it: it may hold a pass.
"""

import base64
import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from identity import ADDRESS_SIZE, BadAddress, PeerId, Secret

SCHEME: Final = "p2pchat:"
PASS_SIZE: Final = 16  # bytes
MAX_TEXT: Final = 4_096  # characters; a QR code holds fewer
MAX_HOSTS: Final = 16  # more than any machine has, few enough to try them all
MAX_NAME: Final = 64  # characters

_MAX_HOST_NAME: Final = 253  # characters (RFC 1035)
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SCOPE: Final = re.compile(r"[A-Za-z0-9_.:@-]{1,32}")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_ADDRESS_LIKE: Final = re.compile(r"[A-Za-z0-9 \t\r\n-]{40,}")  # too long for a common host name
_PASS_LENGTH: Final = 26  # characters
_PASS: Final = re.compile(rf"[a-z2-7]{{{_PASS_LENGTH}}}")
_SAFETY_NUMBER: Final = re.compile(r"[0-9]{60}")
_ELSEWHERE: Final = re.compile(
    r"(bitcoin|data|facetime|file|geo|javascript|magnet|mailto|matrix|sgnl|sip|sms|ssb|ssh|tel"
    r"|tg|tox|whatsapp|wifi|xmpp):(?![0-9]{1,5}$)",  # a machine may be called so
    re.IGNORECASE,
)

_CHECK_SIZE: Final = 5  # characters: one for the number of parts, four of the checksum
_CHECK_LABEL: Final = b"p2pchat invite check"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"  # of base32
_CUT: Final = "The end of this invite is missing: copy the whole of it."
_CHANGED: Final = (
    "Something in this invite was changed on its way: copy it again, or ask for a new one."
)
_CUT_OR_CHANGED: Final = (
    "This invite was changed, or its end is missing: copy the whole of it again."
)


class BadTarget(ValueError):
    """This text reaches nobody; the exception's text is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class HostPort:
    """Where a program may listen. The host is an IPv4 or IPv6 address, or a name.

    >>> str(HostPort("fe80::1%eth0", 6000))
    '[fe80::1%eth0]:6000'
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to reach, and where: at least one of the two is known."""

    peer: PeerId | None
    hosts: tuple[HostPort, ...]
    name: str
    knock_pass: Secret | None


def parse_target(text: str) -> Target:
    """Read what a person typed or pasted; raises BadTarget."""
    if len(text) > MAX_TEXT:
        raise BadTarget("This is far too long for an address.")
    text = text.strip()
    if not text:
        raise BadTarget("Type an address, such as 192.168.1.7:6000, or paste an invite.")
    if text[: len(SCHEME)].lower() == SCHEME:
        return _parse_invite(text[len(SCHEME) :])
    # An input method may write a wide colon or wide digits.
    text = unicodedata.normalize("NFKC", text)
    if _SAFETY_NUMBER.fullmatch("".join(text.split())):
        raise BadTarget("This is a safety number: compare it on the page of the person it is of.")
    if _ELSEWHERE.match(text):
        raise BadTarget(f"This is made for another program: an invite begins with {SCHEME}")
    if "://" in text:
        raise BadTarget(
            "This is the address of a web page. "
            "Ask for the address that the other person's page shows, such as 192.168.1.7:6000."
        )
    if "?" in text:
        raise BadTarget(f"An invite begins with {SCHEME} - copy the whole of it.")
    if _ADDRESS_LIKE.fullmatch(text):
        return Target(peer=_peer(text), hosts=(), name="", knock_pass=None)
    return Target(peer=None, hosts=(parse_host_port(text),), name="", knock_pass=None)


def parse_host_port(text: str) -> HostPort:
    """Read HOST:PORT or [IPv6]:PORT; raises BadTarget."""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise BadTarget("An IPv6 address with its port looks like this: [fe80::1]:6000")
        host, port = _ipv6(host), port[1:]
    elif text.count(":") > 1:
        raise BadTarget("Put an IPv6 address in brackets: [fe80::1]:6000")
    else:
        host, _, port = text.partition(":")
        host = _ipv4_or_name(host)
    if not port:
        example = HostPort(host, 6000)
        raise BadTarget(f"Add the port that the other person's page shows, such as {example}")
    # ASCII digits only: int() would read any script's.
    if not _PORT.fullmatch(port) or not 1 <= int(port) <= 65_535:
        raise BadTarget("A port is a number from 1 to 65535.")
    return HostPort(host, int(port))


def make_invite(
    peer: PeerId, hosts: Iterable[HostPort], name: str, knock_pass: bytes | None
) -> str:
    """Return the link to pass on. Whoever has it can use the pass in it once."""
    # Brackets and colons may stand as they are; "%" of a scope must not.
    parts = [f"h={quote(str(host), safe='[]:')}" for host in list(hosts)[:MAX_HOSTS]]
    if name:
        parts.append(f"n={quote(name[:MAX_NAME], safe='', errors='replace')}")
    if knock_pass is not None:
        if len(knock_pass) != PASS_SIZE:
            raise ValueError(f"a pass has {PASS_SIZE} bytes, not {len(knock_pass)}")
        parts.append(f"k={_write_pass(knock_pass)}")
    if not parts:
        return SCHEME + peer.address
    check = _check(peer.address, [_read_part(part) for part in parts])
    return f"{SCHEME}{peer.address}?c={check}&{'&'.join(parts)}"


def _parse_invite(rest: str) -> Target:
    # A mail program may have broken the line; a space of a name is written %20.
    address, mark, query = "".join(rest.split()).removeprefix("//").partition("?")
    address = address.removesuffix("/")
    if not mark and len(address.replace("-", "")) < ADDRESS_SIZE:
        raise BadTarget(_CUT)
    peer = _peer(address)
    parts = [_read_part(part) for part in query.split("&")] if query else []
    if parts and parts[0][0] == "c":
        _verify(peer.address, parts[0][1], parts[1:])
    hosts: list[HostPort] = []
    once: dict[str, str] = {}
    for key, value in parts:
        if key == "h":
            hosts.append(parse_host_port(value))
        elif key in once:
            raise BadTarget("This invite is damaged: a part of it stands there twice.")
        else:
            once[key] = value
    if len(hosts) > MAX_HOSTS:
        raise BadTarget(f"This invite names more than {MAX_HOSTS} places.")
    return Target(
        peer=peer,
        hosts=tuple(dict.fromkeys(hosts)),
        name=once.get("n", "")[:MAX_NAME],
        knock_pass=_read_pass(once["k"]) if "k" in once else None,
    )


def _read_part(part: str) -> tuple[str, str]:
    key, _, quoted = part.partition("=")
    try:
        return key, unquote(quoted, errors="strict")
    except UnicodeDecodeError:
        raise BadTarget("This invite is damaged. Ask for a new one.") from None


def _check(address: str, parts: list[tuple[str, str]]) -> str:
    """Taken of what the parts say: another program may quote them in its own way."""
    said = address + "".join(f"&{key}={value}" for key, value in parts)
    digest = hashlib.sha3_256(_CHECK_LABEL + said.encode(errors="replace")).digest()
    return _LETTERS[len(parts) % 32] + base64.b32encode(digest[:5]).decode().lower()[:4]


def _verify(address: str, check: str, parts: list[tuple[str, str]]) -> None:
    """Raises BadTarget unless the parts are those that the check was taken of."""
    if len(check) < _CHECK_SIZE and not parts:
        raise BadTarget(_CUT)
    if check == _check(address, parts):
        return
    promised = _LETTERS.find(check[:1])
    if len(check) != _CHECK_SIZE or promised < len(parts):
        raise BadTarget(_CHANGED)
    key, value = parts[-1] if parts else ("", "")
    if promised > len(parts) or not key:
        raise BadTarget(_CUT)
    if key != "k":  # nobody can see where a name or a port should have ended
        raise BadTarget(_CUT_OR_CHANGED)
    raise BadTarget(_CUT if len(value) < _PASS_LENGTH else _CHANGED)


def _peer(text: str) -> PeerId:
    try:
        return PeerId.from_address(text)
    except BadAddress as error:
        raise BadTarget(str(error)) from None


def _ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise BadTarget("What stands in the brackets is no IPv6 address.") from None
    if address.scope_id and not _SCOPE.fullmatch(address.scope_id):
        raise BadTarget("After the % of an IPv6 address comes the name of a network card.")
    if address.ipv4_mapped:
        return _machine(address.ipv4_mapped)
    return _machine(address)


def _ipv4_or_name(text: str) -> str:
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    # Systems read "127.1" or "0x7f.1" as addresses too, each in its own way: only the plain form.
    if _NUMBER.fullmatch(labels[-1]):
        try:
            address = ipaddress.IPv4Address(name)
        except ValueError:
            raise BadTarget("This is no IPv4 address: it has four numbers up to 255.") from None
        return _machine(address)
    if len(name) > _MAX_HOST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadTarget(
            "This is no address. It looks like 192.168.1.7:6000 or laptop.local:6000, "
            "or it is an invite that begins with p2pchat:"
        )
    return name


def _machine(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if address.is_unspecified or address.is_multicast:
        raise BadTarget("This is not the address of one machine.")
    return str(address)


def _read_pass(text: str) -> Secret:
    # One way to write each pass: the last character's spare bits are zero.
    if _PASS.fullmatch(text):
        knock_pass = Secret(base64.b32decode(text.upper() + "======"))
        if _write_pass(knock_pass) == text:
            return knock_pass
    if len(text) < _PASS_LENGTH:
        raise BadTarget(_CUT)
    raise BadTarget("The one-time pass of this invite is damaged. Ask for a new invite.")


def _write_pass(knock_pass: bytes) -> str:
    return base64.b32encode(knock_pass).decode().rstrip("=").lower()
