import {
  EMPTY,
  addMessage,
  addNewest,
  addOlder,
  changeMessage,
  removeMessage,
} from "/static/js/timeline.js";
import { equal, same, test } from "./check.js";

const message = (id, state = "delivered") => ({ id, text: id, state });
const timeline = (...ids) => ({ ...EMPTY, ready: true, messages: ids.map((id) => message(id)) });
const ids = ({ messages }) => messages.map(({ id }) => id).join("");

test("a message heard twice stands there once", () => {
  equal(ids(addMessage(timeline("a"), message("a"))), "a");
});

test("a state never goes back because an older answer came later", () => {
  const read = { ...EMPTY, messages: [message("a", "read")] };
  equal(addMessage(read, message("a", "sent")).messages[0].state, "read");
  equal(addNewest(read, [message("a", "waiting")], true).messages[0].state, "read");
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

test("what arrives while the newest page is asked for stays behind it", () => {
  const opening = (...known) => ({ ...timeline(...known), ready: false });
  equal(ids(addNewest(opening("c"), [message("a"), message("b")], false)), "abc");
  equal(ids(addNewest(opening("b"), [message("a"), message("b")], false)), "ab");
  equal(ids(addNewest(opening("b", "c"), [message("a"), message("b")], false)), "abc");
});

test("after a time without news the pages join", () => {
  const all = addNewest(
    { ...timeline("a", "b", "c"), complete: true },
    [message("b"), message("c"), message("d")],
    false,
  );
  equal(ids(all), "abcd");
  equal(all.complete, true);
});

test("where a gap would remain, what was loaded goes", () => {
  const all = addNewest(
    { ...timeline("a", "b"), complete: true },
    [message("y"), message("z")],
    false,
  );
  equal(ids(all), "yz");
  equal(all.complete, false);
});

test("the row of a message that this tab sent stays the same row", () => {
  const known = { ...EMPTY, messages: [{ ...message("a"), key: "k" }] };
  equal(addNewest(known, [message("a")], true).messages[0].key, "k");
  equal(addMessage(timeline("a"), message("a"), "k").messages[0].key, "k");
});

test("a page that was asked for before the last message came does not take it away", () => {
  equal(ids(addNewest(timeline("a", "b", "c", "d"), [message("b"), message("c")], false)), "abcd");
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
