/**
 * The loaded part of one chat: an unbroken run of messages that ends with the newest. Pure.
 *
 *     on disk    . . . . . . . . . . . . . . . . . . . . . . .
 *     loaded                        [o o o o o o o o o o o o o]   complete: nothing older exists
 *     divider                                    ^                first one that was unread
 *
 * Hearing of a message twice is harmless, and a state never goes back because an older answer
 * came later.
 */

export const EMPTY = { messages: [], ready: false, complete: false, loading: false, divider: null };

const RANK = { waiting: 0, failed: 0, sent: 1, delivered: 2, read: 3 };

/** `key` is this tab's own name for a message it sent; it keeps the row on the screen the same. */
function newer(known, message) {
  if (!known) return message;
  const back = (RANK[message.state] ?? 0) < (RANK[known.state] ?? 0);
  return { ...message, key: known.key, state: back ? known.state : message.state };
}

/**
 * `key`: this tab's own name for it. `before`: the message it stands before, else at the end; where
 * that one is not loaded, it belongs to the part that is not.
 */
export function addMessage(timeline, message, key, before = null) {
  const { messages } = timeline;
  const at = messages.findLastIndex(({ id }) => id === message.id);
  const fresh = newer(messages[at], key ? { ...message, key } : message);
  if (key) fresh.key = key;
  if (before === null)
    return { ...timeline, messages: at < 0 ? [...messages, fresh] : messages.with(at, fresh) };
  const others = at < 0 ? messages : messages.toSpliced(at, 1);
  const place = others.findLastIndex(({ id }) => id === before);
  return place < 0 ? timeline : { ...timeline, messages: others.toSpliced(place, 0, fresh) };
}

/** A line that no longer counts; what is unread then begins with the next one. */
export function removeMessage(timeline, id) {
  const { messages, divider } = timeline;
  const at = messages.findLastIndex((message) => message.id === id);
  if (at < 0) return timeline;
  return {
    ...timeline,
    messages: messages.toSpliced(at, 1),
    divider: divider === id ? (messages[at + 1]?.id ?? null) : divider,
  };
}

export function changeMessage(timeline, id, changes) {
  const at = timeline.messages.findLastIndex((message) => message.id === id);
  if (at < 0) return timeline;
  return {
    ...timeline,
    messages: timeline.messages.with(at, { ...timeline.messages[at], ...changes }),
  };
}

/** A page from before the first loaded message; `complete`: there is nothing before it. */
export function addOlder(timeline, page, complete) {
  const known = new Set(timeline.messages.map(({ id }) => id));
  const older = page.filter(({ id }) => !known.has(id));
  return {
    ...timeline,
    messages: [...older, ...timeline.messages],
    complete,
    loading: false,
  };
}

/**
 * The newest page. On opening, what arrived while it was asked for stays behind it. Later, after a
 * time without news, it joins what is loaded; where a gap would remain, what was loaded goes.
 */
export function addNewest(timeline, page, complete) {
  const { messages, ready } = timeline;
  const ids = new Set(page.map(({ id }) => id));
  const joint = messages.findIndex(({ id }) => ids.has(id));
  const before = ready && joint > 0 ? messages.slice(0, joint) : [];
  const after =
    ready && joint < 0 ? [] : messages.slice(messages.findLastIndex(({ id }) => ids.has(id)) + 1);
  const known = new Map(messages.map((message) => [message.id, message]));
  const fresh = page.map((message) => newer(known.get(message.id), message));
  return {
    ...timeline,
    messages: [...before, ...fresh, ...after],
    ready: true,
    complete: before.length ? timeline.complete : complete,
    loading: false,
  };
}
