"""People and requests on disk: what was saved is loaded, quotas hold, forgetting forgets."""

from dataclasses import replace

from contacts import Contact, Level, Relation
from engine.protocol.invite import HostPort
from engine.store import history, pending, people
from engine.store.history import State
from engine.store.people import MAX_PLACES, MAX_REQUESTS, Asked, Known
from identity import Secret
from tests.helpers import person

ME, BOB = person(1).peer, person(2).peer


def bob(**changes) -> Known:
    contact = Contact(
        peer=BOB,
        own_name="Bob",
        alias="Bobby",
        relation=Relation.CONTACT,
        level=Level.VERIFIED,
        verified_at=5,
        blocked=False,
        first_seen_at=1,
        last_seen_at=2,
    )
    known = Known(
        contact,
        pass_for_them=Secret(bytes(16)),
        pass_from_them=Secret(bytes(range(16))),
        request_id=bytes(16),
        places=(HostPort("192.168.1.7", 6000), HostPort("fe80::1%eth0", 6000)),
    )
    return replace(known, **changes)


def asked(number: int, text: str = "hi", request: int = 0) -> Asked:
    return Asked(
        peer=person(number).peer,
        id=request.to_bytes(16, "big"),
        lamport=1,
        name=f"Stranger {number}",
        text=text,
        ts=number,
        at=number,
        place=HostPort("10.0.0.1", 6000),
        ignored=False,
    )


def test_what_was_saved_is_loaded(database):
    database.write(lambda db: people.save(db, bob(), 100))
    assert database.read(people.load) == [bob()]


def test_saving_again_replaces_everything_but_the_first_meeting(database):
    changed = bob(
        contact=replace(bob().contact, alias="", blocked=True, relation=Relation.NONE),
        pass_for_them=None,
        request_id=None,
        places=(HostPort("10.0.0.9", 1),),
    )
    database.write(lambda db: people.save(db, bob(), 100))
    database.write(lambda db: people.save(db, changed, 200))
    assert database.read(people.load) == [changed]


def test_places_keep_their_order_latest_first(database):
    places = tuple(HostPort(f"10.0.0.{number}", 6000) for number in range(MAX_PLACES))
    database.write(lambda db: people.save(db, bob(places=places), 100))
    assert database.read(people.load)[0].places == places


def test_a_request_is_kept_and_its_newer_words_replace_the_older(database):
    assert database.write(lambda db: people.add_request(db, asked(5, text="")))
    assert not database.write(lambda db: people.add_request(db, asked(5, text="")))
    assert database.write(lambda db: people.add_request(db, asked(5, text="hello")))
    assert database.read(people.requests) == [asked(5, text="hello")]


def test_only_so_many_requests_wait_and_an_answer_makes_room(database):
    for number in range(100, 100 + MAX_REQUESTS):
        assert database.write(lambda db, number=number: people.add_request(db, asked(number)))
    assert not database.write(lambda db: people.add_request(db, asked(99)))
    database.write(lambda db: people.drop_request(db, person(100).peer))
    assert database.write(lambda db: people.add_request(db, asked(99)))
    assert len(database.read(people.requests)) == MAX_REQUESTS


def test_an_ignored_request_stays_ignored_and_keeps_no_words(database):
    database.write(lambda db: people.add_request(db, asked(5)))
    database.write(lambda db: people.ignore_request(db, person(5).peer))
    assert not database.write(lambda db: people.add_request(db, asked(5, "please", request=9)))
    assert database.read(people.requests) == []
    kept = database.read(lambda db: people.request(db, person(5).peer))
    assert kept is not None
    assert kept.ignored
    assert kept.text == ""


def test_ignored_requests_do_not_pile_up(database):
    def scene(db):
        for number in range(100, 110 + MAX_REQUESTS):
            people.add_request(db, asked(number))
            people.ignore_request(db, person(number).peer)
        return db.execute("SELECT count(*) FROM request").get

    assert database.write(scene) == MAX_REQUESTS


def test_forgetting_somebody_fails_what_waited_for_them(database):
    def scene(db):
        people.save(db, bob(), 100)
        people.add_request(db, asked(2))
        chat = history.open_chat(db, BOB, history.DIRECT, 0)
        stored = history.add_own(db, chat, ME, bytes(16), 1, 0, b"", None)
        pending.add(db, BOB, stored)
        people.remove(db, BOB)
        return history.by_id(db, BOB, stored.id), pending.after(db, BOB, 0, 10), people.load(db)

    message, waiting, everybody = database.write(scene)
    assert message.state is State.FAILED
    assert waiting == everybody == []
    assert database.read(lambda db: people.request(db, BOB)) is None
    assert database.read(lambda db: db.execute("SELECT count(*) FROM place").get) == 0


def test_settings_are_kept_by_name(database):
    assert database.read(lambda db: people.setting(db, "name")) is None
    database.write(lambda db: people.set_setting(db, "name", "Alice"))
    database.write(lambda db: people.set_setting(db, "name", "Alya"))
    assert database.read(lambda db: people.setting(db, "name")) == "Alya"


def test_neither_words_nor_passes_show_by_accident():
    assert "please" not in repr(asked(5, "please"))
    assert repr(bytes(range(16)))[2:-1] not in repr(bob())
