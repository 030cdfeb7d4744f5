import { initialState, reduce } from "/static/js/state.js";
import { equal, same, test } from "./check.js";

const message = (id, more) => ({
  id,
  chat: "b",
  author: "b",
  own: false,
  kind: "text",
  text: id,
  at: 1,
  state: "delivered",
  ...more,
});
const chat = (more) => ({
  chat: "b",
  kind: "direct",
  name: "Budi",
  unread: 0,
  first_unread: null,
  last: null,
  ...more,
});
const after = (state, ...events) => events.reduce(reduce, state);
const known = { ...initialState, chats: { b: chat() } };
const opened = after(
  known,
  { type: "chat.opened", chat: "b" },
  { type: "page.loaded", chat: "b", page: [], complete: true },
);
const texts = (state) => state.timelines.b.messages.map(({ text }) => text).join(" ");
const added = (one, more) => ({ type: "message.added", chat: "b", message: one, ...more });
const item = { key: "k", own: true, kind: "text", text: "hi", at: 2, state: "sending" };

test("what a newer program speaks of and we do not know changes nothing", () => {
  same(reduce(known, { type: "tea.ready" }), known);
  same(reduce(known, { type: "constructor" }), known);
});

test("a message to a chat that is not loaded is counted and shown in the column", () => {
  const { chats, timelines } = after(known, added(message("m1")), added(message("m2")));
  equal(chats.b.unread, 2);
  equal(chats.b.first_unread, "m1");
  equal(chats.b.last.id, "m2");
  equal(timelines.b, undefined);
});

test("what the chat's own news counted already is not counted again", () => {
  const one = message("m1");
  const told = { type: "chat.changed", chat: chat({ unread: 1, first_unread: "m1", last: one }) };
  equal(after(known, told, added(one)).chats.b.unread, 1);
  equal(after(known, added(one), told).chats.b.unread, 1);
  equal(after(known, added(one, { counted: true })).chats.b.unread, 0);
});

test("our own messages are never unread", () => {
  equal(after(known, added(message("m1", { own: true }))).chats.b.unread, 0);
});

test("what arrives while nobody looks begins below the unread line", () => {
  const away = after(opened, added(message("m1")), added(message("m2")));
  equal(away.timelines.b.divider, "m1");
  const looking = after(
    opened,
    { type: "attention.changed", attentive: true },
    added(message("m1")),
  );
  equal(looking.timelines.b.divider, null);
});

test("answering takes the unread line away", () => {
  equal(
    after(opened, added(message("m1")), { type: "outgoing.added", chat: "b", item }).timelines.b
      .divider,
    null,
  );
});

test("a message is there once, whether the event or the answer comes first", () => {
  const real = message("m1", { own: true, text: "hi", state: "waiting" });
  const answered = { type: "outgoing.removed", chat: "b", key: "k", message: real };
  const waiting = reduce(opened, { type: "outgoing.added", chat: "b", item });
  for (const order of [
    [added(real), answered],
    [answered, added(real)],
  ]) {
    const state = after(waiting, ...order);
    equal(texts(state), "hi");
    equal(state.outgoing, {});
    equal(state.timelines.b.messages[0].key, "k");
  }
});

test("of two equal texts under way only the first is the one that was taken", () => {
  const two = after(
    opened,
    { type: "outgoing.added", chat: "b", item },
    { type: "outgoing.added", chat: "b", item: { ...item, key: "k2" } },
  );
  const state = reduce(two, added(message("m1", { own: true, text: "hi" })));
  equal(
    state.outgoing.b.map(({ key }) => key),
    ["k2"],
  );
});

test("what did not reach the program is not mistaken for what another tab sent", () => {
  const unreached = reduce(opened, {
    type: "outgoing.added",
    chat: "b",
    item: { ...item, state: "unreached" },
  });
  equal(reduce(unreached, added(message("m1", { own: true, text: "hi" }))).outgoing.b.length, 1);
});

test("a new state reaches the bubble and the column", () => {
  const sent = after(opened, added(message("m1", { own: true, state: "sent" })));
  const state = reduce(sent, { type: "message.state", chat: "b", id: "m1", state: "delivered" });
  equal(state.timelines.b.messages[0].state, "delivered");
  equal(state.chats.b.last.state, "delivered");
});

test("opening a chat draws the unread line where the program says", () => {
  const unread = { ...initialState, chats: { b: chat({ unread: 2, first_unread: "m7" }) } };
  equal(reduce(unread, { type: "chat.opened", chat: "b" }).timelines.b.divider, "m7");
});

test("only the last few chats keep their messages", () => {
  const state = Array.from("abcdefghij").reduce(
    (now, one) => reduce(now, { type: "chat.opened", chat: one }),
    initialState,
  );
  equal(Object.keys(state.timelines).length, 6);
  equal("j" in state.timelines, true);
});

test("coming back keeps the chat that is looked at and drops the others", () => {
  const two = after(opened, { type: "chat.opened", chat: "c" });
  const news = {
    type: "synced",
    me: { address: "me" },
    people: [],
    requests: [],
    chats: [chat(), chat({ chat: "c" })],
  };
  const state = reduce(two, news);
  equal(state.link, "open");
  equal(Object.keys(state.timelines), ["c"]);
});

test("coming back to find the chat gone closes it", () => {
  const state = reduce(opened, { type: "synced", me: {}, people: [], requests: [], chats: [] });
  equal(state.selected, null);
});

test("forgetting somebody with the history leaves nothing of the chat", () => {
  const state = after(
    opened,
    { type: "draft.changed", chat: "b", text: "x" },
    { type: "chat.removed", chat: "b" },
  );
  equal([state.selected, state.chats, state.timelines, state.drafts], [null, {}, {}, {}]);
});

test("the same notice again replaces the first one", () => {
  const state = after(
    initialState,
    { type: "notice", code: "a" },
    { type: "notice", code: "b" },
    { type: "notice", code: "a" },
  );
  equal(
    state.notices.map(({ code }) => code),
    ["b", "a"],
  );
});

test("an event leaves the state it came upon untouched", () => {
  const before = JSON.stringify(opened);
  after(
    opened,
    added(message("m1")),
    { type: "outgoing.added", chat: "b", item },
    { type: "chat.closed" },
  );
  equal(JSON.stringify(opened), before);
});

const run = (state, more) => ({
  type: "sas.changed",
  person: "b",
  state,
  emoji: [],
  started_by_me: true,
  reason: "",
  ...more,
});
const synced = { type: "synced", me: null, people: [], requests: [], chats: [] };

test("the end of a comparing stays until it was seen, but our own giving up does not", () => {
  const over = after(known, run("waiting"), run("verified"));
  equal(over.sas.b.state, "verified");
  equal(after(over, { type: "sas.closed", person: "b" }).sas, {});
  equal(after(known, run("waiting"), run("cancelled", { reason: "by_me" })).sas, {});
  equal(after(known, run("cancelled", { reason: "by_them" })).sas.b.state, "cancelled");
});

test("a comparing that the program does not know any more was lost; one it knows is shown", () => {
  const { type: _, ...told } = run("compare");
  equal(after(known, run("waiting"), synced).sas.b.reason, "connection_lost");
  equal(after(known, run("different"), synced).sas.b.state, "different");
  equal(after(known, { ...synced, sas: [told] }).sas.b.state, "compare");
});

test("a stranger who leaves while we look at them stays, anybody else goes", () => {
  const stranger = { address: "s", name: "Eka", relation: "none", nearby: true, online: true };
  const seen = after(known, { type: "person.changed", person: stranger });
  const gone = { type: "person.removed", address: "s" };
  equal(after(seen, gone).people, {});
  const looking = after(seen, { type: "chat.opened", chat: "s" }, gone);
  equal(looking.selected, "s");
  equal([looking.people.s.name, looking.people.s.nearby], ["Eka", false]);
});

const group = (more) => ({ chat: "g", name: "Kelas", standing: "member", members: [], ...more });
const inGroup = {
  ...initialState,
  chats: { g: chat({ chat: "g", kind: "group", name: "Kelas" }) },
  groups: { g: group() },
};
const talking = after(
  inGroup,
  { type: "chat.opened", chat: "g" },
  { type: "page.loaded", chat: "g", page: [message("m1"), message("m3")], complete: true },
);
const inOrder = (state) => state.timelines.g.messages.map(({ id }) => id).join(" ");

test("groups come with the rest, change, and go", () => {
  const state = after(known, { ...synced, groups: [group()] });
  equal(Object.keys(state.groups), ["g"]);
  const renamed = reduce(state, { type: "group.changed", group: group({ name: "Kelas B" }) });
  equal(renamed.groups.g.name, "Kelas B");
  equal(reduce(renamed, { type: "group.removed", chat: "g" }).groups, {});
});

test("coming back keeps a group open that has no chat yet", () => {
  const state = after(inGroup, { type: "chat.opened", chat: "g" }, { ...synced, groups: [group()] });
  equal(state.selected, "g");
  equal(reduce(state, { type: "group.removed", chat: "g" }).selected, null);
});

test("a message that was late stands where it belongs, and is not the last one said", () => {
  const late = { type: "message.added", chat: "g", message: message("m2"), before: "m3" };
  const state = after(talking, { type: "chat.changed", chat: talking.chats.g }, late);
  equal(inOrder(state), "m1 m2 m3");
  equal([state.chats.g.last, state.chats.g.unread, state.timelines.g.divider], [null, 1, null]);
});

test("a line that no longer counts goes, and what is unread begins with the next", () => {
  const unread = after(talking, { type: "message.added", chat: "g", message: message("m4") });
  equal(unread.timelines.g.divider, "m4");
  const gone = (state, id) => reduce(state, { type: "message.removed", chat: "g", id });
  equal(inOrder(gone(unread, "m1")), "m3 m4");
  equal(gone(unread, "m4").timelines.g.divider, null);
  const more = reduce(unread, { type: "message.added", chat: "g", message: message("m5") });
  equal(gone(more, "m4").timelines.g.divider, "m5");
  equal(gone(talking, "unknown"), talking);
  equal(reduce(inGroup, { type: "message.removed", chat: "g", id: "m1" }), inGroup);
});

test("when the last line goes, the one before it is the last", () => {
  const said = reduce(talking, { type: "message.added", chat: "g", message: message("m4") });
  const gone = { type: "message.removed", chat: "g", id: "m4" };
  equal(reduce(said, gone).chats.g.last.id, "m3");
  const away = { ...said, timelines: {} };
  equal(reduce(away, gone).chats.g.last, null);
  equal(reduce(said, { ...gone, id: "m1" }).chats.g.last.id, "m4");
});

test("a line about members is nothing unread until the program says so", () => {
  const line = message("m4", { kind: "system" });
  const state = reduce(talking, { type: "message.added", chat: "g", message: line });
  equal([state.chats.g.unread, state.chats.g.last.id, state.timelines.g.divider], [0, "m4", null]);
});

test("what speaks of a chat closes with it", () => {
  for (const panel of ["details", "add", "seen"]) {
    const state = reduce(talking, { type: "panel.changed", panel });
    equal(reduce(state, { type: "chat.opened", chat: "b" }).panel, null);
    equal(reduce(state, { type: "chat.closed" }).panel, null);
  }
  const making = reduce(talking, { type: "panel.changed", panel: "group" });
  equal(reduce(making, { type: "chat.opened", chat: "b" }).panel, "group");
});
