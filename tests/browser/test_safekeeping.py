"""A real program, kept safe by clicking: passphrase, backup, restore, and the end of it all."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.helpers import until
from tests.programs import Program, make_friends

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)
ENDS_WITHIN = 60  # seconds, against hanging


@pytest.fixture
def page(browser: Browser):
    context = browser.new_context(locale="en-GB", accept_downloads=True)
    yield context.new_page()
    context.close()


def come_in(program: Program, page: Page) -> list[str]:
    """Open the page; whatever the browser complains about from then on."""
    page.goto(program.call("POST", "/ticket", {})["url"])
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def about_me(page: Page):
    panel = page.locator("[data-panel='me']")
    if not panel.is_visible():
        page.locator("[data-me]").click()
    expect(panel).to_be_visible()
    return panel


def block(panel, title: str):
    heading = panel.page.get_by_role("heading", name=title, exact=True)
    return panel.locator(".block").filter(has=heading)


def starts_with(program: Program, passphrase: str) -> bool:
    """Say whether the stopped program starts with this passphrase."""
    file = program.home / "passphrase"
    file.write_text(passphrase)
    file.chmod(0o600)
    program.spawn("--passphrase-file", str(file))
    until(lambda: program.ready_line() or program.has_ended(), ENDS_WITHIN)
    if program.has_ended():
        assert program.wait_ended() == 2
        return False
    program.stop()
    return True


def test_a_passphrase_is_set_changed_and_removed(programs, page):
    program = programs("alice", "--name", "Alice").start()
    come_in(program, page)
    part = block(about_me(page), "Passphrase")
    part.get_by_role("button", name="Set a passphrase").click()
    part.get_by_label("New passphrase").fill("first secret")
    part.get_by_label("The same again").fill("first secreT")
    part.get_by_role("button", name="Save").click()
    expect(part.get_by_text("The two are not the same")).to_be_visible()
    part.get_by_label("The same again").fill("first secret")
    part.get_by_role("button", name="Save").click()
    expect(part.get_by_text("From now on")).to_be_visible()
    expect(page.locator(".guard")).to_have_text("Protected by a passphrase.")

    part.get_by_role("button", name="Change").click()
    part.get_by_label("Present passphrase").first.fill("wrong")
    part.get_by_label("New passphrase").fill("second secret")
    part.get_by_label("The same again").fill("second secret")
    part.get_by_role("button", name="Save").click()
    expect(part.get_by_text("This is not the passphrase")).to_be_visible()
    part.get_by_label("Present passphrase").first.fill("first secret")
    part.get_by_role("button", name="Save").click()
    expect(part.get_by_text("From now on")).to_be_visible()
    program.stop()
    assert not starts_with(program, "first secret")
    assert starts_with(program, "second secret")

    program.start("--passphrase-file", str(program.home / "passphrase"))
    come_in(program, page)
    part = block(about_me(page), "Passphrase")
    part.get_by_role("button", name="Remove").click()
    part.get_by_label("Present passphrase").last.fill("second secret")
    part.locator("[data-act='remove-passphrase']").click()
    expect(part.get_by_text("There is no passphrase any more.")).to_be_visible()
    program.restart()


def test_a_backup_is_made_restored_and_everything_erased(programs, page, tmp_path):
    alice, bob = programs("alice").start(), programs("bob").start()
    for program, name in ((alice, "Alice"), (bob, "Bob")):
        program.call("POST", "/me", {"name": name})
    make_friends(alice, bob)
    alice.say(bob, "before")
    until(lambda: "before" in bob.texts(alice))
    complaints = come_in(alice, page)

    part = block(about_me(page), "Backup")
    part.get_by_label("Passphrase for the backup").fill("short")
    part.get_by_role("button", name="Make a backup").click()
    expect(part.get_by_text("At least 8 characters:")).to_be_visible()
    part.get_by_label("Passphrase for the backup").fill("longer secret")
    part.get_by_label("The same again").fill("longer secret")
    with page.expect_download() as downloading:
        part.get_by_role("button", name="Make a backup").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    assert file.name.startswith("p2pchat Alice ")
    expect(part.get_by_text("do not run this copy any more")).to_be_visible()

    erase = block(about_me(page), "Erase everything")
    erase.get_by_role("button", name="Erase everything…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To go on, type your name: Alice").fill("Alicia")
    dialog.get_by_role("button", name="Erase everything").click()
    expect(dialog.get_by_text("That is not the name")).to_be_visible()
    dialog.get_by_label("To go on, type your name: Alice").fill("Alice")
    dialog.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("heading", name="Everything was erased.")).to_be_visible()
    assert alice.wait_ended() == 0
    ours = {path.name for path in alice.home.iterdir()} - {"alice.log", "alice.out"}
    assert not {name for name in ours if "alice" in name or name.endswith(".html")}
    assert complaints == []

    lost = alice.address
    alice.start()  # somebody new, who has a backup
    assert alice.address != lost
    come_in(alice, page)
    page.get_by_role("button", name="I have a backup").click()
    page.get_by_label("Backup file").set_input_files(file)
    page.get_by_label("Its passphrase").fill("longer secreT")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("This is not the passphrase")).to_be_visible()
    page.get_by_label("Its passphrase").fill("longer secret")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("This is a restored copy.")).to_be_visible()
    assert alice.call("GET", "/me")["address"] == lost
    page.locator("[data-chat]").filter(has_text="Bob").first.click()
    expect(page.locator("[data-message]").filter(has_text="before")).to_have_count(1)
    page.get_by_role("button", name="I understand").click()
    expect(page.get_by_text("This is a restored copy.")).to_be_hidden()
