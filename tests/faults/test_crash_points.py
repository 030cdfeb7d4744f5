"""A crash at each step between "accepted" and "sent", between "received" and "acknowledged".

One conversation runs over all of them. Its victim starts with a deadly point in it (launch.py),
dies there with messages on their way in both directions, and starts again with the next one. At
the end both sides have every message once, in order.
"""

import contextlib
import sys
from pathlib import Path

import pytest

from tests.faults.launch import CRASHED
from tests.helpers import until
from tests.programs import HEARD_WITHIN, ApiError
from tests.talk import Talk

LAUNCH = (sys.executable, str(Path(__file__).with_name("launch.py")))

# The step, and how many times it is passed before it kills.
SENDING = {
    "engine.chat.direct:Direct.say": 40,
    "engine.store.history:add_own": 40,
    "engine.store.pending:add": 40,
    "engine.chat.direct:Direct._promised": 40,
    "engine.chat.direct:Direct.pump": 20,
    "engine.protocol.outbox:Outbox.take": 20,
    "engine.web.websocket:WebSocket.send": 20,
}
STORING = {
    "sql:BEGIN": 8,
    "sql:INSERT INTO message": 40,
    "sql:INSERT INTO pending": 30,
    "sql:COMMIT": 8,
    "engine.store.database:_finish": 20,
}
TRAVELLING = {
    "engine.chat.links:Links.link_opened": 1,
    "engine.chat.direct:Direct.linked": 1,
    "engine.net.connection:Connection.send": 10,
    "engine.net.connection:Connection._sealed": 15,
    "engine.protocol.channel:Channel.receive_data": 8,
    "engine.net.connection:Connection._receive": 8,
}
RECEIVING = {
    "engine.protocol.session:Session.receive": 20,
    "engine.chat.links:Links._hear": 5,
    "engine.chat.direct:Direct.received": 5,
    "engine.store.history:add_received": 40,
    "engine.store.life:follow": 40,
    "engine.chat.direct:Direct._came": 5,
    "engine.chat.direct:Direct.acknowledged": 5,
    "engine.protocol.outbox:Outbox.acknowledged": 5,
    "engine.store.pending:settle": 5,
}
EACH = 2_000  # numbered messages that each side says; some 1,200 are said before the last crash


@pytest.mark.timeout(300)  # as a guard against hanging: some fifteen starts each
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("victim", ["the one who was asked", "the one who asked"])
def test_a_crash_at_any_step_loses_and_doubles_nothing(friends, victim, when):
    alice, bob = friends
    doomed = alice if victim == "the one who asked" else bob
    # Each dies at half of the steps, each step has both: before for one, after for the other.
    steps = list((SENDING | STORING | TRAVELLING | RECEIVING).items())
    steps = steps[(when == "before") ^ (doomed is alice) :: 2]
    texts = [[f"{one.name} {number}" for number in range(EACH)] for one in friends]
    with Talk(alice, bob, *texts) as talk:
        doomed.stop()
        for point, turn in steps:
            died = doomed.start_doomed((*LAUNCH, point, when, str(turn)))
            assert died == CRASHED, f"{point} {when}: ended with {died}\n{doomed.tail()}"
            assert not any(voice.is_done for voice in talk.voices), "too few texts for all steps"
        talk.ahead = EACH
        doomed.start()
        talk.wait_done()
    talk.check()


# How a request becomes a contact: who dies at which step, and whose act it was.
ASKING = {
    "engine.chat.trust:Trust.ask": "alice",
    "engine.chat.trust:Trust.request_record": "alice",
    "engine.chat.trust:Trust.accepted_by": "alice",
    "engine.chat.trust:Trust.heard_request": "bob",
    "engine.store.people:add_request": "bob",
    "engine.chat.trust:Trust._welcome": "bob",
}


@pytest.fixture(scope="module")
def steady(lasting_programs):
    """The side that does not die: one Alice and one Bob, to whom each victim is somebody new."""
    return {name: lasting_programs(name, "--name", name.title()).start()
            for name in ("alice", "bob")}  # fmt: skip


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("point", ASKING)
def test_a_crash_while_two_become_contacts_is_made_good_by_trying_again(
    steady, programs, point, when
):
    doomed = programs(ASKING[point])
    alice, bob = (doomed if name == doomed.name else steady[name] for name in ("alice", "bob"))
    doomed.start(program=(*LAUNCH, point, when, "1"))
    words = "hi Bob, this is Alice"
    crashes = []

    def ask_and_accept():
        """What the two people do, as often as it takes."""
        acts = (
            (alice, "/connect", {"address": bob.place, "text": words}),
            (bob, f"/requests/{alice.address}", {"action": "accept"}),
        )
        try:
            for program, path, body in acts:
                with contextlib.suppress(ApiError):  # it was done before, or came too early
                    program.call("POST", path, body)
            return alice.sees(bob, contact=True) and bob.sees(alice, contact=True)
        except OSError:
            crashes.append(doomed.wait_ended())
            doomed.start()
            return False

    until(ask_and_accept, HEARD_WITHIN)
    assert crashes == [CRASHED]
