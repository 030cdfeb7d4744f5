"""Bottle must give each greenlet its own request; imported plainly it does not."""

import ast
import importlib.util
import threading
from pathlib import Path

import gevent
import pytest
from gevent.event import Event

from engine.web.bottle_import import bottle

ROOT = Path(__file__).parents[2]


def plain_bottle():
    """A second copy, imported as anybody would."""
    spec = importlib.util.spec_from_file_location("plain_bottle", bottle.__file__)
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    return copy


def two_overlapping_requests(module):
    """Both wait inside their route; returns what each then sees and answers."""
    app = module.Bottle()
    inside, go_on = [], Event()

    @app.route("/<name>")
    def route(name):
        module.response.set_header("X-Name", name)
        inside.append(name)
        go_on.wait()
        return f"{module.request.path} {module.request.headers['X-Name']}"

    def ask(name):
        headers = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"/{name}", "HTTP_X_NAME": name}
        [body] = app.wsgi(environ, lambda status, told, error: headers.extend(told))
        return body.decode(), dict(headers)["X-Name"]

    asked = [gevent.spawn(ask, name) for name in ("alice", "bob")]
    while len(inside) < 2:
        gevent.idle()
    go_on.set()
    return [one.get(timeout=5) for one in asked]


def test_two_slow_requests_see_each_their_own():
    assert two_overlapping_requests(bottle) == [("/alice alice", "alice"), ("/bob bob", "bob")]


def test_without_the_import_rule_they_would_be_mixed_up():
    assert two_overlapping_requests(plain_bottle()) != [
        ("/alice alice", "alice"),
        ("/bob bob", "bob"),
    ]


def test_threads_keep_their_own_kind_of_local():
    assert threading.local.__module__ == "_thread"


@pytest.mark.parametrize(
    "path",
    [*ROOT.glob("*.py"), *ROOT.glob("engine/**/*.py")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_bottle_is_imported_in_one_place(path):
    if path.name == "bottle_import.py":
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        module = node.module if isinstance(node, ast.ImportFrom) else None
        assert "bottle" not in [*names, module]
