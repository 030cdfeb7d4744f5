"""The one place that imports Bottle, so that each greenlet sees its own request.

Bottle keeps the request and the response in ``threading.local``. Our greenlets share one thread,
and nothing is monkey-patched: imported plainly, a request that waits would wake up with the path
and the headers of another. So ``threading.local`` is gevent's while Bottle is being imported.
"""

import sys
import threading
from typing import Any

from gevent.local import local as greenlet_local

if "bottle" in sys.modules:
    raise ImportError("bottle was imported before engine.web.bottle_import")

_thread_local = threading.local
threading.local = greenlet_local  # type: ignore[assignment]
try:
    import bottle as _bottle
finally:
    threading.local = _thread_local

bottle: Any = _bottle
