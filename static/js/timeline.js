/**
 * The loaded part of one chat: an unbroken run of messages, anywhere in it. Pure.
 *
 *     on disk    . . . . . . . . . . . . . . . . . . . . . . .
 *     loaded             [o o o o o o o o o o o]
 *                 complete: nothing older  newest: nothing newer
 *
 * At most about MOST_LOADED are kept: whoever reads on lets the far side go (letGo). What is heard
 * while a page is on its way is heard again once it came (late), so that neither an answer from
 * before the news nor one that ends with the newest message loses it. Hearing of a message twice
 * is harmless, and a state never goes back because an older answer came later.
 */

export const MOST_LOADED = 600; // messages
const KEPT = 450; // messages that stay when there are more

export const EMPTY = {
  messages: [],
  ready: false,
  complete: false,
  newest: false,
  loading: null, // { side: older, newer or all; asked: which question }
  late: [],
  divider: null, // the first one that was unread
};

const RANK = { waiting: 0, failed: 0, sent: 1, delivered: 2, read: 3 };

/** `key` is this tab's own name for a message it sent; it keeps the row on the screen the same. */
function newer(known, message) {
  if (!known) return message;
  const back = (RANK[message.state] ?? 0) < (RANK[known.state] ?? 0);
  return { ...message, key: message.key ?? known.key, state: back ? known.state : message.state };
}

/** Does something to a timeline, and once more when the page that is on its way has come. */
function heard(timeline, act) {
  const now = act(timeline);
  return timeline.loading ? { ...now, late: [...timeline.late, act] } : now;
}

/** A page has come, or will not come. */
export const settled = (timeline) =>
  timeline.late.reduce((now, act) => act(now), { ...timeline, loading: null, late: [] });

function put(timeline, message, before) {
  const { messages, newest } = timeline;
  const at = messages.findLastIndex(({ id }) => id === message.id);
  const fresh = newer(messages[at], message);
  if (before === null) {
    if (at >= 0) return { ...timeline, messages: messages.with(at, fresh) };
    return newest ? { ...timeline, messages: [...messages, fresh] } : timeline;
  }
  const others = at < 0 ? messages : messages.toSpliced(at, 1);
  const place = others.findLastIndex(({ id }) => id === before);
  if (place < 0) return at < 0 ? timeline : { ...timeline, messages: others };
  return { ...timeline, messages: others.toSpliced(place, 0, fresh) };
}

/**
 * `key`: this tab's own name for it. `before`: the message it stands before, else at the end; where
 * its place is not loaded, it belongs to the part that is not.
 */
export function addMessage(timeline, message, key, before = null) {
  const named = key ? { ...message, key } : message;
  return heard(timeline, (now) => put(now, named, before));
}

/** A line that no longer counts; what is unread then begins with the next one. */
export const removeMessage = (timeline, id) =>
  heard(timeline, (now) => {
    const at = now.messages.findLastIndex((message) => message.id === id);
    if (at < 0) return now;
    const { messages, divider } = now;
    return {
      ...now,
      messages: messages.toSpliced(at, 1),
      divider: divider === id ? (messages[at + 1]?.id ?? null) : divider,
    };
  });

export const changeMessage = (timeline, id, changes) =>
  heard(timeline, (now) => {
    const at = now.messages.findLastIndex((message) => message.id === id);
    if (at < 0) return now;
    return { ...now, messages: now.messages.with(at, { ...now.messages[at], ...changes }) };
  });

const unknownIn = ({ messages }, page) => {
  const known = new Set(messages.map(({ id }) => id));
  return page.filter(({ id }) => !known.has(id));
};

/**
 * The page from before the message `edge`; `complete`: there is nothing before it. Where the run
 * does not begin with that message any more, the page does not fit.
 */
export function addOlder(timeline, page, complete, edge = timeline.messages[0]?.id) {
  if (timeline.messages[0]?.id !== edge) return settled(timeline);
  const messages = [...unknownIn(timeline, page), ...timeline.messages];
  return settled({ ...timeline, messages, complete });
}

/** The page from after the message `edge`; `newest`: there is nothing after it. */
export function addNewer(timeline, page, newest, edge = timeline.messages.at(-1)?.id) {
  if (timeline.messages.at(-1)?.id !== edge) return settled(timeline);
  const messages = [...timeline.messages, ...unknownIn(timeline, page)];
  return settled({ ...timeline, messages, newest });
}

/** A page from somewhere, in place of what was loaded. */
export function replaceAll(timeline, page, complete, newest) {
  const known = new Map(timeline.messages.map((message) => [message.id, message]));
  const messages = page.map((message) => newer(known.get(message.id), message));
  return settled({ ...timeline, messages, ready: true, complete, newest });
}

/** Lets the side go that is further from what is drawn, messages[start..end), when there is much. */
export function letGo(timeline, { start, end }) {
  const { messages, loading } = timeline;
  if (messages.length <= MOST_LOADED || loading) return timeline;
  const after = messages.length - end;
  const excess = messages.length - KEPT;
  const fromEnd = Math.min(after, after > start ? excess : Math.max(0, excess - start));
  const fromStart = Math.min(start, excess - fromEnd);
  return {
    ...timeline,
    messages: messages.slice(fromStart, messages.length - fromEnd),
    complete: timeline.complete && !fromStart,
    newest: timeline.newest && !fromEnd,
  };
}
