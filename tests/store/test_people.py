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


def test_only_the_latest_places_are_kept(database):
    places = tuple(HostPort(f"10.0.0.{number}", 6000) for number in range(MAX_PLACES + 5))
    for _ in range(2):
        database.write(lambda db: people.save(db, bob(places=places), 100))
        assert database.read(people.load)[0].places == places[:MAX_PLACES]


def test_who_asks_again_from_elsewhere_is_called_back_there(database):
    moved = replace(asked(5), place=HostPort("10.0.0.2", 7000), at=99)
    database.write(lambda db: people.add_request(db, asked(5)))
    assert not database.write(lambda db: people.add_request(db, moved)), "nothing to show"
    kept = database.read(lambda db: people.request(db, person(5).peer))
    assert kept == replace(asked(5), place=moved.place)


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


def test_forgetting_somebody_leaves_everybody_else_alone(database):
    def scene(db):
        carol = person(3).peer
        people.save(db, bob(), 100)
        people.save(db, bob(contact=replace(bob().contact, peer=carol)), 100)
        people.add_request(db, asked(4))
        chat = history.open_chat(db, carol, history.DIRECT, 0)
        stored = history.add_own(db, chat, ME, bytes(16), 1, 0, b"", None)
        pending.add(db, carol, stored)
        people.remove(db, BOB)
        return (
            [(known.peer, known.places) for known in people.load(db)] == [(carol, bob().places)],
            history.by_id(db, carol, stored.id).state is State.WAITING,
            len(pending.after(db, carol, 0, 10)) == 1,
            people.requests(db) == [asked(4)],
        )

    assert database.write(scene) == (True, True, True, True)


def test_a_message_that_had_arrived_stays_delivered_when_its_person_is_forgotten(database):
    def scene(db):
        people.save(db, bob(), 100)
        chat = history.open_chat(db, BOB, history.DIRECT, 0)
        for number in range(2):
            stored = history.add_own(db, chat, ME, number.to_bytes(16), 1, 0, b"", None)
            pending.add(db, BOB, stored)
        first, second = entries = pending.after(db, BOB, 0, 10)
        pending.settle(db, [first])
        people.remove(db, BOB)
        pending.settle(db, entries)  # an acknowledgement that was under way
        return [history.by_id(db, BOB, entry.id).state for entry in (first, second)]

    assert database.write(scene) == [State.DELIVERED, State.FAILED]


def test_the_oldest_ignored_request_may_be_asked_again(database):
    """Only so many are remembered; a known one stays unseen however often it is asked."""

    def scene(db):
        for number in range(100, 101 + MAX_REQUESTS):
            people.add_request(db, asked(number))
            people.ignore_request(db, person(number).peer)
        return [people.add_request(db, asked(number)) for number in (101, 100, 100 + MAX_REQUESTS)]

    assert database.write(scene) == [False, True, False]


def test_settings_are_kept_by_name(database):
    assert database.read(lambda db: people.setting(db, "name")) is None
    database.write(lambda db: people.set_setting(db, "name", "Alice"))
    database.write(lambda db: people.set_setting(db, "name", "Alya"))
    assert database.read(lambda db: people.setting(db, "name")) == "Alya"


def test_neither_words_nor_passes_show_by_accident():
    assert "please" not in repr(asked(5, "please"))
    assert repr(bytes(range(16)))[2:-1] not in repr(bob())
