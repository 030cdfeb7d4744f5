"""Being sure of somebody: emoji, badges that no name can have, warnings, and what is held."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.page.scripted import BUDI, NOW, SEVEN, Refused, Scripted
from tests.page.test_words import EN

pytestmark = pytest.mark.browser
DEWI, EKA = "d" * 56, "e" * 56
SAME_NAME = {"code": "same_name", "address": BUDI, "name": "Budi"}


@pytest.fixture
def budi(program: Scripted) -> Scripted:
    """Budi is a contact who is there, and the page is open."""
    program.person("Budi")
    program.chat(BUDI, "halo")
    program.open()
    return program


def card(page: Page):
    return page.get_by_role("dialog", name="Compare emoji with Budi")


def choose(page: Page, address: str = BUDI) -> None:
    page.locator(f'[data-chat="{address}"] button').click()


def drawn(program: Scripted, page: Page) -> None:
    """Whatever was told before this is on the screen."""
    name = f"drawn {len(program.me['name'])}"
    program.me["name"] += name
    program.tell("me.changed", me=program.me)
    expect(page.locator(".me-name")).to_have_text(program.me["name"])


def test_emoji_are_compared_from_the_head_and_the_person_is_verified(budi, page):
    choose(page)
    page.locator(".head").get_by_role("button", name="Compare emoji").click()
    expect(card(page)).to_be_focused()
    words = card(page).get_by_role("listitem")
    expect(words).to_have_text([f"{one['emoji']}{one['name'].capitalize()}" for one in SEVEN])
    # Read aloud is the name; the picture is silent.
    expect(words.locator("[aria-hidden=true]")).to_have_count(7)
    expect(card(page)).to_contain_text("Look at Budi's screen, or call.")
    page.keyboard.press("Enter")  # on the card itself it answers nothing
    assert [call.body["action"] for call in budi.called("POST", f"people/{BUDI}/sas")] == ["start"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(card(page)).to_contain_text("Budi is verified.")
    expect(page.locator(".trust")).to_have_text("verified")
    expect(page.locator(f'[data-chat="{BUDI}"]').get_by_text("verified")).to_have_count(1)
    card(page).get_by_role("button", name="Done").click()
    expect(card(page)).to_be_hidden()
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
    expect(page.locator(".head").get_by_role("button", name="Compare emoji")).to_be_hidden()


def test_it_is_offered_only_with_a_contact_who_is_there(budi, page):
    choose(page)
    offer = page.locator(".head").get_by_role("button", name="Compare emoji")
    expect(offer).to_be_visible()
    for away in ({"online": False}, {"contact": False}, {"held": True}, {"level": 2}):
        before = {name: budi.people[BUDI][name] for name in away}
        budi.change(BUDI, **away)
        expect(offer).to_be_hidden()
        budi.change(BUDI, **before)
        expect(offer).to_be_visible()


def test_the_other_side_is_asked_wherever_they_are_and_is_not_torn_from_a_sentence(budi, page):
    budi.person("Dewi", DEWI)
    budi.chat(DEWI, "hai")
    budi.tell("person.changed", person=budi.people[DEWI])
    budi.tell("chat.changed", chat=budi.chats[DEWI])
    choose(page, DEWI)
    message = page.get_by_role("textbox", name="Message", exact=True)
    message.press_sequentially("sedang menul")
    budi.sas_is(BUDI, "waiting", started_by_me=False)
    budi.sas_is(BUDI, "compare")
    expect(card(page)).to_contain_text("Budi would like to compare emoji with you.")
    expect(message).to_be_focused()
    message.press_sequentially("is")
    message.press("Enter")
    expect(page.locator("li.message").last).to_contain_text("sedang menulis")
    assert budi.called("POST", f"people/{BUDI}/sas") == []
    page.keyboard.press("Shift+F6")
    while not card(page).evaluate("card => card.contains(document.activeElement)"):
        page.keyboard.press("F6")
    page.keyboard.press("Escape")
    expect(card(page)).to_be_hidden()
    assert budi.called("POST", f"people/{BUDI}/sas")[0].body == {"action": "cancel"}


def test_a_card_stays_with_one_person_while_another_waits(budi, page):
    """A click that is meant for one of them must not verify the other."""
    budi.person("Dewi", DEWI)
    budi.chat(DEWI, "hai")
    budi.tell("person.changed", person=budi.people[DEWI])
    budi.tell("chat.changed", chat=budi.chats[DEWI])
    choose(page, DEWI)
    budi.sas_is(BUDI, "waiting", started_by_me=False)
    budi.sas_is(BUDI, "compare")
    other = page.get_by_role("dialog", name="Compare emoji with Dewi")
    expect(card(page).get_by_role("listitem")).to_have_count(7)
    budi.sas_is(DEWI, "compare", started_by_me=False)
    drawn(budi, page)
    expect(card(page)).to_be_visible()
    expect(other).to_be_hidden()
    # Nor is it swapped when the first one ends: the answer may be on its way.
    budi.sas_is(BUDI, "cancelled", reason="by_them")
    expect(card(page)).to_contain_text("Budi cancelled.")
    drawn(budi, page)
    card(page).get_by_role("button", name="Close").click()
    expect(other.get_by_role("listitem")).to_have_count(7)
    same = other.get_by_role("button", name="They are the same")
    same.dispatch_event("click", {"detail": 2})  # the second half of a double click on "Close"
    drawn(budi, page)
    assert budi.called("POST", f"people/{DEWI}/sas") == []
    same.click()
    expect(other).to_contain_text("Dewi is verified.")
    assert [call.body for call in budi.called("POST", f"people/{DEWI}/sas")] == [{"action": "same"}]
    # One that is over gives way to one that is begun here.
    budi.sas_is(BUDI, "compare")
    drawn(budi, page)
    expect(other).to_be_visible()
    choose(page)
    expect(card(page)).to_be_visible()


def test_a_page_that_is_loaded_anew_shows_the_run_again(budi, page):
    budi.sas_is(BUDI, "waiting")
    budi.sas_is(BUDI, "compare")
    expect(card(page).get_by_role("listitem")).to_have_count(7)
    page.reload()
    expect(card(page).get_by_role("listitem")).to_have_count(7)
    budi.sas.clear()
    budi.stop()
    budi.run()
    expect(card(page)).to_contain_text("The connection to Budi was lost.")


def test_what_differs_turns_red_and_holds_the_person_until_that_is_lifted(budi, page):
    choose(page)
    page.locator(".head").get_by_role("button", name="Compare emoji").click()
    card(page).get_by_role("button", name="They differ").click()
    expect(card(page)).to_contain_text("Nothing more is sent to Budi until you lift this.")
    expect(card(page)).to_have_attribute("data-state", "different")
    card(page).get_by_role("button", name="Close").click()
    expect(page.locator(".trust")).to_have_text("emoji differed")
    expect(page.locator(f'[data-chat="{BUDI}"]')).to_contain_text("Held: the emoji differed")
    expect(page.locator(".composer-note").first).to_contain_text("Nothing is sent to Budi")
    message = page.get_by_role("textbox", name="Message", exact=True)
    expect(message).to_be_enabled()
    message.fill("still written")
    message.press("Enter")
    expect(message).to_have_value("still written")
    expect(page.locator("li.message")).to_have_count(1)
    page.get_by_role("button", name="Lift this").click()
    question = page.get_by_role("dialog", name="Send to Budi again?")
    expect(question).to_contain_text("compared again face to face")
    page.keyboard.press("Escape")
    assert budi.called("POST", f"people/{BUDI}") == []
    page.get_by_role("button", name="Lift this").click()
    question.get_by_role("button", name="Lift this").click()
    expect(page.locator(".held")).to_be_hidden()
    assert budi.called("POST", f"people/{BUDI}")[0].body == {"held": False}
    expect(message).to_have_value("still written")
    expect(page.locator(".trust")).to_have_text("not verified yet")


@pytest.mark.parametrize("code", ["disk_full", "store_failed"])
def test_what_differs_and_cannot_be_stored_is_not_said_to_be_held_for_good(budi, page, code):
    choose(page)
    budi.sas_is(BUDI, "compare")
    expect(card(page).get_by_role("listitem")).to_have_count(7)
    budi.change(BUDI, held=True)  # in memory
    budi.sas_is(BUDI, "different", reason="by_me")
    expect(card(page)).to_contain_text("Nothing more is sent to Budi until you lift this.")
    budi.sas_is(BUDI, "cancelled", reason="connection_lost")
    budi.refusals["POST", f"people/{BUDI}/sas"] = Refused(507, code)
    differ = card(page).get_by_role("button", name="They differ")
    differ.click()
    expect(card(page)).to_contain_text("could not be stored: nothing is sent to Budi as long as")
    expect(card(page)).to_have_attribute("data-state", "different")
    expect(card(page)).not_to_contain_text("Nothing more")
    expect(page.locator("[data-notice]:visible")).to_have_count(0)
    budi.refusals.clear()
    differ.click()
    expect(card(page)).to_contain_text("Nothing more is sent to Budi until you lift this.")
    expect(differ).to_be_hidden()


def test_a_card_does_not_say_that_nothing_is_sent_to_somebody_who_is_not_held(budi, page):
    choose(page)
    budi.sas_is(BUDI, "compare")
    budi.change(BUDI, held=True)
    budi.sas_is(BUDI, "different", reason="by_them")
    expect(card(page)).to_contain_text("Nothing more is sent to Budi until you lift this.")
    budi.change(BUDI, held=False)  # another tab lifted it
    expect(card(page)).to_contain_text("They differ: somebody may sit between you.")
    expect(card(page)).not_to_contain_text("Nothing more")
    budi.change(BUDI, held=True)
    page.get_by_role("button", name="Lift this").click()
    page.get_by_role("dialog", name="Send to Budi again?").get_by_text("Lift this").click()
    expect(card(page)).to_be_hidden()


def test_a_run_that_ends_early_says_why(budi, page):
    for reason, words in (
        ("by_them", "Budi cancelled."),
        ("connection_lost", "The connection to Budi was lost."),
        ("broken_commitment", "Budi's computer broke the rules"),
        ("not_stored", "could not be stored"),
        ("news", "It was cancelled."),
    ):
        budi.sas_is(BUDI, "waiting")
        budi.sas_is(BUDI, "cancelled", reason=reason)
        expect(card(page)).to_contain_text(words)
        expect(card(page).get_by_role("button", name="They differ")).to_be_hidden()
        card(page).get_by_role("button", name="Close").click()
        expect(card(page)).to_be_hidden()


def test_they_differ_can_still_be_said_when_the_connection_was_cut(budi, page):
    budi.sas_is(BUDI, "compare")
    budi.sas_is(BUDI, "cancelled", reason="connection_lost")
    card(page).get_by_role("button", name="They differ").click()
    expect(page.locator(f'[data-chat="{BUDI}"]')).to_contain_text("Held: the emoji differed")


def test_whoever_is_not_there_any_more_is_told_in_words(budi, page):
    choose(page)
    budi.refusals["POST", f"people/{BUDI}/sas"] = Refused(409, "not_connected")
    page.locator(".head").get_by_role("button", name="Compare emoji").click()
    expect(page.locator('[data-notice="not_connected"]')).to_have_text(EN["error.not_connected"])


def test_no_name_can_look_like_a_badge(program, page):
    names = ("Budi ✓", "Budi ✔️", "✅ Budi", "Budi \U0001f6e1️ ", "Budi 🔒✓")
    addresses = [str(number) * 56 for number in range(2, 2 + len(names))]
    for name, address in zip(names, addresses, strict=True):
        program.person(name, address)
        program.chat(address, "halo")
    program.person("Dewi", EKA, level=2, verified_at=NOW, verified_how="emoji")
    program.chat(EKA, "hai")
    program.open()
    for name, address in zip(names, addresses, strict=True):
        choose(page, address)
        row = page.locator(f'[data-chat="{address}"]')
        expect(row.locator(".row-name")).to_have_text("Budi")
        expect(row.locator(".icon-verified")).to_be_hidden()
        expect(page.locator(".head-name")).to_have_text("Budi")
        expect(page.locator(".head .trust")).to_have_text("not verified yet")
        expect(page.locator(".head .icon-verified")).to_have_count(0)
        program.requests.clear()
        program.tell("request.added", request=program.request(name, DEWI))
        expect(page.locator(f'[data-request="{DEWI}"]')).to_contain_text("Budi would like to talk")
        program.tell("request.removed", address=DEWI)
        expect(page.locator(f'[data-request="{DEWI}"]')).to_have_count(0)
    program.tell("request.added", request=program.request("Budi ✓", DEWI))
    program.tell("request.added", request=program.request("Dewi ✓", EKA))
    asking = page.locator(f'[data-request="{EKA}"]')
    expect(asking.locator(".icon-verified")).to_be_visible()
    expect(page.locator(f'[data-request="{DEWI}"] .icon-verified')).to_be_hidden()
    # The real one is a picture of the page's own, and stands outside of the name.
    verified = page.locator(f'[data-chat="{EKA}"]')
    expect(verified.locator("svg.icon-verified")).to_be_visible()
    expect(verified.locator("bdi svg")).to_have_count(0)


def test_warnings_are_said_in_the_request_the_chat_and_the_details(program, page):
    like = {"code": "look_alike", "address": EKA, "name": "Eka"}
    place = {"code": "same_place", "address": EKA, "name": "Eka"}
    program.request("Budi", DEWI, warnings=[SAME_NAME, like])
    program.person("Budi", warnings=[SAME_NAME, place])
    program.chat(BUDI, "halo")
    program.open()
    request = page.locator(f'[data-request="{DEWI}"]')
    expect(request.locator("[data-warning]")).to_have_count(2)
    expect(request).to_contain_text(
        "Budi's security key is new. This happens after a reinstall, or when somebody pretends "
        "to be Budi. Ask Budi in person."
    )
    expect(request).to_contain_text("This name looks like Eka's, but it is another person.")
    choose(page)
    expect(page.locator(".head-notes")).to_contain_text("Budi's security key is new.")
    expect(page.locator(".head-notes")).to_contain_text("Eka was reached at this address before")
    page.locator("[data-details]").click()
    expect(page.locator(".panel [data-warning]")).to_have_count(2)
    budi = {**program.people[BUDI], "warnings": []}
    program.tell("person.changed", person=budi)
    expect(page.locator(".panel [data-warning]")).to_have_count(0)
    expect(page.locator(".head-notes [data-warning]")).to_have_count(0)


def test_a_request_is_shown_under_the_name_that_was_looked_at_for_warnings(program, page):
    """Whoever asks as one may announce themselves as another."""
    program.stranger("Budi", DEWI)
    for name, address in (("Zed", DEWI), ("Fajar", EKA), ("Gita", "g" * 56)):
        program.request(name, address)
    program.requests[DEWI]["at"] = NOW + 1
    program.requests[DEWI]["warnings"] = [{"code": "look_alike", "address": EKA, "name": "Eka"}]
    program.open()
    page.get_by_role("button", name="See all 3").click()
    cards = page.locator(f'[data-request="{DEWI}"]')
    expect(cards).to_have_count(2)  # in the column, and on the page of all
    for card in cards.all():
        expect(card.locator(".request-who")).to_have_text("Zed would like to talk to you")
        expect(card).not_to_contain_text("Budi")
        expect(card.locator("[data-warning]")).to_have_count(1)
    program.change(DEWI, warnings=[SAME_NAME, program.requests[DEWI]["warnings"][0]])
    for card in cards.all():
        expect(card.locator(".request-who")).to_have_text("Zed would like to talk to you")
        expect(card.locator("[data-warning]")).to_have_count(2)
        expect(card).to_contain_text("Budi's security key is new.")


def test_a_pasted_number_is_compared_by_the_program(budi, page):
    choose(page)
    page.locator("[data-details]").click()
    page.get_by_text("With a number or a QR code").click()
    field = page.locator("[data-paste-code]")
    field.fill("00000 " * 12)
    budi.same = False
    field.press("Enter")
    expect(page.locator('[data-outcome="different"]')).to_contain_text("They differ.")
    assert budi.called("POST", f"people/{BUDI}/safety")[0].body == {"code": "00000 " * 12}
    assert budi.called("POST", f"people/{BUDI}") == []
    budi.refusals["POST", f"people/{BUDI}/safety"] = Refused(400, "bad_code")
    field.press("Enter")
    expect(page.locator('[data-outcome="unclear"]')).to_have_text(EN["error.bad_code"])
    budi.refusals.clear()
    budi.same = True
    field.press("Enter")
    expect(page.locator(".trust-word").first).to_have_text("verified")
    assert budi.called("POST", f"people/{BUDI}")[0].body == {"verified": True, "how": "number"}
    expect(page.locator(".panel")).to_contain_text("You compared the safety number on 6 May 2026")


def test_a_picture_with_the_code_of_the_other_screen_verifies(budi, page, tmp_path):
    choose(page)
    page.locator("[data-details]").click()
    page.get_by_text("With a number or a QR code").click()
    picture = tmp_path / "code.png"
    page.locator("[data-me]").screenshot(path=picture)
    page.get_by_label("Choose a picture").set_input_files(picture)
    expect(page.locator(".codes [role=status]").first).to_contain_text("No code was found")
    budi.seen.append(["the text of a code"])
    page.get_by_label("Choose a picture").set_input_files(picture)
    expect(page.locator(".trust-word").first).to_have_text("verified")
    assert budi.called("POST", f"people/{BUDI}/safety")[0].body == {"code": "the text of a code"}
    assert budi.called("POST", f"people/{BUDI}")[0].body == {"verified": True, "how": "qr"}
    assert re.match(r"You scanned", page.locator(".panel .block .hint").first.inner_text())
