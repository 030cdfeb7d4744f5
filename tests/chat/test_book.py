"""The people we know: in memory as on disk, after each commit and not before."""

import gevent
import pytest

from contacts import Relation
from engine.chat.book import Book, with_contact, with_place
from engine.chat.errors import Refused
from engine.protocol.invite import HostPort
from engine.store.database import Database, StoreFull
from engine.store.people import MAX_PLACES
from identity import Secret
from tests.helpers import person

BOB, CAROL = person(2).peer, person(3).peer


class Library:
    """A book over a real database, and whom it told of."""

    def __init__(self, folder):
        self.path = folder / "book.db"
        self.open()

    def open(self):
        self.told = []
        self.database = Database(self.path, Secret(bytes(32)))
        self.book = Book(self.database, lambda: 1_000, self.told.append)

    def reopen(self):
        self.database.close()
        self.open()
        return self.book


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path)
    yield library
    library.database.close()


def named(alias):
    return lambda known: with_contact(known, alias=alias)


def test_a_change_makes_the_entry_keeps_it_and_tells_once(library):
    library.book.change(BOB, named("Bob"))
    assert library.told == [BOB]
    for book in (library.book, library.reopen()):
        assert book.find(BOB).contact.alias == "Bob"
        assert book.find(BOB).contact.first_seen_at == 1_000
        assert [known.peer for known in book] == [BOB]


def test_nobody_unknown_is_found(library):
    assert library.book.get(BOB) is None
    with pytest.raises(Refused, match="not_found"):
        library.book.find(BOB)


def test_a_change_is_seen_only_after_its_commit(library):
    seen = []
    library.book.change(BOB, named("Bob"), lambda _db: seen.append(library.book.get(BOB)))
    assert set(seen) == {None}
    assert library.book.get(BOB).contact.alias == "Bob"


def test_changes_asked_for_at_once_build_on_each_other(library):
    def mark(known):
        return with_contact(known, alias=known.contact.alias + "x")

    changing = [gevent.spawn(library.book.change, BOB, mark) for _ in range(20)]
    gevent.joinall(changing, raise_error=True)
    for book in (library.book, library.reopen()):
        assert book.find(BOB).contact.alias == "x" * 20


def test_a_change_that_fails_leaves_no_trace(library):
    def fail(_db):
        raise StoreFull("the disk is full")

    library.book.change(BOB, named("Bob"))
    with pytest.raises(StoreFull):
        library.book.change(BOB, named("Bobby"), fail)
    with pytest.raises(StoreFull):
        library.book.change(CAROL, named("Carol"), fail)
    assert library.told == [BOB]
    library.book.change(BOB, lambda known: with_contact(known, blocked=True))
    for book in (library.book, library.reopen()):
        assert book.find(BOB).contact.alias == "Bob", "the failed change is not carried on"
        assert book.get(CAROL) is None


def test_what_goes_with_a_change_happens_with_it_or_not_at_all(library):
    def also(db):
        db.execute("INSERT INTO setting VALUES ('mark', '1')")
        return "done"

    assert library.book.change(BOB, named("Bob"), also) == "done"
    with pytest.raises(Exception, match="ConstraintError"):
        library.book.change(BOB, named("Bobby"), also)
    assert library.book.find(BOB).contact.alias == "Bob"


def test_whoever_is_removed_is_gone_at_once_and_stays_gone(library):
    library.book.change(BOB, named("Bob"))
    removing = gevent.spawn(library.book.remove, BOB, lambda _db: None)
    gevent.idle()
    assert library.book.get(BOB) is None
    assert list(library.book) == []
    removing.get(timeout=10)
    assert library.told == [BOB, BOB]
    assert library.reopen().get(BOB) is None


def test_a_removal_that_fails_keeps_the_person(library):
    def fail(_db):
        raise StoreFull("the disk is full")

    library.book.change(BOB, named("Bob"))
    with pytest.raises(StoreFull):
        library.book.remove(BOB, fail)
    for book in (library.book, library.reopen()):
        assert book.find(BOB).contact.alias == "Bob"


def test_a_change_that_was_under_way_does_not_survive_a_removal(library):
    library.book.change(BOB, lambda known: with_contact(known, relation=Relation.CONTACT))
    running = [
        gevent.spawn(library.book.change, BOB, named("Bob")),
        gevent.spawn(library.book.remove, BOB, lambda _db: None),
    ]
    gevent.joinall(running, raise_error=True)
    library.book.change(BOB, named("somebody new"))
    for book in (library.book, library.reopen()):
        assert book.find(BOB).contact.relation is Relation.NONE
        assert book.find(BOB).contact.alias == "somebody new"


def test_places_stand_with_the_latest_first_once_each_and_not_too_many(library):
    for port in [*range(1, MAX_PLACES + 3), 5]:
        place = HostPort("127.0.0.1", port)
        library.book.change(BOB, lambda known, place=place: with_place(known, place))
    ports = [place.port for place in library.book.find(BOB).places]
    assert ports == [5, 10, 9, 8, 7, 6, 4, 3]
    assert [place.port for place in library.reopen().find(BOB).places] == ports
