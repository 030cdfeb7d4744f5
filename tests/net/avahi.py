"""Debian's mDNS daemon, as the other implementation: in a namespace, with a bus of its own."""

import os
import subprocess
from pathlib import Path

from tests.helpers import until
from tests.net.home import SEEN_WITHIN
from tests.net.namespaces import Namespace

TOLD_WITHIN = 8.0  # seconds; whoever asks asks again


class Avahi:
    BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
    "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
    <busconfig><type>system</type><listen>unix:path={bus}</listen><auth>EXTERNAL</auth>
    <policy context="default"><allow user="*"/><allow own="*"/><allow eavesdrop="true"/>
    <allow send_destination="*" eavesdrop="true"/><allow send_type="method_call"/></policy>
    </busconfig>"""
    DAEMON = "[server]\nhost-name=otherbox\nenable-dbus=yes\n[wide-area]\nenable-wide-area=no\n"
    NEEDS = ("avahi-daemon", "avahi-browse", "avahi-publish", "dbus-daemon")

    def __init__(self, space: Namespace, folder: Path) -> None:
        self._space = space
        bus = folder / "bus"
        (folder / "bus.conf").write_text(self.BUS.format(bus=bus))
        (folder / "avahi.conf").write_text(self.DAEMON)
        self._environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"}
        self._start("dbus-daemon", "--nofork", f"--config-file={folder / 'bus.conf'}")
        until(bus.exists, SEEN_WITHIN, "the message bus is up")
        # Its process file stands in /run: in a /run of its own it meets no other daemon.
        daemon = f"exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f {folder}/avahi.conf"
        self._start("sh", "-c", f"mount -t tmpfs none /run && mkdir /run/avahi-daemon && {daemon}")
        until(lambda: self._run("avahi-browse", "-ta") is not None, SEEN_WITHIN, "avahi is up")

    def browse(self) -> list[list[str]]:
        """The fields of what it resolved: kind, card, protocol, instance, ..., address, port."""
        told = self._run("avahi-browse", "-rpt", "_p2pchat._tcp") or ""
        return [line.split(";") for line in told.splitlines() if line.startswith("=")]

    def publish(self, instance: str, port: int, *pairs: str) -> "subprocess.Popen[str]":
        return self._start("avahi-publish", "-s", instance, "_p2pchat._tcp", str(port), *pairs)

    def _start(self, *command: str) -> "subprocess.Popen[str]":
        return self._space.start(
            *command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _run(self, *command: str) -> str | None:
        try:
            done = subprocess.run(
                ["ip", "netns", "exec", self._space.name, *command],
                env=self._environment, capture_output=True, text=True, check=False,
                timeout=TOLD_WITHIN,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None  # avahi-browse waits for ever when it misses the word that all was told
        return done.stdout if done.returncode == 0 else None
