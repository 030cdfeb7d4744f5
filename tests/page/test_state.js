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
