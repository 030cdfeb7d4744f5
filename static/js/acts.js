/**
 * What people do with a message, as events change it: part of the reducer. Pure.
 *
 * A message comes whole with each change; only how far it has come is told by events of its own.
 * Words that are quoted change with their message, and are gone when it is.
 */

import { changeMessage } from "./timeline.js";

const LONGEST_QUOTE = 200; // characters, as the program cuts them

const put = (state, table, key, value) => ({
  ...state,
  [table]: { ...state[table], [key]: value },
});

function drop(state, table, key) {
  if (!(key in state[table])) return state;
  const { [key]: _, ...rest } = state[table];
  return { ...state, [table]: rest };
}

/** What stands over an answer to `message`. */
export const quoteOf = ({ id, author, author_name, own, kind, text, mentions = [] }) => ({
  id,
  author,
  author_name,
  own,
  kind,
  text: kind === "text" ? [...text].slice(0, LONGEST_QUOTE).join("") : "",
  mentions,
});

export const namesUs = ({ me }, { mentions = [] }) =>
  mentions.some(({ address }) => address === me?.address);

/** Every loaded answer to `id` says something else about what it answers. */
function requote(state, chat, id, change) {
  const timeline = state.timelines[chat];
  const answers = timeline?.messages.filter(({ quote }) => quote?.id === id) ?? [];
  if (!answers.length) return state;
  const now = answers.reduce(
    (all, answer) => changeMessage(all, answer.id, { quote: change(answer.quote) }),
    timeline,
  );
  return put(state, "timelines", chat, now);
}

/** A message is gone from here: so are its quotes, and whatever was going to be done with it. */
export function withoutMessage(state, chat, id) {
  let next = requote(state, chat, id, (quote) => ({ ...quote, kind: "missing", text: "" }));
  if (next.replies[chat]?.id === id) next = drop(next, "replies", chat);
  if (next.edits[chat]?.id === id) next = drop(next, "edits", chat);
  const pins = next.pins[chat];
  if (pins?.some((pin) => pin.id === id))
    next = put(next, "pins", chat, pins.filter((pin) => pin.id !== id));
  return next;
}

export const initialActs = {
  replies: {}, // chat -> the quote of what is being answered
  edits: {}, // chat -> { id, text } of our message that is being changed, as it was
  typing: {}, // chat -> [{ address, name }]
  pins: {}, // chat -> what is pinned, the last pinned first; once it was asked for
  versions: null, // { chat, id } and then { answer } or { error }: what a message read when
  reacted: null, // { chat, id } of the message whose reactions are looked at
  forwarding: null, // the message that is to be forwarded
};

export const actHandlers = {
  "message.changed": (state, { chat, message }) => {
    const { id, state: _told, ...changes } = message;
    const entry = state.chats[chat];
    let next = state;
    if (entry?.last?.id === id)
      next = put(next, "chats", chat, { ...entry, last: { ...entry.last, ...changes } });
    if (next.timelines[chat])
      next = put(next, "timelines", chat, changeMessage(next.timelines[chat], id, changes));
    next = requote(next, chat, id, () => quoteOf(message));
    if (next.replies[chat]?.id === id)
      next = message.kind === "text" ? put(next, "replies", chat, quoteOf(message)) : drop(next, "replies", chat);
    if (next.edits[chat]?.id === id && message.kind !== "text") next = drop(next, "edits", chat);
    const pins = next.pins[chat];
    if (pins?.some((pin) => pin.id === id)) {
      const stays = message.pinned && message.kind === "text";
      const now = stays
        ? pins.map((pin) => (pin.id === id ? message : pin))
        : pins.filter((pin) => pin.id !== id);
      next = put(next, "pins", chat, now);
    }
    return next;
  },

  "typing.changed": (state, { chat, people }) =>
    people.length ? put(state, "typing", chat, people) : drop(state, "typing", chat),

  "reply.changed": (state, { chat, quote }) => {
    const next = quote ? drop(state, "edits", chat) : state;
    return quote ? put(next, "replies", chat, quote) : drop(next, "replies", chat);
  },
  "edit.changed": (state, { chat, edit }) =>
    edit ? put(state, "edits", chat, edit) : drop(state, "edits", chat),

  /** The program's draft, written in another tab or before a restart. */
  "draft.adopted": (state, { chat, text, quote }) => {
    const next = text ? put(state, "drafts", chat, text) : drop(state, "drafts", chat);
    return quote ? put(next, "replies", chat, quote) : drop(next, "replies", chat);
  },

  "pins.loaded": (state, { chat, pins }) => put(state, "pins", chat, pins),
  "versions.changed": (state, { versions }) => ({ ...state, versions }),
  "reacted.changed": (state, { reacted }) => ({ ...state, reacted }),
  "forward.changed": (state, { message }) => ({ ...state, forwarding: message }),
};
