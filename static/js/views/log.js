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
import { keepWindow, moveWindow, rowsOf, windowAt } from "../rows.js";
import { say } from "../words.js";
import { createEnds, createLine } from "./lines.js";
import { createMessage } from "./message.js";
import { createReading } from "./reading.js";
import { walkMarks } from "./seen.js";

const AT_END = 40; // px
const AHEAD = 1_200; // px of rows kept ready beyond what is seen
const ONE_THIRD = 0.3; // where the first unread line stands on opening
const QUIET = 500; // ms after which new rows are read out again

export function createLog(store, actions) {
  const list = h("ol", { class: "messages" });
  const scroller = h(
    "div",
    {
      class: "log",
      role: "log",
      "aria-label": say("log"),
      "aria-live": "polite",
      tabindex: "0",
      onscroll: scrolled,
    },
    createEnds(store, actions),
    list,
  );
  const count = h("span");
  const jump = h(
    "button",
    { type: "button", class: "jump", hidden: true, "data-jump": true, onclick: toEnd },
    count,
    icon("down"),
  );
  const draw = createList(list, (row) =>
    row.kind === "message" ? createMessage(row, store, actions) : createLine(row, store),
  );
  const touchMarks = walkMarks(list);
  const reading = createReading(store, actions, scroller, list);

  const places = new Map(); // chat -> { key, offset, range }: where one left off
  let chat = null;
  let shown = null; // the messages as they were drawn; null before the chat has been placed
  let range = { start: 0, end: 0 };
  let following = true;
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

  function render(next) {
    range = next;
    shown = timeline().messages;
    draw(rowsOf(timeline(), store.state.outgoing[chat] ?? [], range));
    touchMarks();
  }

  function leave() {
    const place = shown && !following && topmost();
    if (place) places.set(chat, { ...place, range });
    else places.delete(chat);
  }

  function open() {
    const { messages, divider } = timeline();
    const unread = messages.findIndex(({ id }) => id === divider);
    const place = places.get(chat);
    quietly();
    if (unread >= 0) render(windowAt(messages.length, unread));
    else render(place?.range.end <= messages.length ? place.range : windowAt(messages.length));
    scroller.scrollTop = scroller.scrollHeight;
    const line = rowAt("unread");
    if (line) scroller.scrollTop = line.offsetTop - scroller.clientHeight * ONE_THIRD;
    else putBack(place);
  }

  function change() {
    const { messages } = timeline();
    const place = topmost();
    const kept = keepWindow(range, shown, messages);
    if (messages[0] !== shown[0]) quietly();
    render(following || !kept ? windowAt(messages.length) : kept);
    if (following || !kept) scroller.scrollTop = scroller.scrollHeight;
    else putBack(place);
  }

  function update(selected, now) {
    if (selected !== chat) {
      if (chat) leave();
      chat = selected;
      shown = null;
      draw([]);
    }
    if (!now?.ready) return;
    if (shown) change();
    else open();
    settle();
  }

  function scrolled() {
    if (!frame) frame = requestAnimationFrame(settle);
  }

  /** After any scrolling or change: rows ahead of need, the button, what counts as read. */
  function settle() {
    frame = 0;
    if (!shown || !timeline()) return;
    const { length } = shown;
    const up = scroller.scrollTop < AHEAD && range.start > 0;
    if (up || (fromEnd() < AHEAD && range.end < length)) {
      const place = topmost();
      quietly();
      render(moveWindow(range, length, up ? "up" : "down"));
      putBack(place);
    }
    if (scroller.scrollTop < AHEAD && range.start === 0) actions.loadOlder(chat);
    following = range.end === length && fromEnd() < AT_END;
    reading.look(chat, following);
    const unread = unreadOf(store.state, chat);
    setProps(jump, {
      hidden: following,
      "aria-label": unread ? say("log.new", { n: unread }) : say("log.end"),
    });
    setText(count, unread ? say("log.new", { n: unread }) : "");
  }

  function toEnd() {
    render(windowAt(shown.length));
    scroller.scrollTop = scroller.scrollHeight;
    settle();
    scroller.focus();
  }

  store.watch(
    ({ selected, timelines, outgoing, now, chats, groups }) => [
      selected,
      timelines[selected],
      outgoing[selected],
      now,
      chats[selected]?.unread,
      groups[selected], // who is called what
    ],
    update,
  );
  new ResizeObserver(() => {
    if (shown && following) scroller.scrollTop = scroller.scrollHeight;
  }).observe(scroller);
  for (const event of ["focus", "blur"]) addEventListener(event, settle);
  document.addEventListener("visibilitychange", settle);
  return h("div", { class: "log-frame" }, scroller, jump);
}
