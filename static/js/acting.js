/**
 * What one does with a message: react, change, pin, delete, forward; and the timer of a chat.
 *
 * The program answers with the message as it is now; events tell the same to every tab.
 */

import { ApiError, at } from "./api.js";
import { quoteOf } from "./acts.js";
import { newKey } from "./sending.js";

const TYPING_EVERY = 4_000; // ms between two times that the other side is told

export function createActing(store, call, tell) {
  const { dispatch } = store;
  const keys = new Map(); // what is forwarded where -> the key under which a repeat is known
  let typing = { chat: null, at: 0 };

  async function change({ chat, id }, changes) {
    const message = await call("POST", at`chats/${chat}/messages/${id}`, changes);
    dispatch({ type: "message.changed", chat, message });
  }

  /** The news of an act, or the error it ended with; neither is anybody's any more later on. */
  const outcome = (asked) =>
    asked.then(
      (answer) => ({ answer }),
      (error) => {
        if (!(error instanceof ApiError)) throw error;
        return { error };
      },
    );

  const find = (chat, id) =>
    store.state.timelines[chat]?.messages.findLast((message) => message.id === id);

  const setEdit = (chat, edit) => dispatch({ type: "edit.changed", chat, edit });

  return {
    messageOf: find,

    /** One of mine per message: the same once more takes it back. */
    react(message, emoji) {
      const own = message.reactions?.some((one) => one.own && one.emoji === emoji);
      return change(message, { reaction: own ? "" : emoji }).catch(tell);
    },

    pin: (message, pinned) => change(message, { pinned }).catch(tell),

    setEdit,

    /** Rejects with what went wrong: the words stay in the field. */
    async edit(chat, id, text, mentions) {
      await change({ chat, id }, { text, mentions });
      setEdit(chat, null);
    },

    async removeMessage({ chat, id }, whom) {
      try {
        await call("DELETE", at`chats/${chat}/messages/${id}` + `?for=${whom}`);
        if (whom === "me") dispatch({ type: "message.removed", chat, id });
      } catch (error) {
        tell(error);
      }
    },

    notify: (code, values) => dispatch({ type: "notice", code, values }),

    startForward(message) {
      dispatch({ type: "forward.changed", message });
      dispatch({ type: "panel.changed", panel: "forward" });
    },

    /** To each of `chats`; rejects with the first error, and a repeat forwards nothing twice. */
    async forward({ chat, id }, chats) {
      for (const to of chats) {
        const what = `${id} ${to}`;
        if (!keys.has(what)) keys.set(what, newKey());
        const body = { forward: { chat, id }, key: keys.get(what) };
        const message = await call("POST", at`chats/${to}/messages`, body);
        dispatch({ type: "message.added", chat: to, message });
      }
      for (const to of chats) keys.delete(`${id} ${to}`); // from now on it is meant once more
    },

    async openVersions({ chat, id }) {
      const asked = { chat, id };
      dispatch({ type: "versions.changed", versions: asked });
      dispatch({ type: "panel.changed", panel: "versions" });
      const news = await outcome(call("GET", at`chats/${chat}/messages/${id}/edits`));
      if (store.state.versions === asked)
        dispatch({ type: "versions.changed", versions: { ...asked, ...news } });
    },

    openReactions({ chat, id }) {
      dispatch({ type: "reacted.changed", reacted: { chat, id } });
      dispatch({ type: "panel.changed", panel: "reactions" });
    },

    async loadPins(chat) {
      const pins = await call("GET", at`chats/${chat}/pins`).catch(() => null);
      if (pins) dispatch({ type: "pins.loaded", chat, pins });
    },

    /** The message that is answered may stand far above what is loaded. */
    async quoteFor(chat, id) {
      const known = find(chat, id);
      if (known) return quoteOf(known);
      const path = at`chats/${chat}/messages?around=${id}&limit=1`;
      const page = await call("GET", path).catch(() => []);
      const found = page.find((message) => message.id === id);
      return found ? quoteOf(found) : { id, kind: "missing", text: "", own: false, author: "" };
    },

    setTimer: (chat, seconds) => call("POST", at`chats/${chat}`, { timer: seconds }),

    /** Who may see that I write, and that I have read. */
    async setPrivacy(changes) {
      dispatch({ type: "me.changed", me: await call("POST", "me", changes) });
    },

    /** Told now and then while one types, and once when one stops. */
    type(chat, isTyping) {
      const { me, chats } = store.state;
      if (!me?.typing || !(chat in chats)) return;
      const now = Date.now();
      const isTold = typing.chat === chat && now - typing.at < TYPING_EVERY;
      if (isTyping ? isTold : typing.chat !== chat) return;
      typing = isTyping ? { chat, at: now } : { chat: null, at: 0 };
      call("POST", at`chats/${chat}`, { typing: isTyping }).catch(() => {}); // nobody waits for it
    },
  };
}
