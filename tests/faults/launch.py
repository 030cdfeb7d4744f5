"""Run p2pchat with one deadly point in it: the process ends at the n-th passing, as in a crash.

    python tests/faults/launch.py POINT before|after N  [what p2pchat.py takes]

POINT is ``module:name`` or ``module:Class.name``, the function that is wrapped; ``sql:COMMIT`` is
the statement that begins so. `os._exit` runs no handler and flushes nothing of ours: only what the
kernel was given is left.
"""

import importlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CRASHED = 9  # exit code, as of `kill -9`


def deadly(function, when, turn):
    """``function``, which ends the process before or after its ``turn``-th call."""
    passed = 0

    def wrapped(*arguments, **named):
        nonlocal passed
        passed += 1
        is_the_one = passed == turn  # others may pass while this one waits
        if is_the_one and when == "before":
            os._exit(CRASHED)
        result = function(*arguments, **named)
        if is_the_one:
            os._exit(CRASHED)
        return result

    return wrapped


def arm(point, when, turn):
    module_name, _, path = point.partition(":")
    if module_name == "sql":
        arm_statement(path, when, turn)
        return
    owner = importlib.import_module(module_name)
    *classes, name = path.split(".")
    for one in classes:
        owner = getattr(owner, one)
    setattr(owner, name, deadly(getattr(owner, name), when, turn))


def arm_statement(beginning, when, turn):
    import apsw

    class Connection(apsw.Connection):
        def execute(self, statement, *rest, **named):
            run = super().execute
            if not statement.startswith(beginning):
                return run(statement, *rest, **named)
            return deadly_run(run, statement, *rest, **named)

    deadly_run = deadly(lambda run, *rest, **named: run(*rest, **named), when, turn)
    apsw.Connection = Connection


if __name__ == "__main__":
    point, when, turn = sys.argv[1:4]
    sys.argv[:] = [str(ROOT / "p2pchat.py"), *sys.argv[4:]]
    sys.path.insert(0, str(ROOT))
    arm(point, when, int(turn))
    import p2pchat

    sys.exit(p2pchat.main())
