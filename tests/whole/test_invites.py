"""Invites between whole programs: made, shown, read, used, and used up."""

import time

import pytest
import segno

from tests.chat.codes import grey_of
from tests.helpers import until
from tests.live import HEARD_WITHIN
from tests.programs import ApiError, Program
from tests.web.serving import ask_port

DAY = 24 * 60 * 60 * 1_000  # milliseconds


@pytest.fixture(scope="module")
def reader(lasting_programs) -> Program:
    return lasting_programs("reader", "--name", "Alice").start()


def scan(program: Program, grey: bytes, width: int, height: int) -> list[str]:
    path = f"/api/v1/scan?width={width}&height={height}"
    octets = {"Content-Type": "application/octet-stream"}
    answer = ask_port(program.web_port, program.token, "POST", path, grey, octets)
    assert answer.status == 200, answer
    return answer.json["texts"]


def came_by_invite(one: Program, other: Program) -> bool:
    return one.sees(other, contact=True, level=1, online=True, chat=other.address)


def test_one_reads_the_others_code_and_both_are_contacts(programs):
    alice = programs("alice", "--name", "Alice").start()
    bob = programs("bob", "--name", "Bob").start()
    carol = programs("carol", "--name", "Carol").start()

    invite = alice.call("POST", "/invites", {})
    assert invite["link"].startswith(f"p2pchat:{alice.address}?")
    assert 0 < invite["expires_at"] - time.time() * 1_000 <= DAY
    [link] = scan(bob, *grey_of(segno.make(invite["link"], error="m")))
    assert link == invite["link"]

    told = bob.call("POST", "/connect", {"address": link, "text": "thank you"})
    assert (told["address"], told["contact"]) == (alice.address, True)
    assert (told["state"], told["invite"]) == ("connected", "accepted")
    until(lambda: came_by_invite(alice, bob), HEARD_WITHIN)
    until(lambda: came_by_invite(bob, alice), HEARD_WITHIN)
    until(lambda: alice.texts(bob) == ["thank you"], HEARD_WITHIN)

    # It was for one person.
    told = carol.call("POST", "/connect", {"address": link, "text": "may I?"})
    assert (told["contact"], told["state"], told["invite"]) == (False, "requested", "not_accepted")
    asked = until(lambda: alice.call("GET", "/requests"), HEARD_WITHIN)
    assert [(one["name"], one["text"]) for one in asked] == [("Carol", "may I?")]

    # Neither pass nor link is in any log.
    for program in (alice, bob, carol):
        assert link.rpartition("k=")[2] not in program.log()


def test_an_invite_outlives_a_crash_of_who_made_it(programs):
    alice = programs("alice", "--name", "Alice").start()
    bob = programs("bob", "--name", "Bob").start()
    link = alice.call("POST", "/invites", {})["link"]
    alice.kill9()
    alice.start()
    assert bob.call("POST", "/connect", {"address": link})["invite"] == "accepted"
    alice.kill9()
    alice.start()
    until(lambda: came_by_invite(alice, bob), HEARD_WITHIN)
    until(lambda: came_by_invite(bob, alice), HEARD_WITHIN)


def test_the_link_for_everybody_asks_as_anybody_may(programs):
    alice = programs("alice", "--name", "Alice").start()
    bob = programs("bob").start()
    public = alice.call("GET", "/invite")
    assert public["expires_at"] is None
    assert "k=" not in public["link"]
    told = bob.call("POST", "/connect", {"address": public["link"]})
    assert (told["state"], told["invite"]) == ("requested", "")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda link: link[:-9], "end of this invite is missing"),
        (lambda link: link[:40], "end of this invite is missing"),
        (lambda link: link.replace("Alice", "Alicf"), "was changed"),
        (lambda link: link.replace("p2pchat:", "https://"), "web page"),
        (lambda link: "1" * 60, "safety number"),
    ],
)
def test_a_damaged_link_is_refused_in_words(reader, damage, sentence):
    link = reader.call("POST", "/invites", {})["link"]
    with pytest.raises(ApiError) as refused:
        reader.call("POST", "/connect", {"address": damage(link)})
    assert refused.value.code == "bad_address"
    assert sentence in refused.value.sentence
    assert link.rpartition("k=")[2][:8] not in refused.value.sentence


def test_the_command_line_takes_an_invite_and_a_file_that_holds_one(programs, tmp_path):
    alice = programs("alice", "--name", "Alice").start()
    link = alice.call("POST", "/invites", {})["link"]
    bob = programs("bob", "--name", "Bob", "--connect", link).start()
    until(lambda: came_by_invite(alice, bob), HEARD_WITHIN)
    file = tmp_path / "alice.p2pchat"
    file.write_text(alice.call("POST", "/invites", {})["link"] + "\n")
    carol = programs("carol", "--name", "Carol", "--connect", f"@{file}").start()
    until(lambda: came_by_invite(alice, carol), HEARD_WITHIN)


def test_a_file_that_is_not_there_ends_the_start_with_one_line(programs, tmp_path):
    alice = programs("alice", "--connect", f"@{tmp_path / 'none.p2pchat'}")
    alice.spawn()
    assert alice.wait_ended() == 2
    [line] = alice.log().splitlines()
    assert line.startswith("p2pchat: ")
    assert "none.p2pchat" in line
    assert not alice.key.exists()


def test_both_compare_numbers_through_the_api(friends):
    alice, bob = friends
    number = bob.call("GET", f"/people/{alice.address}/safety")["number"]
    path = f"/people/{bob.address}/safety"
    assert alice.call("POST", path, {"code": number}) == {"same": True}
    assert alice.call("POST", path, {"code": number[::-1]}) == {"same": False}
    with pytest.raises(ApiError) as refused:
        alice.call("POST", path, {"code": "p2pchat:"})
    assert (refused.value.status, refused.value.code) == (400, "bad_code")
