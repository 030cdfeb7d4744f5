import {
  EMPTY,
  MOST_LOADED,
  addMessage,
  addNewer,
  addOlder,
  changeMessage,
  letGo,
  removeMessage,
  replaceAll,
  settled,
} from "/static/js/timeline.js";
import { equal, same, test } from "./check.js";

const message = (id, state = "delivered") => ({ id, text: id, state });
const timeline = (...ids) => ({
  ...EMPTY,
  ready: true,
  newest: true,
  messages: ids.map((id) => message(id)),
});
const asking = { loading: { side: "all", asked: 1 } };
const ids = ({ messages }) => messages.map(({ id }) => id).join("");

test("a message heard twice stands there once", () => {
  equal(ids(addMessage(timeline("a"), message("a"))), "a");
});

test("a state never goes back because an older answer came later", () => {
  const read = { ...EMPTY, messages: [message("a", "read")] };
  equal(addMessage(read, message("a", "sent")).messages[0].state, "read");
  equal(replaceAll(read, [message("a", "waiting")], true, true).messages[0].state, "read");
});

test("an event of the program may take a state back", () => {
  equal(
    changeMessage({ ...EMPTY, messages: [message("a", "sent")] }, "a", { state: "waiting" })
      .messages[0].state,
    "waiting",
  );
});

test("news of a message that is not loaded changes nothing", () => {
  const before = timeline("a");
  same(changeMessage(before, "z", { state: "read" }), before);
});

test("an older page goes before, without what is there already", () => {
  const all = addOlder(timeline("c", "d"), [message("a"), message("b"), message("c")], true);
  equal(ids(all), "abcd");
  equal(all.complete, true);
});

test("a newer page goes behind, and tells whether it is the end", () => {
  const middle = { ...timeline("a", "b"), newest: false };
  const more = addNewer(middle, [message("c"), message("d")], false);
  equal([ids(more), more.newest], ["abcd", false]);
  equal(addNewer(more, [], true).newest, true);
});

test("a page for an end that the run does not have any more is not taken", () => {
  const middle = { ...timeline("b", "c"), newest: false, ...asking };
  equal(ids(addOlder(middle, [message("z")], true, "a")), "bc");
  equal(ids(addNewer(middle, [message("z")], true, "d")), "bc");
  equal(addOlder(middle, [message("z")], true, "a").complete, false);
  equal(addNewer(middle, [message("z")], true, "d").loading, null);
});

test("what arrives while a page is asked for stays behind it", () => {
  const opening = (...known) =>
    known.reduce((now, id) => addMessage(now, message(id)), { ...EMPTY, ...asking });
  const page = [message("a"), message("b")];
  equal(ids(replaceAll(opening("c"), page, false, true)), "abc");
  equal(ids(replaceAll(opening("b"), page, false, true)), "ab");
  equal(ids(replaceAll(opening("b", "c"), page, false, true)), "abc");
  equal(ids(replaceAll(opening("c"), page, false, false)), "ab");
});

test("what is heard while the last page is asked for is not lost at the joint", () => {
  const middle = { ...timeline("a"), newest: false, ...asking };
  const heard = changeMessage(addMessage(middle, message("c")), "b", { text: "changed" });
  equal(ids(heard), "a");
  const all = addNewer(heard, [message("b")], true);
  equal([ids(all), all.messages[1].text, all.late], ["abc", "changed", []]);
  equal(ids(removeMessage(settled({ ...heard, newest: true }), "c")), "a");
});

test("what goes while a page is on its way is gone when it came", () => {
  const middle = { ...timeline("c"), ...asking };
  equal(ids(addOlder(removeMessage(middle, "b"), [message("a"), message("b")], true)), "ac");
});

test("a message that arrives where the newest are not loaded is not loaded either", () => {
  equal(ids(addMessage({ ...timeline("a"), newest: false }, message("z"))), "a");
});

test("a page from somewhere else takes the place of everything", () => {
  const all = replaceAll(timeline("a", "b"), [message("y"), message("z")], false, false);
  equal([ids(all), all.complete, all.newest], ["yz", false, false]);
});

test("of very many the side further from what is drawn is let go", () => {
  const many = { ...timeline(), complete: true };
  many.messages = Array.from({ length: MOST_LOADED + 100 }, (_, at) => message(`m${at}`));
  const up = letGo(many, { start: 0, end: 200 });
  equal([up.messages[0].id, up.complete, up.newest], ["m0", true, false]);
  const down = letGo(many, { start: 500, end: 700 });
  equal([down.messages.at(-1).id, down.complete, down.newest], ["m699", false, true]);
  for (const [start, end] of [[0, 200], [250, 450], [340, 360], [500, 700]]) {
    const { messages } = letGo(many, { start, end });
    equal(messages.length < MOST_LOADED, true);
    const drawn = many.messages.slice(start, end);
    equal(drawn.every((one) => messages.includes(one)), true);
  }
  same(letGo(up, { start: 0, end: 200 }), up);
  const busy = { ...many, ...asking };
  same(letGo(busy, { start: 0, end: 200 }), busy);
});

test("the row of a message that this tab sent stays the same row", () => {
  const known = { ...EMPTY, messages: [{ ...message("a"), key: "k" }] };
  equal(replaceAll(known, [message("a")], true, true).messages[0].key, "k");
  equal(addMessage(timeline("a"), message("a"), "k").messages[0].key, "k");
});

test("a message that belongs before another stands there, and one that is known moves there", () => {
  equal(ids(addMessage(timeline("a", "c"), message("b"), undefined, "c")), "abc");
  equal(ids(addMessage(timeline("c", "a", "b"), message("c"), undefined, null)), "cab");
  equal(ids(addMessage(timeline("a", "b", "c"), message("c"), undefined, "a")), "cab");
  equal(ids(addMessage(timeline("a", "b", "c"), message("a"), undefined, "c")), "bac");
});

test("what belongs before a message that is not loaded is not loaded either", () => {
  const before = timeline("b", "c");
  same(addMessage(before, message("a"), undefined, "unknown"), before);
});

test("our own message keeps its row and its state where it moves to", () => {
  const known = { ...EMPTY, messages: [message("a"), { ...message("b", "sent"), key: "k" }] };
  const [first] = addMessage(known, message("b", "waiting"), undefined, "a").messages;
  equal([first.id, first.key, first.state], ["b", "k", "sent"]);
});

test("a message that goes leaves the others, and one that is not there changes nothing", () => {
  equal(ids(removeMessage(timeline("a", "b", "c"), "b")), "ac");
  const before = timeline("a");
  same(removeMessage(before, "z"), before);
});
