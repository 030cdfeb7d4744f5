"""Two programs on one network find each other, talk, and leave; nobody types where the other is."""

from tests.lan.lan import PORT


def test_two_who_start_appear_to_each_other(lan):
    alice, bob = lan.connect(six=True).start()
    for one, other, name in ((alice, bob, "Bob Of The Lan"), (bob, alice, "Alice Of The Lan")):
        person = one.waits_for(other, nearby=True)
        assert person["name"] == name
        assert (person["relation"], person["contact"], person["level"]) == ("none", False, 0)
        assert person["chat"] is None
        assert any(str(PORT) in host for host in person["hosts"])
        assert one.call("GET", "/requests") == []
        assert one.call("GET", "/chats") == []
        me = one.call("GET", "/me")
        assert (me["discovery"], me["visibility"]) == ("on", "everyone")
        assert any("10.99.0.0/16" in network for network in me["networks"])


def test_a_request_a_chat_and_seven_emoji_without_an_address_typed(lan):
    alice, bob = lan.connect().start()
    alice.waits_for(bob, nearby=True)
    alice.connect(bob.address, "It is me, from the kitchen")
    bob.accept(alice)
    for one, other in ((alice, bob), (bob, alice)):
        one.waits_for(other, contact=True, online=True)
    bob.waits_for_texts(alice, "It is me, from the kitchen")
    bob.say(alice, "Hello!")
    alice.waits_for_tick(bob, "It is me, from the kitchen")
    alice.waits_for_texts(bob, "It is me, from the kitchen", "Hello!")
    bob.waits_for_tick(alice, "Hello!")

    def step(one, other, action):
        return one.call("POST", f"/people/{other.address}/sas", {"action": action})

    def shown(one):
        return [run for run in one.call("GET", "/sas") if run["emoji"]]

    step(alice, bob, "start")
    [hers] = alice.wait(lambda: shown(alice), "she sees the emoji")
    [his] = bob.wait(lambda: shown(bob), "he sees the emoji")
    assert len(hers["emoji"]) == 7
    assert hers["emoji"] == his["emoji"]
    step(alice, bob, "same")
    step(bob, alice, "same")
    for one, other in ((alice, bob), (bob, alice)):
        one.waits_for(other, level=2, verified_how="emoji")


def test_who_leaves_is_gone_and_who_comes_back_is_there_again(lan):
    alice, bob = lan.connect().start()
    alice.waits_for(bob, nearby=True)
    bob.stop()
    alice.wait(lambda: alice.person(bob) is None, "the stranger is gone")
    bob.start()
    alice.waits_for(bob, nearby=True)


def test_a_contact_who_leaves_stays_in_the_book_and_is_not_nearby(lan):
    alice, bob = lan.connect().start_friends()
    bob.stop()
    alice.waits_for(bob, nearby=False, online=False, contact=True)
    alice.say(bob, "for later")
    bob.start()
    bob.waits_for_texts(alice, "for later")
    alice.waits_for(bob, nearby=True, online=True)


def test_where_there_is_nothing_but_a_cable_they_meet_by_its_own_addresses(lan):
    """No router, no IPv4: link-local IPv6, which is dialled only with the name of its card."""
    lan.home.connect(four=False, six=True)
    alice, bob = lan.start_friends()
    for one, other in ((alice, bob), (bob, alice)):
        hosts = one.person(other)["hosts"]
        assert hosts
        assert all("%" in host for host in hosts if host.startswith("[fe80:")), hosts
        [place] = hosts[:1]
        assert one.connect(place)["address"] == other.address
    alice.say(bob, "by cable")
    bob.waits_for_texts(alice, "by cable")
