"""Reach somebody whose address was typed, pasted or clicked; ask them, if they are a stranger."""

from contextlib import suppress
from typing import Final

from contacts import Relation, clean_name
from engine.chat import deeds
from engine.chat.book import Book
from engine.chat.direct import Direct, check_text
from engine.chat.errors import Refused
from engine.chat.links import Links
from engine.chat.meeting import place_of
from engine.chat.trust import MAX_REQUEST_TEXT, Trust
from engine.chat.views import Connected
from engine.net.connection import Connection
from engine.net.dialer import DialFailed, most_telling
from engine.net.peers import Peers
from engine.net.redial import NO_PASS
from engine.protocol import records
from engine.protocol.invite import MAX_TEXT, BadTarget, HostPort, Target, parse_target
from identity import PeerId

SENTENCES: Final = {
    "self": "That is your own address.",
    "wrong_identity": "Somebody else answered there: the key is not the one you expected.",
    "not_p2pchat": "Something answered there that does not speak p2pchat, or declined to talk.",
    "timeout": "Nobody answered in time. Is p2pchat running there, and on the same network?",
    "refused": "Nobody listens there. Is p2pchat running, and is the port right?",
    "unreachable": "There is no way to that address from this computer.",
}


def connect(
    address: str,
    text: str,
    *,
    me: PeerId,
    book: Book,
    peers: Peers,
    links: Links,
    trust: Trust,
    direct: Direct,
) -> Connected:
    """Waits for the handshake, at most 10 s for each address. Raises Refused."""
    try:
        target = parse_target(address)
    except BadTarget as error:
        raise Refused("bad_address", str(error)) from None
    check_text(text)
    if len(text) > MAX_REQUEST_TEXT:
        raise Refused("too_long", f"A first message has at most {MAX_REQUEST_TEXT:,} characters.")
    if target.peer == me:
        raise Refused("self", SENTENCES["self"])
    connection, hello = _standing(target, peers) or _dialled(target, book, peers, links)
    peer = connection.peer
    assert peer is not None
    known = book.get(peer)
    if known is not None and known.contact.blocked:
        if peers.link(peer) is connection:
            peers.drop(peer)
        raise Refused("blocked", "You blocked this person: unblock them first.")
    if known is not None and known.contact.held:
        if peers.link(peer) is connection:
            peers.drop(peer)
        raise Refused("held", "Your emoji differed, so nothing is sent until you lift the hold.")
    by_invite = target.knock_pass is not None
    was_contact = known is not None and known.contact.relation is Relation.CONTACT
    if by_invite and hello.accepts:
        name = clean_name(hello.name)
        trust.invited(peer, name=name, place=place_of(connection, hello))
        if not was_contact:
            links.link_opened(connection, hello)
            links.greet_again(peer)
    elif trust.is_waiting(peer):
        trust.accept(peer)  # they asked first: this is the answer
        links.greet_again(peer)
    elif hello.accepts:
        if not was_contact:
            trust.ask(peer, clean_name(hello.name), place_of(connection, hello))
            links.link_opened(connection, hello)  # they hold us as a contact: this completes it
    elif known is None or known.request_id is None:
        trust.ask(peer, clean_name(hello.name), place_of(connection, hello))
        if trust.is_waiting(peer):  # they asked while this was being stored
            with suppress(Refused):  # and their HELLO may have answered it meanwhile
                trust.accept(peer)
            links.greet_again(peer)
        elif not text:
            links.ask_again(peer)
    if text:
        message = direct.say(peer, deeds.text(text, None))
        links.ask_again(peer, message.id)
    known = book.find(peer)
    return Connected(
        address=peer.address,
        name=known.contact.alias or known.contact.own_name,
        contact=known.contact.relation is Relation.CONTACT,
        state="connected" if known.request_id is None else "requested",
        invite=("accepted" if hello.accepts else "not_accepted") if by_invite else "",
    )


def target_of(argument: str) -> str:
    """What ``--connect`` names: a text as ``connect`` takes it, or @FILE, which holds one. Others
    on this machine may read a program's arguments, and an invite is a secret. Raises OSError."""
    if not argument.startswith("@"):
        return argument
    with open(argument[1:], encoding="utf-8", errors="replace") as file:
        return file.read(MAX_TEXT + 1)


def _standing(target: Target, peers: Peers) -> tuple[Connection, records.Hello] | None:
    """A link that already leads there, if there is one."""
    for peer in peers.linked():
        link = peers.link(peer)
        if link is None or not link.is_open or link.session is None or link.session.hello is None:
            continue
        hello = link.session.hello
        place = HostPort(link.host, link.port) if link.initiator else None  # not on their word
        if target.knock_pass is not None and not hello.accepts:
            continue  # the pass is only heard at the door
        if peer == target.peer or (target.peer is None and place in target.hosts):
            return link, hello
    return None


def _dialled(
    target: Target, book: Book, peers: Peers, links: Links
) -> tuple[Connection, records.Hello]:
    known = None if target.peer is None else book.get(target.peer)
    around = () if target.peer is None else links.places(target.peer)
    hosts = tuple(dict.fromkeys((*target.hosts, *around)))
    if not hosts:
        raise Refused("not_found", "It is not known where this person is: add their IP and port.")
    ours: bytes = NO_PASS if known is None else links.knock_pass(known.peer)
    failures = set()
    for place in hosts:
        for one_pass in dict.fromkeys((target.knock_pass or ours, ours, NO_PASS)):
            try:
                return peers.dial(place, expected=target.peer, knock_pass=one_pass)
            except DialFailed as failed:
                failures.add(failed.code)
                if failed.code != "not_p2pchat":
                    break  # only a pass that is no longer honoured is worth a second knock
    code = most_telling(failures)
    raise Refused(code, SENTENCES[code])
