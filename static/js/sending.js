/**
 * What was written, until the program has it on its disk.
 *
 *     sending ──201──> a message of the chat          each item keeps its `key` for ever: the
 *        │                                            program knows a repeat by it, so trying
 *        ├── nobody there ──> unreached ──┐           again never says anything twice
 *        └── refused ──> refused ─────────┴─ again ──> sending
 *
 * One at a time per chat, in the order of writing. Kept in sessionStorage, as drafts are, so that
 * even a page that is loaded anew while the program is stopped still has every word.
 */

import { at, reach } from "./api.js";
import { isStranger } from "./lists.js";

export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

/** Keeps one part of the state, by chat, in this tab's storage; restore(chat, value) at start. */
function keep(store, part, restore) {
  const stored = JSON.parse(sessionStorage.getItem(part) ?? "{}");
  for (const [chat, value] of Object.entries(stored)) restore(chat, value);
  store.watch(
    (state) => [state[part]],
    (now) => sessionStorage.setItem(part, JSON.stringify(now)),
  );
}

export function createSending(store, call) {
  const busy = new Set();
  const list = (chat) => store.state.outgoing[chat] ?? [];
  const change = (chat, key, changes) =>
    store.dispatch({ type: "outgoing.changed", chat, key, changes });

  /** To somebody who is not a contact the first words go as a contact request. */
  async function post(chat, item) {
    if (isStranger(store.state, chat)) {
      await reach(call, chat, item.text);
      return null; // an event brings the message
    }
    const { text, key, reply_to, mentions = [] } = item;
    const more = { ...(reply_to && { reply_to }), ...(mentions.length && { mentions }) };
    return call("POST", at`chats/${chat}/messages`, { text, key, ...more });
  }

  async function pump(chat) {
    if (busy.has(chat)) return;
    busy.add(chat);
    for (let item; (item = list(chat).find(({ state }) => state === "sending"));) {
      try {
        const message = await post(chat, item);
        store.dispatch({ type: "outgoing.removed", chat, key: item.key, message });
      } catch ({ code, sentence }) {
        if (code === "stopped" || code === "unauthorized") {
          for (const { key, state } of list(chat))
            if (state === "sending") change(chat, key, { state: "unreached" });
        } else change(chat, item.key, { state: "refused", reason: { code, sentence } });
      }
    }
    busy.delete(chat);
  }

  const again = (chat, key) => {
    change(chat, key, { state: "sending" });
    pump(chat);
  };

  // The net below drafting.js: what was typed while the program was stopped, or just now.
  keep(store, "replies", (chat, quote) => store.dispatch({ type: "reply.changed", chat, quote }));
  keep(store, "drafts", (chat, text) => store.dispatch({ type: "draft.changed", chat, text }));
  keep(store, "outgoing", (chat, items) => {
    for (const item of items) {
      const state = item.state === "sending" ? "unreached" : item.state;
      store.dispatch({ type: "outgoing.added", chat, item: { ...item, state } });
    }
  });

  return {
    /** `quote`: what it answers; `mentions`: whom it names (mentions.js). */
    send(chat, text, { quote = null, mentions = [] } = {}) {
      const author = store.state.me?.address ?? "";
      const item = {
        key: newKey(),
        author,
        own: true,
        kind: "text",
        text,
        quote,
        reply_to: quote?.id ?? null,
        mentions,
        at: Date.now(),
        state: "sending",
      };
      store.dispatch({ type: "outgoing.added", chat, item });
      pump(chat);
    },

    again,

    /** The program is back: everything that did not reach it goes, in order. */
    flush() {
      for (const [chat, items] of Object.entries(store.state.outgoing))
        for (const { key, state } of items) if (state === "unreached") again(chat, key);
    },

    /** Takes a text back that the program does not have. */
    takeBack(chat, key) {
      store.dispatch({ type: "outgoing.removed", chat, key });
    },
  };
}
