/**
 * The messages of a chat, scrolled as a reader expects.
 *
 * Opening lands on the first unread message, else where one left off, else at the end. At the end
 * it follows what arrives; elsewhere nothing moves, and a button tells how much is new. Only a
 * window of rows has elements (rows.js); before any change the topmost visible row is remembered,
 * and afterwards put back to where it was.
 *
 * `role="log"` makes a screen reader announce each new message once; `aria-busy` keeps it from
 * reading out the past when a chat is opened or an older page arrives.
 */

import { createList, h, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { unreadOf } from "../lists.js";
import { moveWindow, rowsOf, windowAt } from "../rows.js";
import { say } from "../words.js";
import { createEnds, createLine } from "./lines.js";
import { createMessage } from "./message.js";

const AT_END = 40; // px
const AHEAD = 1_200; // px of rows kept ready beyond what is seen
const ONE_THIRD = 0.3; // where the first unread line stands on opening
const QUIET = 500; // ms after which new rows are read out again
const READ_AFTER = 150; // ms between two messages to the program about what was read

export function createLog(store, actions) {
  const ends = createEnds(store, actions);
  const list = h("ol", { class: "messages" });
  const scroller = h(
    "div",
    { class: "log", role: "log", "aria-label": say("log"), "aria-live": "polite", tabindex: "0", onscroll: scrolled },
    ends,
    list,
  );
  const count = h("span");
  const jump = h("button", { type: "button", class: "jump", hidden: true, "data-jump": true, onclick: toEnd }, count, icon("down"));
  const root = h("div", { class: "log-frame" }, scroller, jump);
  const draw = createList(list, (row) =>
    row.kind === "message" ? createMessage(row, store, actions) : createLine(row, store),
  );

  const places = new Map(); // chat -> { key, offset, range }: where one left off
  let chat = null;
  let placed = false; // the chat on the screen has been scrolled to where it opens
  let range = { start: 0, end: 0 };
  let following = true;
  let readTimer = 0;
  let quietTimer = 0;
  let frame = 0;

  const timeline = () => store.state.timelines[chat];
  const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  const rowAt = (key) => [...list.children].find((row) => row.dataset.key === key);

  function topmost() {
    const top = scroller.scrollTop;
    const row = [...list.children].find((each) => each.offsetTop + each.offsetHeight > top);
    return row && { key: row.dataset.key, offset: row.offsetTop - top };
  }

  function putBack(place) {
    const row = place && rowAt(place.key);
    if (row) scroller.scrollTop = row.offsetTop - place.offset;
  }

  /** What is drawn now is the past: not to be read out. */
  function quietly() {
    setProps(scroller, { "aria-busy": "true" });
    clearTimeout(quietTimer);
    quietTimer = setTimeout(() => setProps(scroller, { "aria-busy": null }), QUIET);
  }

  function render() {
    const { messages } = timeline();
    range = { start: Math.min(range.start, messages.length), end: Math.min(range.end, messages.length) };
    draw(rowsOf(timeline(), store.state.outgoing[chat] ?? [], range));
  }

  function leave() {
    const place = placed && !following && topmost();
    if (place) places.set(chat, { ...place, range });
    else places.delete(chat);
  }

  function open() {
    const { messages, divider } = timeline();
    const unread = messages.findIndex(({ id }) => id === divider);
    const place = places.get(chat);
    quietly();
    if (unread >= 0) range = windowAt(messages.length, unread);
    else range = place?.range ?? windowAt(messages.length);
    render();
    placed = true;
    scroller.scrollTop = scroller.scrollHeight;
    const line = rowAt("unread");
    if (line) scroller.scrollTop = line.offsetTop - scroller.clientHeight * ONE_THIRD;
    else putBack(place);
    following = fromEnd() < AT_END && range.end === messages.length;
  }

  function update(selected, now, outgoing, count) {
    if (selected !== chat) {
      if (chat) leave();
      chat = selected;
      placed = false;
      draw([]);
    }
    if (!chat || !now?.ready) return;
    if (!placed) open();
    else {
      const place = topmost();
      const grown = now.messages.length - count.length;
      if (now.messages[0]?.id !== count.first) quietly();
      keepRange(grown, count.first);
      render();
      if (following) scroller.scrollTop = scroller.scrollHeight;
      else putBack(place);
    }
    settle();
  }

  /** The window keeps its messages when older ones come before it, and follows new ones. */
  function keepRange(grown, first) {
    const { messages } = timeline();
    const shift = Math.max(0, messages.findIndex(({ id }) => id === first));
    const wasLast = range.end + shift >= messages.length - (grown - shift);
    range = { start: range.start + shift, end: range.end + shift };
    if (messages.length < range.end || wasLast) range.end = messages.length;
    if (following) range = windowAt(messages.length);
  }

  function scrolled() {
    if (!frame) frame = requestAnimationFrame(settle);
  }

  /** After any scrolling or change: rows ahead of need, the button, what counts as read. */
  function settle() {
    frame = 0;
    if (!placed || !timeline()) return;
    const { messages, complete } = timeline();
    const place = topmost();
    const before = range;
    if (scroller.scrollTop < AHEAD && range.start > 0) range = moveWindow(range, messages.length, "up");
    else if (fromEnd() < AHEAD && range.end < messages.length) range = moveWindow(range, messages.length, "down");
    if (range !== before) {
      quietly();
      render();
      putBack(place);
    }
    if (scroller.scrollTop < AHEAD && range.start === 0 && !complete) actions.loadOlder(chat);
    following = range.end === messages.length && fromEnd() < AT_END;
    attend();
  }

  function attend() {
    const looking = !document.hidden && document.hasFocus();
    actions.attend(looking && following);
    const unread = unreadOf(store.state, chat);
    setProps(jump, { hidden: following, "aria-label": unread ? say("log.new", { n: unread }) : say("log.end") });
    setText(count, unread ? say("log.new", { n: unread }) : "");
    if (!looking || !store.state.chats[chat]?.unread || readTimer) return;
    readTimer = setTimeout(tellRead, READ_AFTER);
  }

  /** Read is what has come into view, not what was merely delivered. */
  function tellRead() {
    readTimer = 0;
    if (!placed || document.hidden) return;
    const bottom = scroller.scrollTop + scroller.clientHeight;
    const seen = [...list.children].findLast((row) => row.dataset.message && row.offsetTop + 20 < bottom);
    if (seen) actions.markRead(chat, seen.dataset.message);
  }

  function toEnd() {
    range = windowAt(timeline().messages.length);
    render();
    scroller.scrollTop = scroller.scrollHeight;
    settle();
    scroller.focus();
  }

  let known = { length: 0, first: undefined };
  store.watch(
    ({ selected, timelines, outgoing, now, chats }) => [selected, timelines[selected], outgoing[selected], now, chats[selected]?.unread],
    (selected, now, outgoing) => {
      const { messages = [] } = store.state.timelines[selected] ?? {};
      update(selected, now, outgoing, known);
      known = { length: messages.length, first: messages[0]?.id };
    },
  );
  new ResizeObserver(() => {
    if (placed && following) scroller.scrollTop = scroller.scrollHeight;
  }).observe(scroller);
  addEventListener("focus", () => chat && settle());
  addEventListener("blur", () => chat && settle());
  document.addEventListener("visibilitychange", () => chat && settle());
  return root;
}
