"""Two computers on one cable, and the real program on each.

    with made(folder) as lan:
        lan.connect()
        alice = lan.alice.start()        p2pchat.py --identity ... --port 6000, in a namespace
        alice.sees(lan.bob, nearby=True)

Nothing keeps the programs to 127.0.0.1 and nothing keeps them from looking around: the namespace
is their whole world, and it ends with the test.
"""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.helpers import until
from tests.net.home import Home
from tests.net.namespaces import CARD, Namespace, network
from tests.net.wire import Wire
from tests.programs import PROGRAM, Program

PORT = 6000
ALICE_AT, BOB_AT = "10.99.0.1", "10.99.0.2"
HAPPENS_WITHIN = 40.0  # seconds; a limit against hanging, below the 45 s of a silent link


class Resident(Program):
    """A program on one of the computers."""

    def __init__(self, space: Namespace, home: Path, name: str) -> None:
        super().__init__(home, name, "--name", f"{name} of the lan".title())
        self.space = space
        self.here = ("--no-browser",)
        self.port = PORT
        self.before: Sequence[str] = ()  # what to start it with

    def spawn(
        self, *more: str, program: Sequence[str] = PROGRAM, named: bool = True
    ) -> "subprocess.Popen[bytes]":
        inside = ("ip", "netns", "exec", self.space.name, *self.before, *program)
        return super().spawn(*more, program=inside, named=named)

    def _way_in(self) -> socket.socket:
        way = self.space.socket(socket.AF_INET, socket.SOCK_STREAM)
        way.settimeout(HAPPENS_WITHIN)
        try:
            assert self.web_port
            way.connect(("127.0.0.1", self.web_port))
        except OSError:
            way.close()
            raise
        return way

    # -- what a person does

    def connect(self, address: str, text: str = "") -> dict[str, object]:
        answer: dict[str, object] = self.call(
            "POST", "/connect", {"address": address, "text": text}
        )
        return answer

    def accept(self, other: Program) -> None:
        requests = self.wait(lambda: self.call("GET", "/requests"), "a request comes")
        assert [one["address"] for one in requests] == [other.address]
        self.call("POST", f"/requests/{other.address}", {"action": "accept"})

    def be(self, visibility: str) -> None:
        assert self.call("POST", "/me", {"visibility": visibility})["visibility"] == visibility

    # -- what a person waits for

    def waits_for(self, other: Program, **fields: object) -> dict[str, object]:
        """Until it shows the other like this; all it shows of them."""
        self.wait(lambda: self.sees(other, **fields), f"{other.name} is {fields}")
        found = self.person(other)
        assert found is not None
        return found

    def waits_for_texts(self, other: Program, *texts: str) -> None:
        self.wait(lambda: self.texts(other) == list(texts), f"{texts} are in the chat")

    def waits_for_tick(self, other: Program, text: str) -> None:
        self.wait(
            lambda: (
                ("delivered", text) in [(one["state"], one["text"]) for one in self.messages(other)]
            ),
            f"{text!r} is delivered",
        )

    def wait(self, condition, what):  # type: ignore[no-untyped-def]
        return until(condition, HAPPENS_WITHIN, f"{self.name}: {what}")


class Lan:
    def __init__(self, home: Home, folder: Path) -> None:
        self.home = home
        self.a, self.b = home.a, home.b
        self.alice = Resident(home.a, folder, "alice")
        self.bob = Resident(home.b, folder, "bob")

    def connect(self, six: bool = False) -> "Lan":
        """10.99.0.1 is the one with Alice, 10.99.0.2 the one with Bob."""
        self.home.connect(six=six)
        return self

    def wire(self) -> Wire:
        return self.home.wire()

    def start(self) -> tuple[Resident, Resident]:
        return self.alice.start(), self.bob.start()  # type: ignore[return-value]

    def start_friends(self) -> tuple[Resident, Resident]:
        """Contacts of each other, and linked."""
        alice, bob = self.start()
        alice.waits_for(bob, nearby=True)
        alice.connect(bob.address)
        bob.accept(alice)
        for one, other in ((alice, bob), (bob, alice)):
            one.waits_for(other, contact=True, online=True)
        return alice, bob

    def end(self) -> None:
        for one in (self.alice, self.bob):
            one.end()


def renumber(space: Namespace, old: str, new: str) -> None:
    """The computer has another address from now on, as when its lease ran out."""
    space.ip("addr", "delete", f"{old}/16", "dev", CARD)
    space.ip("addr", "add", f"{new}/16", "dev", CARD)


def forbid(space: Namespace, *rules: str) -> None:
    """Packets that match are dropped in there: "input: udp dport 5353"."""
    space.run("nft", "add table inet wall")
    for rule in rules:
        chain, what = rule.split(": ")
        space.run(
            "nft",
            f"add chain inet wall {chain} {{ type filter hook {chain} priority 0; }};"
            f"add rule inet wall {chain} {what} drop",
        )


@contextmanager
def made(folder: Path) -> Iterator[Lan]:
    with network("a", "b") as spaces, ExitStack() as stack:
        lan = Lan(Home(spaces, stack), folder)
        try:
            yield lan
        finally:
            lan.end()
    for one in (lan.alice, lan.bob):
        assert "Traceback" not in one.log(), one.log()
