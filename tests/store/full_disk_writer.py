"""A process whose files may not grow, until it allows that again: it says what it was told.

python -m tests.store.full_disk_writer DATABASE
"""

import json
import resource
import sys
from pathlib import Path

from engine.store.database import Database, StoreFull
from tests.store.conftest import KEY, names, put

ROOM = 200_000  # bytes that a file may have


def main() -> None:
    database = Database(Path(sys.argv[1]), KEY)
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    accepted, refused = [], []
    for number in range(1_000):
        try:
            database.write(put(f"{number:04}", "x" * 900))
        except StoreFull:
            refused.append(f"{number:04}")
        else:
            accepted.append(f"{number:04}")
    readable = database.read(names)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    database.write(put("after"))
    database.close()
    print(json.dumps({"accepted": accepted, "refused": len(refused), "readable": readable}))


if __name__ == "__main__":
    main()
