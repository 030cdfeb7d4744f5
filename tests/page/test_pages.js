import { dayStart, dayValue } from "/static/js/views/datepick.js";
import { fileName } from "/static/js/keeping.js";
import { initialState, reduce } from "/static/js/state.js";
import { size } from "/static/js/views/keep.js";
import { equal, same, test } from "./check.js";

const message = (id) => ({ id, chat: "b", author: "b", own: false, kind: "text", text: id, at: 1 });
const after = (state, ...events) => events.reduce(reduce, state);
const opened = reduce(initialState, { type: "chat.opened", chat: "b" });
const asked = (number, side = "all") => ({ type: "page.asked", chat: "b", side, asked: number });
const loaded = (number, ids, more) => ({
  type: "page.loaded",
  chat: "b",
  asked: number,
  page: Array.from(ids, message),
  ...more,
});
const ids = ({ timelines }) => timelines.b.messages.map(({ id }) => id).join("");

test("only the answer to the last question for a page counts", () => {
  const state = after(opened, asked(1), asked(2), loaded(1, "ab"));
  equal([ids(state), state.timelines.b.loading.asked], ["", 2]);
  equal(ids(after(state, loaded(2, "xy"), loaded(1, "ab"))), "xy");
  same(reduce(state, { type: "page.failed", chat: "b", asked: 1 }), state);
});

test("a page that failed leaves what was loaded, and another may be asked for", () => {
  const state = after(opened, asked(1), loaded(1, "ab"), asked(2, "older"));
  const failed = reduce(state, { type: "page.failed", chat: "b", asked: 2 });
  equal([ids(failed), failed.timelines.b.loading], ["ab", null]);
});

test("pages for the two ends and in place of everything each tell how far the chat goes", () => {
  const middle = after(opened, asked(1), loaded(1, "mn", { newest: false }));
  equal([middle.timelines.b.complete, middle.timelines.b.newest], [false, false]);
  const up = after(
    middle,
    asked(2, "older"),
    loaded(2, "kl", { side: "older", edge: "m", complete: true }),
  );
  equal([ids(up), up.timelines.b.complete, up.timelines.b.newest], ["klmn", true, false]);
  const down = after(
    up,
    asked(3, "newer"),
    loaded(3, "o", { side: "newer", edge: "n", newest: true }),
  );
  equal([ids(down), down.timelines.b.newest], ["klmno", true]);
  const other = after(down, asked(4), loaded(4, "a", { newest: false }));
  equal([ids(other), other.timelines.b.complete], ["a", false]);
});

test("a page of a chat that went meanwhile changes nothing", () => {
  const gone = { ...opened, timelines: {} };
  same(after(gone, loaded(1, "a")), gone);
  same(reduce(gone, { type: "page.let_go", chat: "b", range: { start: 0, end: 1 } }), gone);
});

test("a message that goes is no hit any more, in both searches", () => {
  const hits = [message("a"), message("b")];
  const state = { ...opened, found: { hits }, seek: { chat: "b", hits } };
  const removed = reduce(state, { type: "message.removed", chat: "b", id: "a" });
  equal([removed.found.hits.length, removed.seek.hits.length], [1, 1]);
  const deleted = { ...message("b"), kind: "deleted", text: "" };
  const changed = reduce(state, { type: "message.changed", chat: "b", message: deleted });
  equal(changed.found.hits.map(({ id }) => id), ["a"]);
  const edited = { type: "message.changed", chat: "b", message: message("b") };
  same(reduce(state, edited).found, state.found);
});

test("searching in a chat ends with it", () => {
  const state = { ...opened, seek: { chat: "b", hits: [] } };
  equal(reduce(state, { type: "chat.opened", chat: "b" }).seek.chat, "b");
  equal(reduce(state, { type: "chat.opened", chat: "c" }).seek, null);
  equal(reduce(state, { type: "chat.closed" }).seek, null);
});

test("a day of a date field is the local one, from its beginning on", () => {
  equal(dayValue(Date.parse("2026-05-06T23:59+07:00")), "2026-05-06");
  equal(dayValue(Date.parse("2026-05-07T00:00+07:00")), "2026-05-07");
  equal(dayStart("2026-05-06"), Date.parse("2026-05-06T00:00+07:00"));
  equal(dayStart("2024-02-29"), Date.parse("2024-02-29T00:00+07:00"));
  equal(dayValue(dayStart("0099-12-31")), "0099-12-31");
});

test("a file's name holds nothing that a system takes for something else", () => {
  equal(fileName("Budi", "2026-05-06", "html"), "p2pchat Budi 2026-05-06.html");
  equal(fileName("", "2026-05-06", "jsonl"), "p2pchat 2026-05-06.jsonl");
  equal(fileName("../a\\b:c*?\u0000 é", "1", "html"), "p2pchat ..abc é 1.html");
  equal(fileName("x".repeat(200), "1", "html").length, 75);
});

test("a size is told as people count", () => {
  equal([0, 999, 12_345, 3_400_000, 25e8].map((n) => size(n, "en-GB")), [
    "0 byte",
    "999 byte",
    "12 kB",
    "3.4 MB",
    "2.5 GB",
  ]);
});
