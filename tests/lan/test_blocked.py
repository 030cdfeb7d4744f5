"""Behind a firewall: what still works, and that the program says what is wrong, and how to mend it.

The commands of the connection doctor are carried out as they stand, but for sudo.
"""

import pytest

from tests.lan.lan import ALICE_AT, BOB_AT, PORT, Resident, forbid

pytestmark = pytest.mark.usefixtures("firewall")


def is_told_and_mends(one: Resident, cause: str) -> None:
    """The doctor names the cause; carry out what it advises, and all is well."""
    report = one.call("POST", "/doctor", {})
    assert (report["ok"], report["cause"]) == (False, cause)
    assert "firewall" in report["sentence"]
    assert report["command"].startswith("sudo nft ")
    one.space.run("sh", "-c", report["command"].replace("sudo ", ""))
    report = one.call("POST", "/doctor", {})
    assert (report["ok"], report["cause"]) == (True, "")


def test_where_multicast_is_blocked_nobody_appears_and_a_typed_address_still_works(lan):
    wire = lan.connect().wire()
    forbid(lan.b, "input: udp dport 5353", "output: udp dport 5353")
    alice, bob = lan.start()
    said = b"alice of the lan"
    bob.wait(lambda: wire.count(said) >= 3, "all that Alice says of herself has come to his door")
    assert alice.call("GET", "/people") == bob.call("GET", "/people") == []
    bob.connect(f"{ALICE_AT}:{PORT}", "I typed it")
    alice.accept(bob)
    alice.waits_for_texts(bob, "I typed it")
    for one, other in ((alice, bob), (bob, alice)):
        one.waits_for(other, contact=True, online=True)
    assert wire.count(b"bob of the lan") == 0
    is_told_and_mends(bob, "multicast_blocked_here")


def test_whose_port_is_blocked_reaches_others_himself(lan):
    lan.connect()
    forbid(lan.b, f"input: tcp dport {PORT}")
    alice, bob = lan.start()
    alice.waits_for(bob, nearby=True)
    bob.waits_for(alice, nearby=True)
    bob.connect(alice.address, "It is me")
    alice.accept(bob)
    for one, other in ((alice, bob), (bob, alice)):
        one.waits_for(other, contact=True, online=True)
    alice.say(bob, "good that you called")
    bob.waits_for_texts(alice, "It is me", "good that you called")
    assert all(host.startswith(f"{BOB_AT}:") for host in alice.person(bob)["hosts"])
    is_told_and_mends(bob, "port_blocked_here")
