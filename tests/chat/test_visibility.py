"""What we let others see of us."""

import pytest

from engine.chat.visibility import VEILED_FOR, OwnBeacon, Visibility
from engine.protocol import beacon
from engine.protocol.beacon import OpenBeacon, VeiledBeacon
from tests.helpers import person, seeded

ME, BOB = person(0).peer, person(1).peer
FOR_BOB = b"a pass for Bob.."


class Us:
    def __init__(self) -> None:
        self.now = 0.0
        self.name = "Alice"
        self.passes = [FOR_BOB]
        self.announced: list[dict[str, bytes] | None] = []

    def begin(self, visibility: Visibility) -> OwnBeacon:
        own = OwnBeacon(
            ME,
            visibility,
            name=lambda: self.name,
            passes=lambda: self.passes,
            announce=self.announced.append,
            random=seeded("us"),
            clock=lambda: self.now,
        )
        own.refresh()
        return own

    def read(self) -> beacon.Beacon | None:
        last = self.announced[-1]
        return None if last is None else beacon.parse(last)


@pytest.fixture
def us() -> Us:
    return Us()


def test_everyone_may_see_name_and_key(us):
    us.begin(Visibility.EVERYONE)
    assert us.read() == OpenBeacon(ME, "Alice")


def test_only_contacts_recognise_a_veiled_record(us):
    us.begin(Visibility.CONTACTS)
    read = us.read()
    assert isinstance(read, VeiledBeacon)
    assert beacon.matches(read, {BOB: FOR_BOB}) == BOB
    assert b"Alice" not in b"".join((us.announced[-1] or {}).values())


def test_who_hides_says_nothing(us):
    us.begin(Visibility.HIDDEN)
    assert us.announced == [None]


def test_without_contacts_nobody_needs_to_know_that_we_are_here(us):
    us.passes = []
    own = us.begin(Visibility.CONTACTS)
    assert us.announced == [None]
    us.passes = [FOR_BOB]
    own.refresh()
    assert isinstance(us.read(), VeiledBeacon)


def test_the_choice_can_be_changed(us):
    own = us.begin(Visibility.EVERYONE)
    for visibility, kind in (
        (Visibility.CONTACTS, VeiledBeacon),
        (Visibility.HIDDEN, type(None)),
        (Visibility.EVERYONE, OpenBeacon),
    ):
        own.change(visibility)
        assert own.visibility is visibility
        assert isinstance(us.read(), kind)
    assert Visibility("contacts") is Visibility.CONTACTS


def test_nothing_is_announced_anew_when_nothing_changed(us):
    for visibility in Visibility:
        own = us.begin(visibility)
        said = len(us.announced)
        own.refresh()
        own.tick()
        own.change(visibility)
        assert len(us.announced) == said


def test_a_new_name_is_announced_only_where_names_are(us):
    for visibility, news in ((Visibility.EVERYONE, 1), (Visibility.CONTACTS, 0)):
        own = us.begin(visibility)
        said = len(us.announced)
        us.name += "!"
        own.refresh()
        assert len(us.announced) == said + news


def test_a_new_contact_is_announced_only_where_contacts_are(us):
    for visibility, news in ((Visibility.EVERYONE, 0), (Visibility.CONTACTS, 1)):
        own = us.begin(visibility)
        said = len(us.announced)
        us.passes.append(b"pass number %4d" % len(us.passes))
        own.refresh()
        assert len(us.announced) == said + news


def test_a_veiled_record_is_made_anew_every_quarter_of_an_hour(us):
    own = us.begin(Visibility.CONTACTS)
    for turn in range(1, 5):
        us.now += VEILED_FOR - 1
        own.tick()
        assert len(us.announced) == turn
        us.now += 1
        own.tick()
        assert len(us.announced) == turn + 1
    nonces = [(txt or {})["r"] for txt in us.announced]
    assert len(set(nonces)) == len(nonces)


def test_a_veiled_record_is_made_anew_when_we_move_and_counts_as_new(us):
    own = us.begin(Visibility.CONTACTS)
    us.now += VEILED_FOR - 1
    own.renew()
    first, second = ((txt or {})["r"] for txt in us.announced)
    assert first != second
    us.now += VEILED_FOR - 1
    own.tick()
    assert len(us.announced) == 2


@pytest.mark.parametrize("visibility", [Visibility.EVERYONE, Visibility.HIDDEN])
def test_other_records_move_along_as_they_are(us, visibility):
    own = us.begin(visibility)
    own.renew()
    assert len(us.announced) == 1


@pytest.mark.parametrize("visibility", [Visibility.EVERYONE, Visibility.HIDDEN])
def test_other_records_do_not_grow_old(us, visibility):
    own = us.begin(visibility)
    us.now += 10 * VEILED_FOR
    own.tick()
    assert len(us.announced) == 1


def test_a_record_that_was_just_made_for_another_reason_is_not_made_again(us):
    own = us.begin(Visibility.CONTACTS)
    us.now += VEILED_FOR - 1
    us.passes.append(b"another pass....")
    own.refresh()
    us.now += VEILED_FOR - 1
    own.tick()
    assert len(us.announced) == 2
