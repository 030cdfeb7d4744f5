/**
 * What is being written, kept by the program: it outlives the tab, the browser and the program.
 *
 *     typed ── half a second ──> the program's draft ── chat.changed ──> every other tab
 *       └── sessionStorage, at once: the net for when the program is stopped
 *
 * What is typed here goes before what comes from elsewhere: until the program has it, and as long
 * as somebody's fingers are on the field.
 */

import { at } from "./api.js";
import { quoteOf } from "./acts.js";

const QUIET = 500; // ms without a key before the program is told
const UNSAVED = "unsaved"; // the chats whose draft the program does not have, in this tab's storage

export function createDrafting(store, call, quoteFor) {
  const { dispatch } = store;
  const told = new Map(); // chat -> the program's draft, as it was last heard
  const unsaved = new Set(JSON.parse(sessionStorage.getItem(UNSAVED) ?? "[]"));
  const timers = new Map();

  const draftOf = (chat) => ({
    text: store.state.drafts[chat] ?? "",
    reply_to: store.state.replies[chat]?.id ?? null,
  });
  const shape = (draft) => JSON.stringify([draft?.text ?? "", draft?.reply_to ?? null]);
  const remember = () => sessionStorage.setItem(UNSAVED, JSON.stringify([...unsaved]));

  function changed(chat) {
    unsaved.add(chat);
    remember();
    clearTimeout(timers.get(chat));
    timers.set(chat, setTimeout(save, QUIET, chat));
  }

  async function save(chat, isLast = false) {
    clearTimeout(timers.get(chat));
    timers.delete(chat);
    if (!unsaved.has(chat) || !(chat in store.state.chats)) return;
    const draft = draftOf(chat);
    try {
      await call("POST", at`chats/${chat}`, { draft }, undefined, isLast);
    } catch {
      return; // stopped: sessionStorage has it, and it is tried again with the next hello
    }
    told.set(chat, shape(draft));
    if (shape(draftOf(chat)) !== shape(draft)) return; // more was typed meanwhile
    unsaved.delete(chat);
    remember();
  }

  const saveAll = (isLast) => [...unsaved].forEach((chat) => save(chat, isLast));

  const isUnderFingers = (chat) =>
    store.state.selected === chat &&
    document.hasFocus() &&
    document.activeElement?.matches("[data-composer]");

  function adopt(chat, draft) {
    const now = shape(draft);
    const isNews = told.get(chat) !== now;
    if (unsaved.has(chat) || (isUnderFingers(chat) && told.has(chat))) return;
    told.set(chat, now);
    if (!isNews || shape(draftOf(chat)) === now) return;
    const { text = "", reply_to: id = null } = draft ?? {};
    const quote = id && { id, kind: "unknown", text: "", own: false, author: "" };
    dispatch({ type: "draft.adopted", chat, text, quote });
  }

  let seen = {};
  store.watch(["chats"], (chats) => {
    for (const [chat, { draft = null }] of Object.entries(chats))
      if (seen[chat] !== chats[chat]) adopt(chat, draft);
    seen = chats;
  });
  // A reply that was begun elsewhere brings only an id: its words are looked for when it is shown.
  store.watch(
    ({ selected, replies }) => [selected, replies[selected]],
    async (chat, reply) => {
      if (reply?.kind !== "unknown") return;
      const quote = await quoteFor(chat, reply.id);
      if (store.state.replies[chat] === reply) dispatch({ type: "reply.changed", chat, quote });
    },
  );
  let last = null;
  store.watch(["selected"], (selected) => {
    if (last && last !== selected) save(last);
    last = selected;
  });
  store.watch(["link"], (link) => link === "open" && saveAll(false));
  addEventListener("pagehide", () => saveAll(true));

  return {
    /** What is typed; "" once it is sent. */
    draft(chat, text) {
      dispatch({ type: "draft.changed", chat, text });
      changed(chat);
    },

    /** Answers `message`, or with null nothing any more. */
    reply(chat, message) {
      dispatch({ type: "reply.changed", chat, quote: message && quoteOf(message) });
      changed(chat);
    },

    /** It was sent: the program's draft goes now, not in a while. */
    clearDraft(chat) {
      dispatch({ type: "draft.changed", chat, text: "" });
      dispatch({ type: "reply.changed", chat, quote: null });
      changed(chat);
      save(chat);
    },
  };
}
