import {
  asTarget,
  cautionsOf,
  fold,
  inGroups,
  isStranger,
  mayCompare,
  nameOf,
  presence,
  requestName,
  sections,
  trustOf,
  unreadInAll,
  unreadOf,
} from "/static/js/lists.js";
import { initialState } from "/static/js/state.js";
import { equal, test } from "./check.js";

const address = "a".repeat(56);
const person = (more) => ({
  address,
  name: "Budi",
  relation: "contact",
  contact: true,
  link: "offline",
  level: 0,
  ...more,
});
const state = (more) => ({ ...initialState, link: "open", ...more });
const key = (one, now = 0) =>
  presence(state({ people: { [address]: one } }), address, now, "en-GB").key;

test("an address to connect to is told from a name", () => {
  for (const text of [
    "192.168.1.7:6000",
    "[fe80::1%eth0]:6000",
    "laptop.local:6000",
    "p2pchat:abc?h=1",
    address,
    "AAAAAAA ".repeat(8),
  ])
    equal(asTarget(text), text.trim());
  for (const text of [
    "",
    "budi",
    "budi santoso",
    "at 12:30 today",
    "fe80::1",
    "1.2.3.4:",
    "1.2.3.4:123456",
  ])
    equal(asTarget(text), "");
});

test("an IP address without a port gets the usual one", () => {
  equal(asTarget(" 192.168.1.7 "), "192.168.1.7:6000");
});

test("presence says what is known, in this order", () => {
  equal(key(person({ blocked: true, online: true })), "presence.blocked");
  equal(key(person({ relation: "asked", online: true })), "presence.asked");
  equal(key(person({ online: true, link: "online" })), "presence.online");
  equal(key(person({ link: "connecting" })), "presence.connecting");
  equal(key(person({ link: "reconnecting", next_try_at: 8_000 })), "presence.retry");
  equal(key(person({ link: "reconnecting", next_try_at: 8_000 }), 9_000), "presence.reconnecting");
  equal(key(person({ link: "reconnecting", next_try_at: null })), "presence.reconnecting");
  equal(key(person({ last_seen_at: 5 })), "presence.seen");
  equal(key(person({ last_seen_at: null })), "presence.offline");
});

test("the countdown counts whole seconds up", () => {
  const one = person({ link: "reconnecting", next_try_at: 7_001 });
  equal(presence(state({ people: { [address]: one } }), address, 0, "en").values, { n: 8 });
});

test("nobody is called online by a page that lost its program", () => {
  const stopped = state({ link: "stopped", people: { [address]: person({ online: true }) } });
  equal(presence(stopped, address, 0, "en").key, "presence.unknown");
});

test("a name is ours, the chat's, the request's, or the key's beginning", () => {
  equal(nameOf(state({ people: { [address]: person() } }), address), "Budi");
  equal(
    nameOf(state({ chats: { [address]: { chat: address, name: "Kelas B" } } }), address),
    "Kelas B",
  );
  equal(nameOf(state({ requests: { [address]: { address, name: "Dewi" } } }), address), "Dewi");
  equal(nameOf(state({}), address), "aaaaaaa");
});

test("a chat with somebody we forgot, and never one of a group, is one with a stranger", () => {
  const chats = { [address]: { chat: address, kind: "direct" }, g: { chat: "g", kind: "group" } };
  equal(isStranger(state({ chats }), address), true);
  equal(isStranger(state({ chats, people: { [address]: person() } }), address), false);
  equal(
    isStranger(state({ chats, people: { [address]: person({ relation: "asked" }) } }), address),
    false,
  );
  equal(isStranger(state({ chats }), "g"), false);
});

const many = state({
  people: {
    b: person({ address: "b", name: "Budi", first_seen_at: 1 }),
    d: person({ address: "d", name: "Déwi", blocked: true }),
    e: person({ address: "e", name: "Eka", relation: "none", contact: false, nearby: true }),
    f: person({ address: "f", name: "Fajar", relation: "none", contact: false, nearby: false }),
  },
  chats: {
    b: { chat: "b", kind: "direct", name: "Budi", unread: 2, last: { at: 10 } },
    c: { chat: "c", kind: "direct", name: "Citra", unread: 3, last: { at: 20 } },
    d: { chat: "d", kind: "direct", name: "Déwi", unread: 0, last: { at: 30 } },
  },
  outgoing: { b: [{ at: 25 }] },
});
const keys = (list) => list.map((row) => row.key);

test("the chat where something happened last stands first, also when it is not sent yet", () => {
  equal(keys(sections(many).chats), ["b", "c"]);
});

test("whom we blocked stands apart, whom we do not know is shown only when near", () => {
  equal(keys(sections(many).blocked), ["d"]);
  equal(keys(sections(many).nearby), ["e"]);
  equal(keys(sections(many).people), []);
});

test("searching looks past accents and capitals", () => {
  equal(fold("DÉWI"), fold("dewi"));
  equal(keys(sections({ ...many, query: " dewi" }).blocked), ["d"]);
  equal(keys(sections({ ...many, query: "dewi" }).chats), []);
});

test("what is being looked at is not unread", () => {
  equal(unreadInAll(many), 5);
  equal(unreadOf({ ...many, selected: "c", attentive: true }, "c"), 0);
  equal(unreadOf({ ...many, selected: "c", attentive: false }, "c"), 3);
});

test("a key is read out in groups", () => {
  equal(inGroups("abcdefghij", 4), "abcd efgh ij");
});

test("trust is one word, and what differed goes before what was verified", () => {
  equal([0, 1, 2].map((level) => trustOf({ level })), ["not", "invite", "verified"]);
  equal(trustOf({ level: 2, held: true }), "held");
  equal(trustOf(undefined), "not");
});

test("emoji can be compared with a contact who is there and not yet verified", () => {
  const may = (more, link = "open") =>
    mayCompare(state({ link, people: { [address]: person({ online: true, ...more }) } }), address);
  equal([may(), may({ level: 1 })], [true, true]);
  const never = [{ online: false }, { contact: false }, { blocked: true }, { held: true }, { level: 2 }];
  equal(never.some((more) => may(more)), false);
  equal(may({}, "stopped"), false);
});

test("whoever asks us is not a stranger beside it", () => {
  const asked = { ...many, requests: { e: { address: "e", name: "Eka", at: 1 } } };
  equal(keys(sections(asked).nearby), []);
  equal(keys(sections(asked).requests.map(({ address: key }) => ({ key }))), ["e"]);
});

test("a request stands under the name it came with, and is found by that", () => {
  const request = { address: "e", name: "Zed ✓", at: 1, warnings: [] };
  const known = { ...many, requests: { e: request } };
  equal(requestName(request), "Zed");
  equal(requestName({ address, name: "✓" }), "aaaaaaa");
  equal(sections({ ...known, query: "zed" }).requests, [request]);
  equal(sections({ ...known, query: "eka" }).requests, []);
});

test("a request has the warnings of both its names, each once", () => {
  const [one, two, three] = ["same_name b", "same_place b", "same_name c"].map((text) => {
    const [code, whom] = text.split(" ");
    return { code, address: whom, name: "Budi" };
  });
  const people = { e: person({ warnings: [{ ...one }, three] }) };
  const request = { address: "e", warnings: [one, two] };
  equal(cautionsOf(state({ people }), request), [one, two, three]);
  equal(cautionsOf(state({}), request), [one, two]);
});
