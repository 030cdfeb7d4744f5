"""Finding people and being found: the network, invites, who sees me, and why nobody appears."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from engine.net.dialer import TELLING
from engine.protocol.invite import BadTarget, HostPort, make_invite, parse_target
from tests.helpers import person
from tests.page.scripted import BUDI, ME, NOW, Refused, Scripted
from tests.page.test_words import EN

pytestmark = pytest.mark.browser
DEWI, EKA, FAJAR = "d" * 56, "e" * 56, "f" * 56
LINK = f"p2pchat:{EKA}?h=192.168.1.9:6000"


def test_somebody_appears_is_clicked_and_asked_with_the_first_message(program, page):
    program.open()
    expect(page.get_by_role("heading", name="Nobody here yet")).to_be_visible()
    program.stranger("Eka", EKA, hosts=["192.168.1.9:6000"])
    program.tell("person.changed", person=program.people[EKA])
    row = page.locator('[data-section="nearby"] [data-row]')
    expect(row).to_contain_text("here now, name not checked")
    expect(row.locator(".icon-verified")).to_be_hidden()
    row.get_by_role("button").click()
    stranger = page.locator("[data-stranger-card]")
    expect(stranger).to_contain_text("“Eka”, new to you")
    expect(stranger).to_contain_text("anybody can take any name")
    expect(stranger).to_contain_text("eeeeeee eeeeeee")
    expect(stranger).to_contain_text("192.168.1.9:6000")
    expect(page.locator(".composer-note").first).to_have_text(
        "Eka will be asked whether they want to talk. Your message comes with it."
    )
    page.keyboard.type("halo, ini Alice")  # the message box has the focus already
    page.keyboard.press("Enter")
    expect(page.locator("[data-presence-text]")).to_have_text("Waiting for Eka to accept")
    expect(page.locator("li.message")).to_have_count(1)
    expect(stranger).to_be_hidden()
    [asked] = program.called("POST", "connect")
    assert asked.body == {"address": EKA, "text": "halo, ini Alice"}
    assert program.said == []


def test_whoever_leaves_while_one_writes_keeps_name_and_draft(program, page):
    program.stranger("Eka", EKA)
    program.open()
    page.locator(f'[data-chat="{EKA}"] button').click()
    page.get_by_role("textbox", name="Message", exact=True).fill("halo")
    del program.people[EKA]
    program.tell("person.removed", address=EKA)
    expect(page.locator('[data-section="nearby"]')).to_be_hidden()
    expect(page.locator(".head-name")).to_have_text("Eka")
    expect(page.locator("[data-presence-text]")).to_have_text("not seen here any more")
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_have_value("halo")


@pytest.mark.parametrize(
    ("me", "words"),
    [
        ({}, "Looking for people on 192.168.1.0/24 (wlan0)… nobody yet"),
        ({"networks": ["10.0.0.0/8 (eth0)", "fd00::/64 (eth0)"]}, "on 10.0.0.0/8 (eth0), fd00::"),
        ({"networks": []}, "This computer is on no network just now."),
        ({"discovery": "off"}, "started so that it does not look for people"),
        ({"discovery": "unavailable"}, "does not work on this computer just now"),
    ],
)
def test_where_it_is_looked_is_said(program, page, me, words):
    program.me |= me
    program.open()
    expect(page.locator(".blank .looking")).to_contain_text(words)
    expect(page.locator(".blank .host")).to_have_text("192.168.1.7:6000")
    expect(page.locator(".blank").get_by_role("img", name="My invite as a QR code")).to_be_visible()
    assert len(program.called("GET", "invite")) == 1


def test_when_nobody_appears_for_ten_seconds_the_check_is_offered(program, page):
    page.clock.install()
    program.open()
    expect(page.locator(".blank .looking")).to_contain_text("Looking for people")
    offer = page.locator(".blank [data-offer]")
    page.clock.run_for(9_000)
    expect(offer).to_be_hidden()
    page.clock.run_for(1_500)
    expect(offer).to_be_visible()
    program.stranger("Eka", EKA)
    program.tell("person.changed", person=program.people[EKA])
    page.clock.run_for(500)
    expect(page.get_by_role("heading", name="Somebody is here")).to_be_visible()
    del program.people[EKA]
    program.tell("person.removed", address=EKA)
    page.clock.run_for(500)
    expect(offer).to_be_hidden()
    page.clock.run_for(10_500)
    offer.get_by_role("button", name="Find out why").click()
    page.clock.run_for(500)
    expect(page.locator('[data-panel="doctor"]')).to_be_visible()
    assert len(program.called("POST", "doctor")) == 1


def test_who_sees_me_is_chosen_in_words_and_stands_beside_my_name(program, page):
    program.open()
    me = page.locator("[data-me]")
    expect(me).to_contain_text("Everyone here sees you")
    me.click()
    for choice, shown in (
        ("Only my contacts", "Only contacts see you"),
        ("Nobody", "Nobody sees you"),
        ("Everyone here", "Everyone here sees you"),
    ):
        page.get_by_role("radio", name=choice).check()
        expect(me).to_contain_text(shown)
    chosen = [call.body for call in program.called("POST", "me")]
    assert chosen == [{"visibility": one} for one in ("contacts", "hidden", "everyone")]
    program.refusals["POST", "me"] = Refused(503, "store_failed")
    page.get_by_role("radio", name="Nobody").click()
    expect(page.get_by_role("alert").filter(has_text="could not be stored")).to_be_visible()
    expect(page.get_by_role("radio", name="Everyone here")).to_be_checked()


def saved(page: Page) -> tuple[str, str]:
    with page.expect_download() as started:
        page.locator('[data-act="save"]:visible').click()
    return started.value.suggested_filename, started.value.path().read_text()


def test_an_invite_is_made_shown_and_saved(program, page):
    program.open()
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_role("button", name="Make an invite").click()
    one = page.locator('[data-invite="one"]')
    link = f"p2pchat:{ME}?h=192.168.1.7:6000&k={'a' * 26}"
    expect(one.locator("code")).to_have_text(link)
    expect(page.locator(".panel")).to_contain_text("For one person, good until 7 May, 12:00.")
    assert saved(page) == ("Alice.p2pchat", f"{link}\n")
    page.get_by_text("A link for everybody").click()
    expect(page.locator('[data-invite="all"] code')).to_have_text(
        f"p2pchat:{ME}?h=192.168.1.7:6000"
    )
    assert len(program.called("POST", "invites")) == 1


def test_an_invite_is_opened_as_text_as_a_file_and_from_a_picture(program, page, tmp_path):
    program.open()
    page.get_by_role("button", name="Invite somebody").click()
    file, picture = tmp_path / "Eka.p2pchat", tmp_path / "eka.png"
    file.write_text(f"{LINK}\n")
    page.locator("[data-me]").screenshot(path=picture)
    field = page.get_by_role("textbox", name="The link of an invite")
    field.fill("halo")
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="That is no invite.")).to_be_visible()
    assert program.called("POST", "connect") == []
    field.fill(f"{LINK}&k={'a' * 26}")
    field.press("Enter")
    expect(page.locator(".head-name")).to_have_text("Eka")
    notice = page.locator('[data-notice="invite_not_accepted"]')
    expect(notice).to_contain_text("This invite had been used already, or is older than a day.")
    expect(notice).to_contain_text("Eka was asked instead")
    expect(field).to_have_value("")
    for chosen in (file, picture):
        program.seen.append([LINK])
        with page.expect_response("**/api/v1/connect"):
            page.get_by_label("Choose a file or picture").set_input_files(chosen)
    sent = [call.body["address"] for call in program.called("POST", "connect")]
    assert sent == [f"{LINK}&k={'a' * 26}", LINK, LINK]


def test_an_invite_that_leads_nowhere_says_why(program, page):
    program.open()
    page.get_by_role("button", name="Invite somebody").click()
    field = page.get_by_role("textbox", name="The link of an invite")
    for code in ("timeout", "refused", "wrong_identity", "self"):
        program.refusals["POST", "connect"] = Refused(400, code)
        field.fill(LINK)
        field.press("Enter")
        expect(page.locator(".panel").get_by_text(EN[f"error.{code}"])).to_be_visible()
        expect(field).to_have_value(LINK)


INVITE = make_invite(person(1).peer, [HostPort("192.168.1.9", 6000)], "Eka", None)
WITH_PASS = make_invite(person(1).peer, [HostPort("192.168.1.9", 6000)], "Eka", bytes(16))


def test_a_cut_invite_is_told_from_a_changed_one(program, page):
    program.open()
    box = page.get_by_role("searchbox")
    for text, words in (
        (INVITE[:40], "The end of this invite is missing."),
        (WITH_PASS.replace("Eka", "Eva"), "Something in this invite was changed on its way."),
        (INVITE[:-1], "Something in this invite was changed, or its end is missing."),
    ):
        with pytest.raises(BadTarget) as told:
            parse_target(text)
        program.refusals["POST", "connect"] = Refused(400, "bad_address", str(told.value))
        box.fill(text)
        box.press("Enter")
        expect(page.locator(".box-status")).to_contain_text(words)


def test_the_camera_reads_the_code_of_the_other_screen(launch, site):
    # A camera that the browser plays itself; what is in its picture, the program says.
    browser = launch("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    program = Scripted(page, site)
    program.open()
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_role("button", name="Scan with the camera").click()
    video = page.locator('[data-panel="invite"] .codes video').last
    expect(video).to_be_visible()
    expect(page.locator(".panel")).to_contain_text("Hold the other screen in front of the camera.")
    with page.expect_request("**/api/v1/scan**") as asked:
        pass
    sizes = parse_qs(urlsplit(asked.value.url).query)
    assert len(asked.value.post_data_buffer) == int(sizes["width"][0]) * int(sizes["height"][0])
    program.seen.append([LINK])
    expect(page.locator(".head-name")).to_have_text("Eka")
    expect(video).to_be_hidden()
    assert program.said == []
    context.close()


def test_a_camera_that_is_not_allowed_is_told_with_another_way(program, page):
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('no', 'NotAllowedError') }"
    )
    program.open()
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator(".panel")).to_contain_text("This page may not use the camera.")
    expect(page.get_by_role("button", name="Scan with the camera")).to_be_visible()


def test_all_requests_stand_on_a_page_of_their_own(program, page):
    for number in range(4):
        program.request(f"Orang {number}", str(number + 2) * 56, at=NOW + number)
    program.open()
    expect(page.locator(".side [data-request]")).to_have_count(2)
    page.get_by_role("button", name="See all 4").click()
    everyone = page.locator(".panel [data-request]")
    expect(everyone).to_have_count(4)
    everyone.filter(has_text="Orang 0").get_by_role("button", name="Block").click()
    everyone.filter(has_text="Orang 1").get_by_role("button", name="Ignore").click()
    expect(everyone).to_have_count(2)
    everyone.filter(has_text="Orang 2").get_by_role("button", name="Accept").click()
    expect(page.locator(".head-name")).to_have_text("Orang 2")
    answers = [call for call in program.calls if call.path.startswith("requests/")]
    actions = {call.path[-1]: call.body["action"] for call in answers}
    assert actions == {"2": "block", "3": "ignore", "4": "accept"}


def test_the_check_names_the_cause_and_gives_what_mends_it_to_copy(program, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    program.report = {
        "ok": False, "cause": "news", "sentence": "Words that this page does not know.",
        "command": "sudo ufw allow 6000/tcp",
        "findings": [
            {"code": "one", "state": "good", "sentence": "There is a network."},
            {"code": "two", "state": "bad", "sentence": "The port is closed."},
            {"code": "three", "state": "unknown", "sentence": "Nobody could be asked."},
        ],
    }  # fmt: skip
    program.open()
    page.locator("[data-me]").click()
    page.get_by_role("button", name="Check connection").click()
    panel = page.locator('[data-panel="doctor"]')
    expect(panel).to_contain_text("Words that this page does not know.")
    expect(panel.locator("[data-finding]")).to_have_text(
        ["Good:There is a network.", "Bad:The port is closed.", "Not known:Nobody could be asked."]
    )
    panel.get_by_role("button", name="Copy the command").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "sudo ufw allow 6000/tcp"
    program.report = {"ok": True, "cause": "", "sentence": "", "command": "", "findings": []}
    panel.get_by_role("button", name="Check once more").click()
    expect(panel).to_contain_text("Nothing is in the way here")
    program.refusals["POST", "doctor"] = Refused(503, "stopping")
    panel.get_by_role("button", name="Check once more").click()
    expect(panel).to_contain_text(EN["error.stopping"])


def test_the_check_is_offered_for_an_address_that_is_not_reached(program, page):
    program.refusals["POST", "connect"] = Refused(504, "timeout")
    program.open()
    page.get_by_role("searchbox").fill("10.9.8.7:6000")
    page.get_by_role("searchbox").press("Enter")
    page.locator(".box-status").get_by_role("button", name="Find out why").click()
    panel = page.locator('[data-panel="doctor"]')
    expect(panel).to_contain_text("Nothing is in the way here")
    panel.get_by_role("button", name="Check once more").click()
    expect(panel).to_contain_text("Nothing is in the way here")
    asked = [call.body for call in program.called("POST", "doctor")]
    assert asked == [{"address": "10.9.8.7:6000"}] * 2
    page.locator("[data-me]").click()
    page.get_by_role("button", name="Check connection").click()
    expect(panel).to_contain_text("Nothing is in the way here")
    assert [call.body for call in program.called("POST", "doctor")][2:] == [{}]
    program.refusals["POST", "connect"] = Refused(400, "self")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator('[data-connect="self"]')).to_be_visible()
    expect(page.locator(".box-status").get_by_role("button")).to_have_count(0)


def test_a_blocked_person_and_one_that_is_forgotten_leave_the_lists(program, page):
    program.person("Budi", warnings=[{"code": "same_name", "address": DEWI, "name": "Budi"}])
    program.chat(BUDI, "halo")
    program.stranger("Fajar", FAJAR)
    program.open()
    page.locator(f'[data-chat="{FAJAR}"] button').click()
    page.locator("[data-details]").click()
    expect(page.get_by_role("button", name="Forget this person")).to_be_hidden()
    expect(page.get_by_role("button", name="Block")).to_be_visible()
    program.change(FAJAR, blocked=True)
    expect(page.locator('[data-section="blocked"] [data-row]')).to_have_count(1)
    expect(page.locator('[data-section="nearby"]')).to_be_hidden()
    page.locator(f'[data-chat="{BUDI}"] button').click()
    program.change(BUDI, blocked=True)
    expect(page.locator(".head-notes [data-warning]")).to_have_count(0)
    expect(page.locator('[data-section="blocked"] [data-row]')).to_have_count(2)


def test_why_somebody_is_not_reached_is_said_and_since_when(program, page):
    page.clock.set_fixed_time(datetime.fromtimestamp(NOW / 1_000 + 3_600, UTC))
    gone = {"online": False, "link": "reconnecting", "next_try_at": NOW + 3_608_000}
    program.person("Budi", **gone)
    program.chat(BUDI, "halo")
    program.open()
    page.locator(f'[data-chat="{BUDI}"] button').click()
    expect(page.locator("[data-presence-text]")).to_have_text("reconnecting, next try in 8 s")
    page.locator("[data-details]").click()
    expect(page.locator(".portrait").first).to_contain_text("reconnecting since 12:00")
    for reason in TELLING:
        program.change(BUDI, reason=reason)
        expect(page.locator(".portrait").first).to_contain_text(EN[f"reason.{reason}"])
