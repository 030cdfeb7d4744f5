"""What must never stand in the page's files, and how large they may be together."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
PAGE = ROOT / "views" / "index.html"
ICONS = sorted((ROOT / "static" / "icons").iterdir())
MOST = 460 * 1024  # bytes of one visit, as files
MOST_SENT = 150 * 1024  # bytes of one visit, as they are sent
LONGEST_MODULE = 300  # lines

# Ways from a string to markup or code, and from script to inline style (the policy forbids both).
SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|parseHTML|document\.write|DOMParser|srcdoc"
    r"|createContextualFragment|\beval\b|new Function\b|importScripts|javascript:"
    r"|\.style\b|cssText|\bon[a-z]+\s*=\s*[\"']|setAttribute\(\s*[\"'](?:on|style)"
)
# Somewhere else than our own server. The namespace is a name, not an address.
ELSEWHERE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9]", re.IGNORECASE)
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|color-mix)a?\(", re.IGNORECASE)


def without_comments(file: Path) -> str:
    return re.sub(
        r"/\*.*?\*/|(?:^|(?<=\s))//\s.*?$", "", file.read_text("utf-8"), flags=re.S | re.M
    )


@pytest.mark.parametrize(
    "bad",
    [
        "element.innerHTML = text",
        "element.insertAdjacentHTML('beforeend', text)",
        "eval(text)",
        "element.style.height = '1px'",
        'element.setAttribute("style", x)',
        'element.setAttribute("onclick", x)',
        "<a onclick='x'>",
    ],
)
def test_what_is_looked_for_would_be_found(bad):
    assert SINKS.search(bad)


@pytest.mark.parametrize("file", [*SCRIPTS, PAGE], ids=lambda file: file.name)
def test_no_string_becomes_markup_code_or_style(file):
    assert SINKS.search(without_comments(file)) is None


@pytest.mark.parametrize("file", [*SCRIPTS, *STYLES, PAGE, *ICONS], ids=lambda file: file.name)
def test_nothing_points_anywhere_but_to_our_own_server(file):
    source = without_comments(file)
    if file.suffix == ".js":
        source = source.replace("`ws://${location.host}/ws`", "")
    assert ELSEWHERE.search(source) is None
    assert "@import" not in source
    for address in re.findall(r"""(?:src|href)="([^"]*)"|url\(["']?([^"')]*)""", source):
        assert "".join(address).startswith("/static/")


def test_the_page_has_nothing_inline():
    html = PAGE.read_text("utf-8")
    assert re.findall(r"<script[^>]*>([^<]*)</script>", html) == [""]
    assert "<style" not in html
    assert not re.search(r"\s(?:style|on[a-z]+)=", html)


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.name)
def test_colours_are_chosen_in_one_place(file):
    if file.name != "tokens.css":
        assert COLOUR.search(without_comments(file)) is None


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.name)
def test_every_token_that_is_used_exists(file):
    every = "\n".join(style.read_text("utf-8") for style in STYLES)
    known = set(re.findall(r"(--[a-z0-9-]+)\s*:", every))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", file.read_text("utf-8"))) <= known


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_modules_stay_short_and_say_what_they_are(file):
    source = file.read_text("utf-8")
    assert source.startswith("/**")
    assert source.count("\n") <= LONGEST_MODULE
    assert "export default" not in source


def fetched() -> set[Path]:
    """What a visit fetches: the page, what it names, what that imports, and one language.

    What is imported by a function that somebody has to call first is fetched when it is asked for.
    """
    html = PAGE.read_text("utf-8")
    found, waiting = {PAGE}, [ROOT / name for name in re.findall(r'(?:href|src)="/([^"]+)"', html)]
    while waiting:
        file = waiting.pop().resolve()
        if file in found:
            continue
        found.add(file)
        if file.suffix == ".js":
            names = re.findall(r'(?:from |^ *import\()"(\.[^"]+)"', file.read_text("utf-8"), re.M)
            waiting += [file.parent / name for name in names]
    languages = [set((ROOT / "static/js/words").glob(f"{tag}*.js")) for tag in ("en-", "id-")]
    return found | max(languages, key=lambda files: sum(map(size, files)))


def size(file: Path) -> int:
    return file.stat().st_size


def test_a_visit_loads_less_than_the_most():
    visit = fetched()
    names = {each.name for each in visit}
    assert {"main.js", "log.js", "panel.js", "composer.js", "tokens.css"} <= names
    # A module that anything imports by mistake brings all that it needs along.
    assert not names & {"details.js", "safety.js", "group.js", "sas.js", "doctor.js", "picker.js"}
    assert sum(map(size, visit)) < MOST
    assert sum(len(gzip.compress(each.read_bytes(), 6)) for each in visit) < MOST_SENT


def light(colour: str) -> float:
    """The luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_name_over_a_bubble_can_be_read_in_both_themes():
    tokens = (ROOT / "static/css/tokens.css").read_text("utf-8")
    faces = dict(re.findall(r"--face-(\d+): (#\w{6});", tokens))
    names = re.findall(r"--name-(\d+): light-dark\(var\(--face-(\d+)\), (#\w{6})\);", tokens)
    [(paper_light, paper_dark)] = re.findall(r"--paper: light-dark\((#\w{6}), (#\w{6})\)", tokens)
    assert len(names) == len(faces) == 12
    for number, face, on_dark in names:
        assert number == face
        assert (light(paper_light) + 0.05) / (light(faces[face]) + 0.05) >= 4.5
        assert (light(on_dark) + 0.05) / (light(paper_dark) + 0.05) >= 4.5
