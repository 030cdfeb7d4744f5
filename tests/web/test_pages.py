"""The page and its files: the right types, and not a byte from anywhere else."""

import gzip
import os

import pytest

from engine.web.pages import TYPES, Pages
from tests.web.serving import ROOT, Serving


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    for path, text in {
        "views/page.tpl": "<title>page</title>",
        "views/hidden.tpl": "CANARY",
        "static/js/main.js": "export {}",
        "static/css/a.css": "b{}",
        "static/.hidden.js": "CANARY",
        "static/.git/config.txt": "CANARY",
        "static/noext": "CANARY",
        "static/program.py": "CANARY",
        "static/page.tpl": "CANARY",
        "static/icons/icon.svg": "<svg/>",
        "data/alice.txt": "CANARY",
        "outside.js": "CANARY",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "static/out.js").symlink_to(folder / "outside.js")
    (folder / "static/data").symlink_to(folder / "data")
    (folder / "static/loop.js").symlink_to(folder / "static/loop.js")
    return folder


@pytest.fixture(scope="module")
def walled(root):
    with Serving("--root", str(root)) as started:
        yield started


@pytest.mark.parametrize(
    "name",
    [
        "../outside.js",
        "js/../../outside.js",
        "../views/page.tpl",
        "/etc/passwd.txt",
        "out.js",
        "data/alice.txt",
        "loop.js",
        ".hidden.js",
        ".git/config.txt",
        "noext",
        "program.py",
        "page.tpl",
        "js",
        "js/",
        "",
        ".",
        "..",
        "js/nothing.js",
        "js/main.js/x.js",
        "a" * 5000 + ".js",
    ],
)
def test_only_files_below_static_of_a_known_type_are_given(root, name):
    assert Pages(root).file(name) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("js/main.js", "text/javascript; charset=utf-8"),
        ("css/a.css", "text/css; charset=utf-8"),
        ("icons/icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_comes_with_its_type_and_as_it_is(root, name, kind):
    assert Pages(root).file(name)[:2] == (kind, (root / "static" / name).read_bytes())


def test_an_icon_is_found_wherever_it_lies(root):
    assert Pages(root).icon()[:2] == ("image/svg+xml", b"<svg/>")


def test_a_checkout_without_a_page_has_none(tmp_path):
    assert Pages(tmp_path).page() is None
    assert Pages(tmp_path).icon() is None


def test_the_page_may_be_plain_html(tmp_path):
    (tmp_path / "views").mkdir()
    (tmp_path / "views/index.html").write_text("<title>100 % {{plain}}</title>")
    assert Pages(tmp_path).page().content == b"<title>100 % {{plain}}</title>"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../outside.js",
        "/static/%2e%2e/outside.js",
        "/static/..%2foutside.js",
        "/static/%2e%2e%2foutside.js",
        "/static/..%5coutside.js",
        "/static/%c0%ae%c0%ae/outside.js",
        "/static/js/../../outside.js",
        "/static//outside.js",
        "/static/js/main.js%00.txt",
        "/static/js/main.js%0a",
        "/static/./js/main.js",
        "/static",
        "/static/",
        "/static/out.js",
        "/static/data/alice.txt",
        "/static/.hidden.js",
        "/views/page.tpl",
        "/data/alice.txt",
        "/%2e%2e/outside.js",
        "/outside.js",
    ],
)
def test_no_path_leads_out_of_static(walled, path):
    request = f"GET {path} HTTP/1.1\r\nHost: {walled.host}\r\n\r\n"
    answer = walled.raw(request.encode())
    assert answer.status in (401, 404), answer
    assert answer.code
    assert b"CANARY" not in answer.body


def test_the_page_and_its_files_need_no_secret_and_are_never_stored(serving):
    for path in ("/", "/favicon.ico", "/static/js/main.js", "/static/css/tokens.css"):
        answer = serving.ask("GET", path, token=None)
        assert answer.status == 200, path
        assert answer.headers["cache-control"] == "no-store"
        assert answer.body


def test_every_file_of_the_checkout_has_a_type_and_is_served(serving):
    files = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    assert files
    for path in files:
        name = path.relative_to(ROOT / "static").as_posix()
        answer = serving.ask("GET", f"/static/{name}", token=None)
        assert answer.status == 200, name
        assert answer.headers["content-type"] == TYPES[path.suffix]
        assert answer.body == path.read_bytes()


@pytest.fixture
def script(tmp_path):
    """A file that is worth compressing, in a checkout of its own."""
    path = tmp_path / "static" / "main.js"
    path.parent.mkdir()
    path.write_text("export const words = {};\n" * 40)
    return path


def test_a_file_is_compressed_once_and_again_when_it_changed(tmp_path, script):
    pages = Pages(tmp_path)
    first = pages.file("main.js")
    assert gzip.decompress(first.packed) == first.content == script.read_bytes()
    assert len(first.packed) < len(first.content) / 4
    assert pages.file("main.js") is first
    script.write_text("export const other = {};\n" * 40)  # as long as before
    os.utime(script, ns=(1, 1))
    changed = pages.file("main.js")
    assert gzip.decompress(changed.packed) == changed.content == script.read_bytes()


def test_what_gzip_would_not_make_smaller_stays_as_it_is(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("b{}")
    (tmp_path / "static" / "a.png").write_bytes(bytes(1_000))
    assert Pages(tmp_path).file("a.css").packed is None
    assert Pages(tmp_path).file("a.png").packed is None


@pytest.mark.parametrize("path", ["/", "/static/js/state.js", "/static/css/base.css"])
def test_a_browser_that_takes_gzip_gets_it_and_no_other_does(serving, path):
    plain = serving.ask("GET", path, token=None)
    refused = serving.ask("GET", path, None, {"Accept-Encoding": "gzip;q=0, br"}, token=None)
    packed = serving.ask("GET", path, None, {"Accept-Encoding": "br, gzip"}, token=None)
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == refused.body
    for answer in (plain, refused, packed):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert int(answer.headers["content-length"]) == len(answer.body)
        assert answer.headers["content-type"] == plain.headers["content-type"]


def test_the_api_is_never_compressed(serving):
    # Beside a secret, the length of what is compressed would tell about it.
    answer = serving.ask("GET", "/api/v1/people", None, {"Accept-Encoding": "gzip"})
    assert answer.json
    assert "content-encoding" not in answer.headers
