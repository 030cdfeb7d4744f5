import { MOST, keepWindow, moveWindow, rowsOf, windowAt } from "/static/js/rows.js";
import { equal, test } from "./check.js";

const noon = Date.parse("2026-05-06T12:00+07:00");
const MINUTE = 60_000;
const message = (id, author, at, more) => ({
  id,
  author,
  own: author === "me",
  kind: "text",
  text: id,
  at,
  ...more,
});
const draw = (
  messages,
  { divider = null, newest, outgoing = [], start = 0, end = messages.length } = {},
) => rowsOf({ messages, divider, newest }, outgoing, { start, end });
const shape = (rows) =>
  rows.map((row) =>
    row.kind === "message" ? `${row.first ? "[" : ""}${row.key}${row.last ? "]" : ""}` : row.kind,
  );

test("what one person says within five minutes is one group", () => {
  const messages = [
    message("a", "b", noon),
    message("b", "b", noon + 4 * MINUTE),
    message("c", "b", noon + 10 * MINUTE),
    message("d", "me", noon + 10 * MINUTE),
  ];
  equal(shape(draw(messages)), ["day", "[a", "b]", "[c]", "[d]"]);
});

test("a new day has its line, and ends a group", () => {
  const midnight = noon + 12 * 60 * MINUTE;
  equal(shape(draw([message("a", "b", midnight - MINUTE), message("b", "b", midnight + MINUTE)])), [
    "day",
    "[a]",
    "day",
    "[b]",
  ]);
});

test("the unread line stands before the first unread message, and ends a group", () => {
  const messages = [message("a", "b", noon), message("b", "b", noon), message("c", "b", noon)];
  equal(shape(draw(messages, { divider: "b" })), ["day", "[a]", "unread", "[b", "c]"]);
});

test("what is not taken yet stands at the end, in the same group, and nowhere else", () => {
  const messages = [message("a", "me", noon), message("b", "me", noon)];
  const outgoing = [{ ...message(undefined, "me", noon), key: "k" }];
  equal(shape(draw(messages, { outgoing })), ["day", "[a", "b", "k]"]);
  equal(shape(draw(messages, { outgoing, end: 1 })), ["day", "[a"]);
  equal(shape(draw(messages, { outgoing, newest: false })), ["day", "[a", "b]"]);
});

test("a window in the middle of a group neither begins nor ends it", () => {
  const messages = ["a", "b", "c", "d"].map((id) => message(id, "b", noon));
  equal(shape(draw(messages, { start: 1, end: 3 })), ["b", "c"]);
});

test("a message that this tab sent keeps its row when the program names it", () => {
  equal(draw([message("id1", "me", noon, { key: "k" })]).at(-1).key, "k");
});

test("rows have keys of their own, day by day", () => {
  const messages = Array.from({ length: 90 }, (_, at) =>
    message(`m${at}`, "b", noon + at * 300 * MINUTE),
  );
  const keys = draw(messages, { divider: "m9" }).map(({ key }) => key);
  equal(new Set(keys).size, keys.length);
});

test("walking from the newest to the oldest and back never draws more than the most", () => {
  const length = 10_000;
  let range = windowAt(length);
  equal(range.end, length);
  let steps = 0;
  for (; range.start > 0; steps += 1) {
    const next = moveWindow(range, length, "up");
    equal(
      next.start < range.start && next.end - next.start <= MOST && next.end > range.start,
      true,
    );
    range = next;
  }
  for (; range.end < length; steps += 1) {
    const next = moveWindow(range, length, "down");
    equal(next.end > range.end && next.end - next.start <= MOST && next.start < range.end, true);
    range = next;
  }
  equal(steps < 2_000, true);
});

test("a window around a message holds some on both sides", () => {
  equal(windowAt(1_000, 500), { start: 480, end: 520 });
  equal(windowAt(10, 3), { start: 0, end: 10 });
});

const held = (...ids) => ids.map((id) => ({ id }));

test("the window keeps its messages when older ones come in front", () => {
  equal(keepWindow({ start: 1, end: 2 }, held("c", "d", "e"), held("a", "b", "c", "d", "e")), {
    start: 3,
    end: 4,
  });
});

test("a window that showed the newest message shows the new ones too", () => {
  equal(keepWindow({ start: 0, end: 2 }, held("a", "b"), held("a", "b", "c")), {
    start: 0,
    end: 3,
  });
  equal(keepWindow({ start: 0, end: 1 }, held("a", "b"), held("a", "b", "c")), {
    start: 0,
    end: 1,
  });
  equal(keepWindow({ start: 0, end: 0 }, held(), held("a")), { start: 0, end: 1 });
});

test("a window at the end of what is loaded does not grow with every page, nor above the most", () => {
  const many = held(...Array.from({ length: 400 }, (_, at) => `m${at}`));
  equal(keepWindow({ start: 0, end: 100 }, many.slice(0, 100), many, false), { start: 0, end: 100 });
  equal(keepWindow({ start: 0, end: 100 }, many.slice(0, 100), many), { start: 0, end: MOST });
});

test("a window over messages that are gone shows nothing of the new ones", () => {
  equal(keepWindow({ start: 0, end: 2 }, held("a", "b"), held("x", "y")), null);
});

test("the window keeps what it shows when messages come between and others go", () => {
  const before = held("a", "b", "c", "d", "e");
  const range = { start: 1, end: 4 };
  equal(keepWindow(range, before, held("a", "b", "x", "c", "d", "e")), { start: 1, end: 5 });
  equal(keepWindow(range, before, held("x", "a", "b", "c", "d", "e")), { start: 2, end: 5 });
  equal(keepWindow(range, before, held("a", "c", "d", "e")), { start: 1, end: 3 });
  equal(keepWindow(range, before, held("b", "c", "e")), { start: 0, end: 2 });
  equal(keepWindow(range, before, held("a", "e")), null);
  equal(keepWindow({ start: 2, end: 5 }, before, held("a", "c", "d", "x")), { start: 1, end: 4 });
});
