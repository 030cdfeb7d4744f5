/**
 * From messages to the rows that are drawn. Pure.
 *
 * Only a window of the loaded messages has elements; scrolling moves the window, so a chat of
 * 100,000 messages costs the browser no more than one of 200.
 *
 *     loaded   0 ─────────[ start ═══════ end ]───────── length
 *                          drawn: day lines, the unread line, bubbles
 */

import { dayOf } from "./dates.js";

export const HALF = 20; // messages on both sides of where a window is opened: about a screen
export const STEP = 12; // messages a window grows by, unless the machine is known to draw more
export const MOST = 200; // messages that have elements at the same time
const GROUPED = 5 * 60_000; // ms; what one person says within this is one group of bubbles

/** The window at the end, or around the message at `focus`. */
export function windowAt(length, focus = length) {
  const end = Math.min(length, focus + HALF);
  return { start: Math.max(0, Math.min(end - 2 * HALF, focus - HALF)), end };
}

/** One step towards "up" or "down"; the far side gives way above MOST. */
export function moveWindow({ start, end }, length, direction, step = STEP) {
  if (direction === "up") {
    const from = Math.max(0, start - step);
    return { start: from, end: Math.min(end, from + MOST) };
  }
  const to = Math.min(length, end + step);
  return { start: Math.max(start, to - MOST), end: to };
}

/**
 * The window over `now` that shows what `range` showed of `before`: messages may have come or gone
 * in front and behind, and in a group that healed some between or away. `grows`: who saw the last
 * of them sees what comes behind it too. Null when nothing of what was shown is left.
 */
export function keepWindow(range, before, now, grows = true) {
  const moved = now.length - before.length;
  const find = (at) => {
    const { id } = before[at];
    // Nearly always it is where it was, or moved by as much as came in front.
    const near = [at, at + moved].find((place) => now[place]?.id === id);
    return near ?? now.findIndex((message) => message.id === id);
  };
  const shown = Array.from({ length: range.end - range.start }, (_, at) => range.start + at);
  if (!shown.length) return windowAt(now.length);
  const first = shown.find((at) => find(at) >= 0);
  if (first === undefined) return null;
  const start = find(first);
  const end =
    grows && range.end === before.length
      ? now.length
      : find(shown.findLast((at) => find(at) >= 0)) + 1;
  return { start, end: Math.min(end, start + MOST) };
}

const joined = (one, two) =>
  Boolean(one && two) &&
  one.author === two.author &&
  one.own === two.own &&
  (one.kind === "system") === (two.kind === "system") &&
  Math.abs(two.at - one.at) < GROUPED &&
  dayOf(one.at) === dayOf(two.at);

/**
 * The rows of messages[start..end): each `{ key, kind: "day" | "unread" | "message", ... }`.
 * `outgoing` (not yet taken by the program) stands below the newest message.
 */
export function rowsOf({ messages, divider, newest = true }, outgoing, { start, end }) {
  const all =
    newest && end === messages.length
      ? [...messages.slice(start), ...outgoing]
      : messages.slice(start, end);
  const before = start > 0 ? messages[start - 1] : null;
  const after = end < messages.length ? messages[end] : null;
  const rows = [];
  all.forEach((message, at) => {
    const previous = at ? all[at - 1] : before;
    const next = at + 1 < all.length ? all[at + 1] : after;
    const newDay = !previous || dayOf(previous.at) !== dayOf(message.at);
    if (newDay)
      rows.push({
        key: `day ${dayOf(message.at)} ${message.id ?? message.key}`,
        kind: "day",
        at: message.at,
      });
    const unread = divider !== null && message.id === divider;
    if (unread) rows.push({ key: "unread", kind: "unread" });
    rows.push({
      key: message.key ?? message.id,
      kind: "message",
      message,
      first: newDay || unread || !joined(previous, message),
      last: !joined(message, next) || (divider !== null && next?.id === divider),
    });
  });
  return rows;
}
