"""Groups on the page: made, talked in, changed, left; with a program played by the test."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.page.scripted import BUDI, ME, Refused, Scripted
from tests.page.scripted_groups import GROUP
from tests.page.test_screens import LONG, NARROW, WIDE, look

pytestmark = pytest.mark.browser
DEWI, EKA, XENA = "d" * 56, "e" * 56, "x" * 56
NEW = "n" * 52  # the group that the page makes


def row(page: Page, chat: str = GROUP):
    return page.locator(f'[data-chat="{chat}"]')


def act(page: Page, name: str):
    return page.locator(f'[data-act="{name}"]:visible')


def member(page: Page, address: str):
    return page.locator(f'[data-member="{address}"]')


def lines(page: Page):
    return page.locator('li.message[data-kind="system"] .text')


def open_group(program: Scripted) -> None:
    program.open()
    row(program.page).get_by_role("button").click()
    expect(program.page.locator(".head-name")).to_have_text(program.groups[GROUP]["name"])


@pytest.fixture
def people(program: Scripted) -> Scripted:
    program.person("Budi", level=2)
    program.chat(BUDI, "halo")
    program.person("Dewi", DEWI)
    return program


def test_a_group_is_made_talked_in_managed_left_and_deleted(people, page):
    people.open()
    page.get_by_role("button", name="New group").click()
    act(page, "create-group").click()
    expect(page.locator("[data-group-name]")).to_be_focused()  # the browser asks for the name
    page.keyboard.type("Kelas B")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Choose at least one person")).to_be_visible()
    page.get_by_role("checkbox", name="Budi").press("Space")
    expect(page.get_by_text("1 person chosen")).to_be_visible()
    act(page, "create-group").press("Enter")
    expect(page.get_by_role("heading", name="Kelas B")).to_be_visible()
    [made] = people.called("POST", "groups")
    assert made.body == {"name": "Kelas B", "members": [BUDI]}
    expect(lines(page)).to_have_text(["You made the group “Kelas B”"])
    expect(page.locator("[data-presence-text]")).to_have_text("2 members, 2 online")

    # Words: who says them stands over the first of several, and in the column.
    for text in ("halo semua", "apa kabar?"):
        people.tell("message.added", chat=NEW, message=people.says(text, BUDI, NEW), before=None)
    expect(page.locator(".author:visible")).to_have_text(["Budi"])
    expect(row(page, NEW)).to_contain_text("Budi: apa kabar?")
    page.get_by_role("textbox", name="Message").fill("baik!")
    page.keyboard.press("Enter")
    page.keyboard.type("kamu?")
    page.keyboard.press("Enter")
    marks = page.get_by_role("button", name="Waiting. Who has it?")
    expect(marks).to_have_count(2)
    expect(page.get_by_text("Nobody else of the group is here now")).to_be_hidden()
    # All messages are one stop for Tab, at the newest; the arrows go on from there, and into one.
    expect(page.locator('li.message[tabindex="0"]')).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    expect(page.locator("li.message").last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(marks.first).to_be_focused()

    # Who has it: asked when it is opened, and again when the group changes.
    people.has = {"seen": [], "waiting": [{"address": BUDI, "name": "Budi"}]}
    page.keyboard.press("Enter")
    waiting = page.locator('[data-seen="waiting"]')
    expect(waiting).to_contain_text("Budi")
    people.has = {"seen": people.has["waiting"], "waiting": []}
    people.change_group(NEW, complete=True)
    expect(page.locator('[data-seen="has"]')).to_contain_text("Budi")
    expect(waiting).to_be_hidden()
    expect(page.get_by_text("Everybody has it.")).to_be_visible()
    people.has = {"seen": [], "waiting": people.has["seen"]}
    mine = people.messages[NEW][-2]["id"]
    people.tell("message.state", chat=NEW, id=mine, state="sent")
    expect(waiting).to_contain_text("Budi")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sent. Who has it?")).to_be_focused()

    # Members.
    page.get_by_role("button", name="Details").click()
    expect(page.get_by_text("All here: nothing that was written is missing.")).to_be_visible()
    expect(member(page, BUDI)).to_contain_text("verified · online")
    act(page, "add-people").click()
    page.get_by_role("checkbox", name="Dewi").check()
    page.get_by_text("They begin from here").click()
    act(page, "add").click()
    expect(member(page, DEWI)).to_be_visible()
    path = f"groups/{NEW}"
    assert people.called("POST", path)[-1].body == {"add": [DEWI], "history": False}
    member(page, BUDI).locator(".row-button").press("Enter")
    act(page, "member-admin").press("Enter")
    expect(member(page, BUDI)).to_contain_text("Admin")
    assert people.called("POST", path)[-1].body == {"roles": {BUDI: "admin"}}
    member(page, DEWI).locator(".row-button").click()
    expect(act(page, "member-member")).to_be_hidden()  # one is open at a time
    act(page, "member-remove").click()
    expect(page.get_by_role("dialog", name="Remove Dewi?")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(member(page, DEWI)).to_have_count(0)
    assert people.called("POST", path)[-1].body == {"remove": [DEWI]}
    expect(page.locator(".panel h3", has_text="Members")).to_be_focused()
    page.locator("[data-rename-group]").fill("Kelas C")
    page.keyboard.press("Enter")
    expect(page.locator(".head-name")).to_have_text("Kelas C")

    # Quiet, and good-bye.
    act(page, "mute").click()
    expect(row(page, NEW).locator(".muted")).to_be_visible()
    expect(page.locator(".head .muted")).to_be_visible()
    act(page, "leave").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave the group").click()
    expect(page.get_by_text("You left this group. What was written so far stays")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_be_hidden()
    expect(page.locator("li.message")).to_have_count(5)
    act(page, "delete-group").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the group").click()
    expect(row(page, NEW)).to_have_count(0)
    assert len(people.called("DELETE", path)) == 1
    assert people.said == []


def test_what_happened_is_told_in_words_and_heals_where_it_belongs(people, page):
    people.group("Kelas B", people.member("Budi", BUDI), people.member("Budi", EKA, contact=False))
    people.happened("created", name="Kelas B")
    people.happened("removed", by=BUDI, by_name="Budi", who=XENA, who_name="Xena")
    people.happened("added", by=BUDI, by_name="Budi", who=ME, history=False)
    people.happened("renamed", by=XENA, by_name="Xena", name="Old")
    people.happened("tea", by=BUDI, by_name="Budi")
    said = [people.says(f"message {n}", BUDI) for n in range(60)]
    people.chat_of(GROUP)
    open_group(people)
    expect(page.locator("li.message").last).to_contain_text("message 59")
    page.get_by_role("log").evaluate("log => (log.scrollTop = 0)")
    two = "Budi (bbbbbbb)"  # there are two of that name
    expect(lines(page)).to_have_text(
        [
            "You made the group “Kelas B”",
            f"Xena was removed by {two}",
            f"{two} added you. What was written before is not shown here",
            "Xena named the group “Old”",
            "Something: tea.",
        ]
    )
    seen = page.locator("li.message").filter(has_text=re.compile("message 5(?!\\d)"))
    seen.evaluate("row => row.scrollIntoView()")
    expect(page.locator("[data-jump]")).to_be_visible()
    place = seen.bounding_box()
    late = people.says("late", EKA)
    people.tell("message.added", chat=GROUP, message=late, before=said[2]["id"])
    expect(page.locator(f'[data-message="{said[2]["id"]}"]')).to_be_attached()
    behind = page.locator(f'[data-message="{late["id"]}"] + [data-message]')
    expect(behind).to_have_attribute("data-message", said[2]["id"])
    people.tell("message.removed", chat=GROUP, id=said[1]["id"])
    expect(page.locator(f'[data-message="{said[1]["id"]}"]')).to_have_count(0)
    assert abs(seen.bounding_box()["y"] - place["y"]) <= 1, "what is read does not move"
    expect(row(page)).to_contain_text("Budi (bbbbbbb): message 59")


def test_who_is_no_contact_and_adds_us_is_asked_about_and_everybody_is_named_as_text(people, page):
    name = '\u05d0\u05d1 <b onclick="x">"&'
    for letter, called in (("h", name), ("k", "Other")):
        people.group(
            called,
            people.member(name, XENA, contact=False, role="creator", may_change=False),
            chat=letter * 52,
            standing="invited",
            role="member",
            creator=XENA,
            added_by=XENA,
            added_by_name=name,
        )
        del people.chats[letter * 52]
    people.open()
    cards = page.locator("[data-invitation]")
    expect(cards).to_have_count(2)
    expect(page).to_have_title("p2pchat")
    expect(cards.filter(has_text="Other")).to_contain_text(f"{name} added you to")
    assert page.locator("b").count() == 0
    cards.filter(has_text="Other").get_by_role("button", name="Ignore").click()
    expect(cards).to_have_count(1)
    assert people.called("POST", f"groups/{'k' * 52}")[0].body == {"answer": "ignore"}
    cards.get_by_role("button", name="Accept").click()
    expect(page.locator(".head-name bdi")).to_have_text(name)
    expect(row(page, "h" * 52)).to_be_visible()
    page.locator("[data-details]").click()
    expect(member(page, XENA)).to_contain_text("Made the group · not your contact")
    expect(act(page, "add-people")).to_be_hidden()  # it takes an admin
    member(page, XENA).locator(".row-button").click()
    expect(act(page, "member-remove")).to_be_hidden()
    people.refusals["POST", f"groups/{'h' * 52}"] = Refused(403, "not_allowed")
    act(page, "mute").click()
    expect(page.get_by_text("That is not yours to do")).to_be_visible()
    people.change_group("h" * 52, standing="removed", role="")
    expect(page.get_by_text("You were removed from this group. What")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_be_hidden()


def test_among_many_members_one_is_found_and_the_others_start_again(people, page):
    crowd = [people.member(f"Orang {n}", f"{n:056d}", contact=False) for n in range(200)]
    dewi = people.member("Dewi", DEWI, role="creator", may_change=False)
    people.group("Kelas B", dewi, *crowd, role="member", creator=DEWI)
    people.groups[GROUP]["members"][0]["role"] = "member"
    for one in crowd:
        people.people[one["address"]] = people.people[BUDI] | {"name": one["name"]}
    open_group(people)
    page.locator("[data-details]").click()
    expect(page.locator("[data-member]")).to_have_count(202)
    page.get_by_role("searchbox", name="Search the members").fill("orang 199")
    expect(page.locator("[data-member]")).to_have_count(1)
    page.get_by_text("When Dewi cannot come back").click()
    act(page, "again").click()
    page.get_by_role("dialog").get_by_role("button", name="Start again").click()
    expect(row(page, NEW).locator("[aria-current]")).to_be_visible()
    [made] = people.called("POST", "groups")
    assert made.body["name"] == "Kelas B"
    assert made.body["members"] == [one["address"] for one in crowd]


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    [(WIDE, "dark", "en"), (NARROW, "light", "id")],
    ids=["wide dark en", "narrow light id"],
)
def test_every_screen_of_a_group_fits_and_is_open_to_everybody(
    browser, site, size, theme, language
):
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale=language, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    program = Scripted(page, site)
    program.person("Budi", level=2)
    program.person("Dewi", DEWI, online=False)
    program.person("Eka", EKA)
    others = [
        program.member("Budi", BUDI, role="admin", level=2),
        program.member("Dewi", DEWI, online=False, up_to_date=False),
        program.member(LONG, XENA, contact=False, contradicts=True),
    ]
    holders = [{"address": address, "name": LONG} for address in (BUDI, DEWI, EKA, ME)]
    missing = {"author": XENA, "name": LONG, "count": 3, "held_by": holders}
    program.group(LONG, *others, missing=[missing], complete=False, muted=True)
    program.happened("added", who=XENA, who_name=LONG)
    program.says("halo " * 30, XENA)
    program.says("halo", "", own=True)
    program.says("oke", "", own=True)
    program.chat_of(GROUP, unread=1)
    program.group(LONG, *others, chat="h" * 52, standing="invited", added_by=XENA)
    program.has = {"seen": holders[:1], "waiting": holders[1:3]}
    program.open()
    expect(page.locator("[data-invitation]")).to_be_visible()
    look(page, "the column")
    page.locator("[data-group-open]").click()
    page.locator(f'[data-choice="{BUDI}"]').click()
    look(page, "a new group")
    page.keyboard.press("Escape")
    row(page).get_by_role("button").click()
    expect(page.locator("li.message").last).to_be_visible()
    look(page, "a group")
    page.locator(".mark-seen:visible").last.click()
    expect(page.locator('[data-seen="waiting"] .holder')).to_have_count(2)
    look(page, "who has it")
    page.keyboard.press("Escape")
    page.locator("[data-details]").click()
    member(page, XENA).locator(".row-button").click()
    expect(page.locator('[data-warning="contradicts"]')).to_be_visible()
    look(page, "details")
    act(page, "add-people").click()
    look(page, "adding")
    page.keyboard.press("Escape")
    program.change_group(standing="removed", role="")
    expect(page.locator(".composer[data-closed]")).to_be_visible()
    look(page, "removed")
    assert [text for text in program.said if "Content Security Policy" not in text] == []
    context.close()
