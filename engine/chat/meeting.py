"""What a HELLO tells of somebody, and who they are to us by it."""

from dataclasses import replace

from contacts import Relation, clean_name, is_shut_out
from engine.chat.book import with_contact, with_place
from engine.net.connection import Connection
from engine.protocol import records
from engine.protocol.invite import HostPort
from engine.store.people import Known
from identity import Secret


def is_known(known: Known | None) -> bool:
    """Say whether they are more than a stranger to us: a contact, or asked; and not shut out."""
    if known is None or is_shut_out(known.contact):
        return False
    return known.contact.relation is not Relation.NONE


def met(known: Known, hello: records.Hello, place: HostPort | None, now: int) -> Known:
    name = clean_name(hello.name) or known.contact.own_name
    known = with_contact(known, own_name=name, last_seen_at=now)
    if hello.knock_pass:
        known = replace(known, pass_from_them=Secret(hello.knock_pass))
    return known if place is None else with_place(known, place)


def place_of(connection: Connection, hello: records.Hello) -> HostPort | None:
    """Where to dial them next time: what we dialled, or their address with the port they name."""
    if connection.initiator:
        return HostPort(connection.host, connection.port)
    return HostPort(connection.host, hello.port) if hello.port else None


def short_of(connection: Connection) -> str:
    return connection.peer.short if connection.peer else connection.host
