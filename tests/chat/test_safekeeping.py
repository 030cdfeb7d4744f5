"""Passphrase, backup, restore and erasing, as the page asks for them: a node on a real disk."""

import io

import pytest

from engine.chat import safekeeping
from engine.chat.errors import Refused
from engine.chat.events import Notice
from engine.chat.node import Node
from engine.chat.safekeeping import End
from engine.store import aside, backup, groups, keyfile
from engine.store.groups import Standing
from engine.store.keyformat import Cost
from engine.store.places import IdentityLock, Places
from identity import IdentityError, Secret
from tests.helpers import person
from tests.store.conftest import bytes_of

CHEAP = Cost(passes=1, kibibytes=64 * 1_024)
BOB = person(2).peer


class Home:
    """A node with a key file of its own, whose Argon2id costs little."""

    def __init__(self, folder, name="alice"):
        folder.mkdir(exist_ok=True)
        self.places = Places.beside(folder / f"{name}.key")
        self.ended = 0
        self.node = None
        self.open()

    def open(self, passphrase=None):
        me = keyfile.load_or_create(
            self.places.key, ask_passphrase=lambda: passphrase, database=self.places.database
        )
        self.node = Node(me, self.places.database, places=self.places, on_end=self._end)
        self.node.safe._cost = CHEAP
        return me

    def _end(self):
        self.ended += 1

    def close(self):
        self.node.stop()

    def finish(self):
        self.close()
        lock = IdentityLock.acquire(self.places.lock)
        return self.node.safe.finish(lock, CHEAP)


@pytest.fixture
def homes(tmp_path):
    made = []

    def make(name="alice"):
        made.append(Home(tmp_path / name, name))
        return made[-1]

    yield make
    for home in made:
        home.close()


def refused(code, call, *arguments):
    with pytest.raises(Refused) as raised:
        call(*arguments)
    assert raised.value.code == code
    return raised.value.sentence


def opens_with(home, passphrase):
    try:
        keyfile.load_or_create(
            home.places.key,
            ask_passphrase=lambda: Secret(passphrase),
            database=home.places.database,
        )
    except IdentityError:
        return False
    return True


def whole(attachment):
    data = b"".join(attachment.pieces)
    attachment.pieces.close()
    assert len(data) == attachment.size
    return data


# -- the passphrase


def test_a_passphrase_is_set_changed_and_removed(homes):
    home = homes()
    told = home.node.subscribe()
    assert home.node.change_passphrase("", "first one").protected
    assert [event.me.protected for event in told.get(0)] == [True]
    assert opens_with(home, b"first one")
    assert not opens_with(home, b"second one")
    refused("wrong_passphrase", home.node.change_passphrase, "", "second one")
    refused("wrong_passphrase", home.node.change_passphrase, "wrong", "second one")
    refused("wrong_passphrase", home.node.change_passphrase, "wrong", "")
    assert opens_with(home, b"first one")
    assert home.node.change_passphrase("first one", "second one").protected
    assert opens_with(home, b"second one")
    assert not opens_with(home, b"first one")
    assert not home.node.change_passphrase("second one", "").protected
    assert keyfile.load_or_create(
        home.places.key, ask_passphrase=None, database=home.places.database
    )


@pytest.mark.parametrize("silly", [" ", "\u00a0\t", "x" * 1_025, "é" * 513])
def test_a_passphrase_that_protects_nothing_is_refused(homes, silly):
    home = homes()
    before = home.places.key.read_bytes()
    refused("bad_passphrase", home.node.change_passphrase, "", silly)
    assert home.places.key.read_bytes() == before


def test_the_loop_goes_on_while_a_passphrase_is_worked_at(homes, monkeypatch):
    home, seen = homes(), []
    monkeypatch.setattr(aside, "run", lambda work: (seen.append(1), work())[1])
    home.node.change_passphrase("", "first one")
    whole(home.node.backup("longer secret"))
    assert len(seen) >= 3


# -- backup and restore


def test_a_backup_is_a_file_with_a_plain_name(homes):
    home = homes()
    home.node.set_name('Ali "ce" / Łukasz')
    made = home.node.backup("longer secret")
    assert made.name.startswith("p2pchat-Ali-ce-")
    assert made.name.endswith(".backup")
    assert set(made.name) <= set("abcdefghijklmnopqrstuvwxyzAp0123456789.-")
    made.pieces.close()
    assert not list(home.places.key.parent.glob(".*"))


def test_a_backup_needs_a_passphrase_that_is_worth_it(homes):
    home = homes()
    for silly in ("", "seven77", "       8", "x" * 1_025):
        refused("bad_passphrase", home.node.backup, silly)


def test_a_disk_without_room_is_named(homes, monkeypatch):
    home = homes()

    def full(*_, **__):
        raise backup.BackupFull("no room")

    monkeypatch.setattr(safekeeping.backup, "make", full)
    refused("disk_full", home.node.backup, "longer secret")


def restored(home, data, passphrase="longer secret"):
    upload = home.node.expect_backup(passphrase)
    home.node.restore(upload, io.BytesIO(data).read)


def test_a_fresh_identity_takes_the_place_of_itself_from_a_backup(homes):
    alice, fresh = homes("alice"), homes("fresh")
    alice.node.set_name("Alice")
    data = whole(alice.node.backup("longer secret"))
    restored(fresh, data)
    assert (fresh.ended, fresh.node.safe.end) == (1, End.RESTORE)
    me = fresh.finish()
    assert me.peer.address == alice.node.me().address
    fresh.open()
    now = fresh.node.me()
    assert (now.name, now.restored) == ("Alice", True)
    assert not list(fresh.places.key.parent.glob(".*"))
    assert not fresh.node.seen_restored().restored
    fresh.close()
    fresh.open()
    assert not fresh.node.me().restored


def test_a_protected_key_comes_back_protected(homes):
    alice, fresh = homes("alice"), homes("fresh")
    alice.node.change_passphrase("", "first one")
    restored(fresh, whole(alice.node.backup("longer secret")))
    assert fresh.finish().protected
    assert opens_with(fresh, b"longer secret")
    assert fresh.open(Secret(b"longer secret")).protected


def test_what_is_wrong_with_a_backup_changes_nothing(homes):
    alice, fresh = homes("alice"), homes("fresh")
    data = whole(alice.node.backup("longer secret"))
    before = bytes_of(fresh.places.key.parent)
    refused("wrong_passphrase", restored, fresh, data, "wrong secret")
    refused("wrong_passphrase", fresh.node.expect_backup, "")
    refused("bad_backup", restored, fresh, data[:-1])
    refused("bad_backup", restored, fresh, b"another file" * 100)
    refused("not_found", fresh.node.restore, "00", io.BytesIO(data).read)
    upload = fresh.node.expect_backup("longer secret")
    fresh.node.expect_backup("longer secret")
    refused("not_found", fresh.node.restore, upload, io.BytesIO(data).read)
    assert bytes_of(fresh.places.key.parent) == before
    assert fresh.ended == 0


@pytest.mark.parametrize(
    "use",
    [
        lambda node: node._trust.invited(BOB),
        lambda node: node._database.write(
            lambda db: groups.open_group(db, bytes(32), Standing.MEMBER, 1)
        ),
    ],
)
def test_a_backup_never_takes_the_place_of_somebody_who_was_here(homes, use):
    alice, other = homes("alice"), homes("other")
    data = whole(alice.node.backup("longer secret"))
    upload = other.node.expect_backup("longer secret")
    use(other.node)
    refused("not_fresh", other.node.expect_backup, "longer secret")
    refused("not_fresh", other.node.restore, upload, io.BytesIO(data).read)
    assert other.ended == 0


# -- erasing


def test_erasing_tells_everybody_and_leaves_nothing(homes):
    home = homes()
    told = home.node.subscribe()
    home.node.erase()
    assert next(one for one in told.get(0) if isinstance(one, Notice)).code == "erased"
    assert home.ended == 1
    assert home.finish() is None
    assert list(home.places.key.parent.iterdir()) == []


def test_a_file_that_stays_is_named(homes, monkeypatch):
    home = homes()
    home.node.erase()
    monkeypatch.setattr(safekeeping.erasing, "erase", lambda places: [places.database])
    with pytest.raises(IdentityError, match=r"alice\.db"):
        home.finish()


def test_who_is_only_stopped_keeps_everything(homes):
    home = homes()
    home.close()
    before = bytes_of(home.places.key.parent)
    assert home.finish() is None
    after = bytes_of(home.places.key.parent)
    assert after.pop("alice.lock")
    assert after == before
