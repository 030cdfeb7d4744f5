import { quoteOf } from "/static/js/acts.js";
import { isEmoji } from "/static/js/emoji.js";
import { changesEvery, inShort, inWords } from "/static/js/durations.js";
import { toggleMark } from "/static/js/marking.js";
import { initialState, reduce } from "/static/js/state.js";
import { reactions } from "/static/js/words/reactions.js";
import { equal, same, test } from "./check.js";

const ME = "m";
const say = (id, more = {}) => ({
  id,
  chat: "b",
  author: "b",
  author_name: "",
  own: false,
  kind: "text",
  text: `text ${id}`,
  at: 1,
  state: "delivered",
  mentions: [],
  pinned: false,
  ...more,
});
const answer = (id, to) => say(id, { own: true, author: ME, quote: quoteOf(to), reply_to: to.id });

function chatWith(...messages) {
  const entry = { chat: "b", unread: 0, first_unread: null, last: messages.at(-1), pins: 0, mentioned: false };
  const state = { ...initialState, me: { address: ME }, chats: { b: entry } };
  const opened = reduce(state, { type: "chat.opened", chat: "b" });
  const timeline = { ...opened.timelines.b, messages, ready: true, complete: true, newest: true };
  return { ...opened, timelines: { b: timeline } };
}
const change = (state, message) => reduce(state, { type: "message.changed", chat: "b", message });
const shown = (state) => state.timelines.b.messages;

test("a message that changed takes its quotes along, and how far it has come stays as it was", () => {
  const first = say("1", { own: true, author: ME, state: "read" });
  const state = chatWith(first, answer("2", first), say("3"));
  const next = change(state, { ...first, text: "other words", state: "sent" });
  equal(shown(next)[0].text, "other words");
  equal(shown(next)[0].state, "read");
  equal(shown(next)[1].quote.text, "other words");
  same(shown(next)[2], shown(state)[2]);
  const deleted = change(next, { ...first, kind: "deleted", text: "" });
  equal([shown(deleted)[1].quote.kind, shown(deleted)[1].quote.text], ["deleted", ""]);
});

test("what is gone from here leaves no words in quotes, and nobody answering or changing it", () => {
  const first = say("1");
  let state = chatWith(first, answer("2", first));
  state = reduce(state, { type: "pins.loaded", chat: "b", pins: [first] });
  state = reduce(state, { type: "reply.changed", chat: "b", quote: quoteOf(first) });
  state = reduce(state, { type: "edit.changed", chat: "b", edit: { id: "1", text: "x" } });
  const gone = reduce(state, { type: "message.removed", chat: "b", id: "1" });
  equal([shown(gone)[0].quote.kind, shown(gone)[0].quote.text], ["missing", ""]);
  equal([gone.replies, gone.edits, gone.pins.b], [{}, {}, []]);
  const deleted = change(state, { ...first, kind: "deleted", text: "" });
  equal([deleted.replies, deleted.edits, deleted.pins.b], [{}, {}, []]);
});

test("the column shows what the last message reads now", () => {
  const last = say("2");
  const next = change(chatWith(say("1"), last), { ...last, text: "changed" });
  equal(next.chats.b.last.text, "changed");
  equal(change(next, say("1", { text: "older" })).chats.b.last.text, "changed");
});

test("a quote holds two hundred characters, and cuts none in two", () => {
  const { text } = quoteOf(say("1", { text: "😀".repeat(300) }));
  equal([...text].length, 200);
  equal(quoteOf(say("1", { kind: "deleted", text: "" })).text, "");
});

test("answering ends a change, and both can be dropped", () => {
  let state = reduce(chatWith(say("1")), { type: "edit.changed", chat: "b", edit: { id: "1" } });
  state = reduce(state, { type: "reply.changed", chat: "b", quote: quoteOf(say("1")) });
  equal(state.edits, {});
  equal(reduce(state, { type: "reply.changed", chat: "b", quote: null }).replies, {});
});

test("who types is known until nobody does", () => {
  const people = [{ address: "b", name: "Budi" }];
  const state = reduce(initialState, { type: "typing.changed", chat: "b", people });
  equal(state.typing, { b: people });
  equal(reduce(state, { type: "typing.changed", chat: "b", people: [] }).typing, {});
});

test("an unread message that names us marks its chat, until the program says otherwise", () => {
  const state = { ...chatWith(say("1")), selected: null };
  const mentions = [{ start: 0, length: 2, address: ME, name: "" }];
  const heard = (message) => reduce(state, { type: "message.added", chat: "b", message });
  equal(heard(say("2")).chats.b.mentioned, false);
  equal(heard(say("2", { mentions })).chats.b.mentioned, true);
  equal(heard(say("2", { mentions, own: true })).chats.b.mentioned, false);
});

test("marks go around what is selected, and away again", () => {
  const apply = (text, from, to, mark) => {
    const made = toggleMark(text, from, to, mark);
    const now = text.slice(0, made.start) + made.text + text.slice(made.end);
    return [now, now.slice(made.from, made.to)];
  };
  equal(apply("so bold now", 3, 7, "**"), ["so **bold** now", "bold"]);
  equal(apply("so **bold** now", 5, 9, "**"), ["so bold now", "bold"]);
  equal(apply("so **bold** now", 5, 9, "*"), ["so ***bold*** now", "bold"]);
  equal(apply("so ***bold*** now", 6, 10, "*"), ["so **bold** now", "bold"]);
  equal(apply("so *it* now", 4, 6, "**"), ["so ***it*** now", "it"]);
  equal(apply(" spaces ", 0, 8, "*"), [" *spaces* ", "spaces"]);
  equal(apply("", 0, 0, "**"), ["****", ""]);
});

test("times are told exactly where they are chosen, and about where they run down", () => {
  equal([5, 90, 3_600, 86_400, 1_209_600].map(inWords), [
    "5 seconds", "1 minute 30 seconds", "1 hour", "1 day", "2 weeks",
  ]);
  equal([0, 0.2, 59, 61, 7_300, 90_000].map(inShort), ["0s", "1s", "59s", "1m", "2h", "1d"]);
  equal([changesEvery(59), changesEvery(60)], [1, 30]);
});

test("a reaction is an emoji, whatever a program sends: no word, digit or sign that turns the text", () => {
  const good = [
    ...reactions.map(([emoji]) => emoji), "❤", "👍🏿", "🇮🇩", "1️⃣", "#⃣", "👁️‍🗨️", "🕵🏿‍♂️", "👨‍👩‍👧‍👦", "👩🏽‍❤️‍💋‍👨🏻", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  ];
  for (const emoji of good) equal([emoji, isEmoji(emoji)], [emoji, true]);
  const bad = [
    "", " ", "1", "12", "дурак", "笨", "\u202e", "\u202e👍", "👍\u202e", "\u2066👍\u2069", "\u200b", "👍\u200b",
    "\u200d", "👍\u200d", "\u200d👍", "\ufe0f", "👍👍", "🇮", "🇮🇩🇮", "👍\n", "👍 ", "👍\u0301", "\u0301".repeat(16),
    "🏴\u{e0067}", "👍\u{e0061}", "👍" + "\u200d👍".repeat(7), "\u00a0", "\ue000", "!", "<b>", "א",
  ];
  for (const text of bad) equal([text, isEmoji(text)], [text, false]);
});
