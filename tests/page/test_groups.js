import {
  candidates,
  countsOf,
  isGroup,
  isInvited,
  isMuted,
  mayManage,
  memberName,
  membersOf,
  missingIn,
  namesOf,
  systemLine,
} from "/static/js/groups.js";
import { isStranger, nameOf, sections, unreadInAll } from "/static/js/lists.js";
import { initialState } from "/static/js/state.js";
import { equal, same, test } from "./check.js";

const own = "m".repeat(56);
const [budi, dewi, eka] = ["b", "d", "e"].map((letter) => letter.repeat(56));
const member = (address, name, more) => ({
  address,
  name,
  role: "member",
  own: address === own,
  contact: false,
  online: false,
  ...more,
});
const group = (more) => ({
  chat: "g",
  name: "Kelas B",
  standing: "member",
  role: "member",
  made_at: 5,
  muted: false,
  missing: [],
  members: [
    member(eka, "Eka"),
    member(budi, "Budi", { role: "admin", online: true }),
    member(own, "", { role: "member" }),
    member(dewi, "Dewi", { role: "creator", online: true }),
  ],
  ...more,
});
const state = (more) => ({ ...initialState, me: { address: own }, groups: { g: group() }, ...more });
const contact = (address, name) => ({ address, name, contact: true, relation: "contact" });

test("a group is one by its own table as well as by its chat, and never a stranger", () => {
  equal([isGroup(state(), "g"), isGroup(state(), budi)], [true, false]);
  equal(isGroup({ chats: { g: { kind: "group" } } }, "g"), true);
  equal(isStranger(state(), "g"), false);
  equal(nameOf(state(), "g"), "Kelas B");
});

test("a contact goes by our name for them, whoever else by the one that was told", () => {
  const known = state({ people: { [budi]: contact(budi, "Pak Budi") } });
  equal(memberName(known, "g", budi), "Pak Budi");
  equal(memberName(known, "g", dewi), "Dewi");
  const seen = state({ people: { [dewi]: { address: dewi, name: "Mallory", contact: false } } });
  equal(memberName(seen, "g", dewi), "Dewi");
});

test("whoever left goes by the name that came with what they said", () => {
  equal(memberName(state(), "g", "x".repeat(56), "Xena ✓"), "Xena");
  equal(memberName(state(), "g", "x".repeat(56)), "xxxxxxx");
});

test("two members of one name are told apart by their keys, and nobody else", () => {
  const twins = group({ members: [member(budi, "Budi"), member(eka, "BUDI"), member(dewi, "Dewi")] });
  const names = namesOf(state({ groups: { g: twins } }), "g");
  equal([...names.values()], ["Budi (bbbbbbb)", "BUDI (eeeeeee)", "Dewi"]);
});

test("names are found once as long as nothing changes", () => {
  const known = state();
  same(namesOf(known, "g"), namesOf(known, "g"));
  const renamed = { ...known, people: { [budi]: contact(budi, "Pak Budi") } };
  equal(namesOf(renamed, "g").get(budi), "Pak Budi");
});

test("we stand first among the members, then who made it, the admins, and all by name", () => {
  equal(
    membersOf(state(), "g").map(({ key }) => key),
    [own, dewi, budi, eka],
  );
  equal(membersOf(state(), "unknown"), []);
});

test("we are there as well as whoever has a link", () => {
  equal(countsOf(group()), { n: 4, online: 3 });
});

test("what is missing is counted over all authors", () => {
  equal(missingIn(group()), 0);
  equal(missingIn(group({ missing: [{ count: 3 }, { count: 2 }] })), 5);
});

test("only admins who are still in it manage a group", () => {
  const may = (role, standing = "member") => mayManage(group({ role, standing }));
  equal([may("creator"), may("admin"), may("member")], [true, true, false]);
  equal([may("admin", "removed"), may("", "left"), may("admin", "invited")], [false, false, false]);
});

test("contacts who are not in it can be added, strangers and blocked people cannot", () => {
  const people = {
    [budi]: contact(budi, "Budi"),
    x: contact("x", "Xena"),
    a: contact("a", "Ayu"),
    y: { ...contact("y", "Yan"), blocked: true },
    z: { address: "z", name: "Zed", contact: false },
  };
  const keys = (chat) => candidates(state({ people }), chat).map(({ name }) => name);
  equal(keys("g"), ["Ayu", "Xena"]);
  equal(keys(null), ["Ayu", "Budi", "Xena"]);
});

const line = (system, more = state()) => {
  const { key, by, who } = systemLine(more, "g", {
    by: "",
    by_name: "",
    who: "",
    who_name: "",
    name: "",
    role: "",
    history: true,
    ...system,
  });
  return [key, by, who];
};

test("a line of the group tells who did what to whom, and knows us in every part", () => {
  equal(line({ what: "added", by: own, who: budi }), ["system.added.you", "mmmmmmm", "Budi"]);
  equal(line({ what: "added", by: dewi, who: own })[0], "system.added.me");
  equal(line({ what: "added", by: dewi, who: budi })[0], "system.added.other");
  equal(line({ what: "added", by: dewi, who: budi, history: false })[0], "system.added.other_new");
  equal(line({ what: "removed", by: dewi, who: "x".repeat(56), who_name: "Xena" }), [
    "system.removed.other",
    "Dewi",
    "Xena",
  ]);
  equal(line({ what: "role", role: "admin", by: dewi, who: own })[0], "system.admin.me");
  equal(line({ what: "role", role: "member", by: own, who: dewi })[0], "system.member.you");
  equal(line({ what: "created", by: own })[0], "system.created.you");
  equal(line({ what: "renamed", by: budi }).slice(0, 2), ["system.renamed.other", "Budi"]);
});

test("whoever left is told by the name that came with it, for they are no member now", () => {
  equal(line({ what: "left", by: own })[0], "system.left.you");
  const gone = { what: "left", by: "x".repeat(56), by_name: "Xena" };
  equal(line(gone), ["system.left.other", "Xena", ""]);
});

test("a group we were invited to is asked about, and stands in no other list", () => {
  const chats = { g: { chat: "g", kind: "group", name: "Kelas B", unread: 3, last: null } };
  const invited = state({ chats, groups: { g: group({ standing: "invited" }) } });
  equal(isInvited(invited, "g"), true);
  const { chats: shown, invitations } = sections(invited);
  equal([shown.length, invitations.map(({ key }) => key)], [0, ["g"]]);
  equal(unreadInAll(invited), 0);
  const { chats: there, invitations: none } = sections(state({ chats }));
  equal([there.map(({ key }) => key), none], [["g"], []]);
  equal(sections({ ...invited, query: "zzz" }).invitations, []);
});

test("a muted group has its number, and calls for no attention", () => {
  const chats = { g: { chat: "g", kind: "group", unread: 3, muted: true } };
  equal(unreadInAll(state({ chats })), 3); // the group's own word is the newer one
  const muted = state({ chats, groups: { g: group({ muted: true }) } });
  equal([isMuted(muted, "g"), unreadInAll(muted)], [true, 0]);
});
