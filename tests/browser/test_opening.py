"""Opening the page as the program does it: through a private file that leads on to the link."""

import pytest
from playwright.sync_api import expect

from engine.web.browser import page_file, redirect_to
from tests.helpers import until
from tests.web.serving import Serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served():
    with Serving() as started:
        yield started


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def is_let_in(page):
    return bool(page.evaluate("sessionStorage.getItem('session')"))


def test_the_file_leads_to_the_page_and_the_ticket_lets_it_in(page, served, tmp_path):
    link = served.tell("link")
    file = page_file(link, tmp_path)
    file.write_bytes(redirect_to(link))
    asked = []
    page.on("request", lambda request: asked.append(request))
    page.goto(file.as_uri())
    page.wait_for_url(f"{served.url}/**")
    until(lambda: is_let_in(page))
    # To the browser this is a foreign page that leads to ours; the gate must know it.
    asked = [request for request in asked if request.url.startswith(served.url)]
    [opening] = [request for request in asked if request.url.partition("#")[0] == f"{served.url}/"]
    assert opening.all_headers()["sec-fetch-site"] == "cross-site"
    # The ticket is behind the #, so no request has carried it, and now it is gone from there too.
    ticket = link.rpartition("=")[2]
    for request in asked:
        sent = request.url.partition("#")[0] + str(request.all_headers())
        assert ticket not in sent
        assert file.name not in sent
    assert ticket not in page.url


def test_a_link_pasted_into_the_address_bar_opens_the_page(page, served):
    page.goto(served.tell("link"))
    until(lambda: is_let_in(page))
    page.reload()
    expect(page).to_have_title("p2pchat")
    assert is_let_in(page)


def test_a_link_works_once(page, served, browser):
    link = served.tell("link")
    page.goto(link)
    until(lambda: is_let_in(page))
    other = browser.new_context()
    second = other.new_page()
    answers = []
    second.on("response", lambda answer: answers.append((answer.url, answer.status)))
    second.goto(link)
    until(lambda: second.evaluate("1") and (f"{served.url}/api/v1/session", 401) in answers)
    assert not is_let_in(second)
    other.close()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_by_either_name_of_this_machine_events_arrive(page, served, name):
    # Our policy for content names 127.0.0.1; "self" must cover the other name.
    with page.expect_websocket() as opened:
        page.goto(served.tell("link").replace("127.0.0.1", name))
    heard = []
    opened.value.on("framereceived", lambda frame: heard.append(frame))
    until(lambda: page.evaluate("1") and is_let_in(page))
    served.tell("event")
    until(lambda: page.evaluate("1") and any("request.added" in frame for frame in heard))
