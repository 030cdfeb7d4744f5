"""Ask another program of this computer something: briefly, and without holding anything up.

What it says is read to a limit, under a time limit, in English where it knows it. A native thread
waits for it: gevent's own way to wait would take notice of every child of this process, and keep
what became of them from whoever else waits for one.
"""

import logging
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import gevent

log = logging.getLogger(__name__)

WITHIN: Final = 2.5  # seconds
MAX_SAID: Final = 1 << 20  # bytes; longer lists of rules are not read
# Where programs of the administrator lie; not all people have these folders in their path.
_MORE_FOLDERS: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/libexec/ApplicationFirewall")


@dataclass(frozen=True, slots=True)
class Answer:
    code: int  # 0: it did what it was asked
    said: str


NO_ANSWER: Final = Answer(-1, "")  # it is there, but took too long, said too much, did not start

Run = Callable[..., Answer | None]  # None: there is no such program


def run(program: str, *arguments: str, within: float = WITHIN) -> Answer | None:
    """What ``program`` answers, NO_ANSWER included; None when it is not there."""
    path = find(program)
    if path is None:
        return None
    try:
        process = subprocess.Popen(  # noqa: S603  # a list, no shell; the program is ours to name
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
    except OSError as error:
        log.debug("%s cannot be asked: %s", program, error)
        return NO_ANSWER
    hearing = gevent.get_hub().threadpool.spawn(_hear, process)
    try:
        with gevent.Timeout(within, False):  # type: ignore[arg-type]  # gevent's own idiom
            heard: Answer | None = hearing.get()
            if heard is not None:
                return heard
    finally:
        if not hearing.ready():
            _kill(process)
    log.debug("%s was asked, and gave no answer that could be used", program)
    return NO_ANSWER


def _hear(process: subprocess.Popen[bytes]) -> Answer | None:
    """In a native thread: what it says until it ends; None when that is too much."""
    assert process.stdout is not None
    with process.stdout:
        said = process.stdout.read(MAX_SAID + 1)
    if len(said) > MAX_SAID:
        _kill(process)
    code = process.wait()
    return Answer(code, said.decode("utf-8", "replace")) if len(said) <= MAX_SAID else None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """It, and whatever it started, which could keep us listening."""
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def find(program: str) -> str | None:
    """Where this program is, if it is anywhere."""
    folders = os.environ.get("PATH", os.defpath)
    return shutil.which(program, path=os.pathsep.join((folders, *_MORE_FOLDERS)))
