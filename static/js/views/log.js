/**
 * The messages of a chat, scrolled as a reader expects.
 *
 * Opening lands on the first unread message, else where one left off, else at the end. At the end
 * it follows what arrives; elsewhere nothing moves, and a button tells how much is new.
 *
 *     in the chat   . . . . . . . . . . . . . . . . . .
 *     loaded              [o o o o o o o o o]            timeline.js: up to some 600
 *     drawn                   [= = = =]                  rows.js: up to 200, more ahead of need
 *
 * Before any change the rows in view are remembered, and afterwards put back to where they were.
 * `role="log"` makes a screen reader announce each new message once; `aria-busy` keeps it from
 * reading out the past when a chat is opened, a page arrives, or one jumps.
 */

import { createList, h, setProps } from "../h.js";
import { unreadOf } from "../lists.js";
import { MOST, keepWindow, moveWindow, rowsOf, windowAt } from "../rows.js";
import { MOST_LOADED } from "../timeline.js";
import { say } from "../words.js";
import { createAnchor } from "./anchor.js";
import { createJumps } from "./jumps.js";
import { createKept } from "./kept.js";
import { createEnds, createLine } from "./lines.js";
import { createMessage } from "./message.js";
import { createPace } from "./pace.js";
import { createReading, isThere } from "./reading.js";
import { createTools } from "./tools.js";

const AT_END = 40; // px
const AHEAD = 1_200; // px of rows kept ready beyond what is seen
const ONE_THIRD = 0.3; // where the first unread line stands on opening
const QUIET = 500; // ms after which new rows are read out again
const FOUND = 1_600; // ms for which a message that was jumped to is marked

export function createLog(store, actions) {
  const list = h("ol", { class: "messages" });
  const ends = createEnds(store, actions);
  const scroller = h(
    "div",
    {
      class: "log",
      role: "log",
      "aria-label": say("log"),
      "aria-live": "polite",
      tabindex: "0",
      onscroll: scrolled,
      onkeydown: pressed,
    },
    ends.element,
    list,
  );
  const jumps = createJumps({
    toEnd: () => actions.jumpToEnd(chat),
    toUnread: () => actions.jumpTo(chat, timeline().divider, { top: true }),
  });
  const pace = createPace();
  const draw = createList(list, (row) =>
    pace.sparing(
      row.kind === "message" ? createMessage(row, store, actions) : createLine(row, store, actions),
    ),
  );
  const anchor = createAnchor(scroller, list);
  const kept = createKept(list, (id) => actions.jumpTo(chat, id, { focus: false }));
  const tools = createTools(store, actions, list);
  const reading = createReading(store, actions, scroller, list);

  const left = new Map(); // chat -> the rows in view where one left off
  let chat = null;
  let shown = null; // the messages as they were drawn; null before the chat has been placed
  let range = { start: 0, end: 0 };
  let following = true;
  let arrived = null; // the last place that was asked for and brought into view
  let waiting = 0; // how much of our own was on its way
  let inView = []; // the rows that were in view after the last scrolling or change
  let quietTimer = 0;
  let markTimer = 0;
  let frame = 0;

  const timeline = () => store.state.timelines[chat];
  const outgoing = () => store.state.outgoing[chat] ?? [];
  const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  const rowAt = (key) => [...list.children].find((row) => row.dataset.key === key);
  const placeOf = (wanted) =>
    shown.findIndex(({ id, key }) => id === wanted || (key && key === wanted));

  function toBottom() {
    scroller.scrollTop = scroller.scrollHeight;
  }

  /** What is drawn now is the past: not to be read out. */
  function quietly() {
    setProps(scroller, { "aria-busy": "true" });
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => setProps(scroller, { "aria-busy": null }), QUIET);
  }

  function render(next) {
    const before = shown ?? [];
    range = next;
    shown = timeline().messages;
    ends.update();
    const rows = rowsOf(timeline(), outgoing(), range);
    draw(kept.add(rows, before, shown, outgoing(), range.start));
    kept.mark();
    tools.touch();
  }

  function leave() {
    if (shown && !following) left.set(chat, inView);
    else left.delete(chat);
  }

  function open() {
    shown = timeline().messages;
    const unread = placeOf(timeline().divider);
    const places = left.get(chat) ?? [];
    const place = places.map(({ key }) => placeOf(key)).find((at) => at >= 0);
    quietly();
    render(windowAt(shown.length, unread >= 0 ? unread : place));
    toBottom();
    const line = rowAt("unread");
    if (line) scroller.scrollTop = line.offsetTop - scroller.clientHeight * ONE_THIRD;
    else anchor.put(places);
  }

  function change() {
    const { messages, newest } = timeline();
    const places = anchor.take();
    const { length } = messages;
    const follows = following && newest;
    let next = keepWindow(range, shown, messages, newest) ?? windowAt(length);
    if (follows) next = { start: Math.max(next.start, length - MOST), end: length };
    // The line of a day over the first message may go: above it there must be something to scroll.
    else if (next.start && scroller.scrollTop < AHEAD) next = moveWindow(next, length, "up");
    if (messages[0] !== shown[0]) quietly();
    render(next);
    if (follows || !anchor.put(places)) toBottom();
    // Who writes wants to see it.
    if (outgoing().length > waiting && !following) actions.jumpToEnd(chat, { focus: false });
  }

  /** Marks a row for a moment, from its beginning also when it was marked just now. */
  function mark(row) {
    clearTimeout(markTimer);
    for (const each of list.querySelectorAll("[data-found]")) setProps(each, { "data-found": null });
    row.getBoundingClientRect();
    setProps(row, { "data-found": true });
    markTimer = setTimeout(() => setProps(row, { "data-found": null }), FOUND);
  }

  /** Brings what was jumped to into view: one message, or the end. */
  function arrive({ id, focus, top }) {
    const { messages } = timeline();
    const at = id === null ? -1 : messages.findIndex((message) => message.id === id);
    quietly();
    render(windowAt(messages.length, at < 0 ? messages.length : at));
    if (at < 0) {
      toBottom();
      return void (focus && scroller.focus({ preventScroll: true }));
    }
    const row = rowAt(shown[at].key ?? id);
    const room = scroller.clientHeight - row.offsetHeight;
    scroller.scrollTop = row.offsetTop - (top ? room * ONE_THIRD : Math.max(room / 2, 0));
    mark(row);
    if (!focus) return;
    if (!row.hasAttribute("tabindex")) setProps(row, { tabindex: "-1" });
    row.focus({ preventScroll: true });
  }

  function update(selected, place, now) {
    if (selected !== chat) {
      if (chat) leave();
      chat = selected;
      shown = null;
      draw([]);
    }
    if (!selected) return;
    if (!now?.ready) return ends.update();
    const isHere = place?.id === null || now.messages.some(({ id }) => id === place?.id);
    if (place !== arrived && place?.chat === chat && isHere) arrive(place);
    else if (shown) change();
    else open();
    arrived = place;
    waiting = outgoing().length;
    settle();
  }

  function scrolled() {
    if (!frame) frame = requestAnimationFrame(settle);
  }

  /** Draws one step more where less than AHEAD is left; returns whether it did. */
  function moveOn() {
    const up = scroller.scrollTop < AHEAD && range.start > 0;
    if (!up && (fromEnd() >= AHEAD || range.end === shown.length)) return false;
    quietly();
    pace.move((step) => {
      const places = anchor.take();
      render(moveWindow(range, shown.length, up ? "up" : "down", step));
      anchor.put(places);
    });
    return true;
  }

  /** After any scrolling or change: rows ahead of need, the buttons, what counts as read. */
  function settle() {
    frame = 0;
    if (!shown || timeline()?.messages !== shown) return; // the change comes first
    if (moveOn()) scrolled(); // one step a frame
    const { newest, divider } = timeline();
    if (scroller.scrollTop < AHEAD && range.start === 0) actions.loadOlder(chat);
    else if (fromEnd() < AHEAD && range.end === shown.length) actions.loadNewer(chat);
    if (shown.length > MOST_LOADED) actions.letGo(chat, range);
    following = newest && range.end === shown.length && fromEnd() < AT_END;
    inView = following ? [] : anchor.take();
    actions.remember(chat, inView.find(({ message }) => message)?.message ?? null);
    reading.look(chat, following);
    jumps.update({ following, news: unreadOf(store.state, chat), divider, line: lineAt(divider) });
  }

  function lineAt(divider) {
    if (divider === null) return "";
    const line = rowAt("unread");
    const top = line ? line.offsetTop - scroller.scrollTop : -1;
    if (line && top >= 0 && top < scroller.clientHeight) return isThere() ? "seen" : "";
    const at = line ? 0 : placeOf(divider);
    return top < 0 && (at < 0 ? timeline().newest : at <= range.start) ? "above" : "";
  }

  function pressed(event) {
    if (event.altKey || event.shiftKey || event.target.matches("input, textarea")) return;
    const act = { End: actions.jumpToEnd, Home: (one) => actions.jumpToDate(one, 0) }[event.key];
    if (!act) return;
    event.preventDefault();
    act(chat);
  }

  store.watch(
    ({ selected, place, timelines, outgoing: sent, now, chats, groups, people }) => [
      selected,
      place,
      timelines[selected],
      sent[selected],
      now,
      chats[selected],
      groups[selected], // who is called what
      people[selected],
    ],
    update,
  );
  new ResizeObserver(() => {
    if (shown && following) toBottom();
    else if (shown) anchor.put(inView);
  }).observe(scroller);
  for (const event of ["focus", "blur"]) addEventListener(event, settle);
  document.addEventListener("visibilitychange", settle);
  return h("div", { class: "log-frame" }, scroller, jumps.elements, tools.element);
}
