/**
 * Going through what was said: pages of messages, and jumps to one of them.
 *
 *     jumpTo ── loaded? ──────────────────────────────> place.wanted ──> the log shows it
 *        └────── no ── around=ID ──> page.loaded ──────────┘
 */

import { ApiError, at } from "./api.js";

const PAGE = 50; // messages asked for on opening
const MORE = 100; // and while scrolling, and around a place
const LARGEST_PAGE = 200; // the program gives no more at once
const NEAR = 40; // unread messages that the newest page holds
const AGAIN_AFTER = 1_000; // ms until a page that could not be had is asked for again
const NARROW = 720; // px; below, a panel covers the chat

/** What a page tells of the ends of the chat. */
function endsOf(page, { limit, before, after, around, at: time }) {
  if (before) return { complete: page.length < limit };
  if (after) return { newest: page.length < limit };
  if (time !== undefined) return { complete: time <= 0, newest: page.length < limit };
  if (!around) return { complete: page.length < limit, newest: true };
  const place = page.findIndex(({ id }) => id === around);
  const half = Math.floor(limit / 2);
  return { complete: place < half, newest: page.length - place < limit - half };
}

export function createHistory(store, call, tell) {
  const { dispatch } = store;
  const left = new Map(); // chat -> the message at the top of the screen, when it was not the end
  let asks = 0;

  const timelineOf = (chat) => store.state.timelines[chat];
  const holds = (chat, id) => timelineOf(chat)?.messages.some((message) => message.id === id);

  /** A person without a chat yet has no messages: that is not an error. */
  async function fetchPage(chat, query) {
    const { chats, people } = store.state;
    if (!(chat in chats) && people[chat]?.relation === "none") return []; // never talked to
    try {
      const page = await call("GET", at`chats/${chat}/messages` + `?${new URLSearchParams(query)}`);
      const { around } = query;
      if (around && !page.some(({ id }) => id === around)) throw new ApiError("not_found");
      return page;
    } catch (error) {
      if (error.code === "not_found" && !query.around) return [];
      throw error;
    }
  }

  /** Resolves to the page, or to null when something else was asked for meanwhile. */
  async function ask(chat, side, query) {
    const asked = (asks += 1);
    const edge = query.before ?? query.after;
    dispatch({ type: "page.asked", chat, side, asked });
    try {
      const page = await fetchPage(chat, query);
      if (timelineOf(chat)?.loading?.asked !== asked) return null;
      dispatch({ type: "page.loaded", chat, asked, side, edge, page, ...endsOf(page, query) });
      return page;
    } catch (error) {
      const failed = () => dispatch({ type: "page.failed", chat, asked });
      if (side === "all") failed();
      else setTimeout(failed, AGAIN_AFTER); // scrolling asks again
      throw error;
    }
  }

  const aroundOf = (id, limit = MORE) => ({ limit, around: id });

  /** Loads around the first unread message, else around where one left off, else the newest. */
  async function load(chat) {
    const { unread = 0, first_unread: unreadFrom } = store.state.chats[chat] ?? {};
    const place = unreadFrom ?? left.get(chat);
    const isNear = !place || (unreadFrom && unread < NEAR);
    try {
      if (!isNear) return void (await ask(chat, "all", aroundOf(place)));
    } catch (error) {
      if (error.code !== "not_found") return tell(error);
    }
    await ask(chat, "all", { limit: PAGE }).catch(tell);
  }

  async function loadMore(chat, side) {
    const { ready, loading, complete, newest, messages } = timelineOf(chat) ?? {};
    if (!ready || loading || (side === "older" ? complete : newest)) return;
    const edge = side === "older" ? { before: messages[0]?.id } : { after: messages.at(-1)?.id };
    if (!messages.length) return void (await load(chat));
    await ask(chat, side, { limit: MORE, ...edge }).catch(() => {});
  }

  async function openChat(chat) {
    if (store.state.selected === chat) return;
    dispatch({ type: "chat.opened", chat });
    const { ready, divider, newest } = timelineOf(chat);
    if (!ready || (divider && !newest && !holds(chat, divider))) await load(chat);
  }

  function show(chat, place) {
    if (store.state.selected === chat)
      dispatch({ type: "place.wanted", place: { chat, focus: true, top: false, ...place } });
  }

  /** What goes wrong with a jump is told; the chat itself is then shown as it always is. */
  async function missed(chat, error) {
    tell(error.code === "not_found" ? new ApiError("message_gone") : error);
    if (!timelineOf(chat)?.ready) await load(chat);
  }

  async function jumpToEnd(chat, { focus = true } = {}) {
    try {
      if (!timelineOf(chat)?.newest && !(await ask(chat, "all", { limit: PAGE }))) return;
      show(chat, { id: null, focus });
    } catch (error) {
      await missed(chat, error);
    }
  }

  return {
    load,
    openChat,
    jumpToEnd,
    loadOlder: (chat) => loadMore(chat, "older"),
    loadNewer: (chat) => loadMore(chat, "newer"),
    letGo: (chat, range) => dispatch({ type: "page.let_go", chat, range }),

    /** Where one is reading, for coming back; null at the end. */
    remember(chat, id) {
      if (id) left.set(chat, id);
      else left.delete(chat);
    },

    /** After a time without news: `page.loaded` of what is looked at, with its newest state. */
    async fresh(chat) {
      const place = timelineOf(chat)?.ready && left.get(chat);
      const query = place ? aroundOf(place, LARGEST_PAGE) : { limit: PAGE };
      try {
        const page = await fetchPage(chat, query);
        return { type: "page.loaded", chat, page, ...endsOf(page, query) };
      } catch (error) {
        if (!place || error.code !== "not_found") throw error;
        const page = await fetchPage(chat, { limit: PAGE });
        return { type: "page.loaded", chat, page, ...endsOf(page, { limit: PAGE }) };
      }
    },

    /** Opens the chat, brings this message into its middle, and marks it for a moment. */
    async jumpTo(chat, id, { focus = true, top = false } = {}) {
      if (innerWidth < NARROW) dispatch({ type: "panel.changed", panel: null });
      if (store.state.selected !== chat) dispatch({ type: "chat.opened", chat });
      try {
        if (!holds(chat, id) && !(await ask(chat, "all", aroundOf(id)))) return;
        show(chat, { id, focus, top });
      } catch (error) {
        await missed(chat, error);
      }
    },

    /** To the first message of that moment or after it, else to the newest. */
    async jumpToDate(chat, time) {
      try {
        const page = await ask(chat, "all", { limit: MORE, at: Math.max(0, time) });
        if (page?.length) show(chat, { id: page[0].id, top: true });
        else if (page) await jumpToEnd(chat);
      } catch (error) {
        await missed(chat, error);
      }
    },
  };
}
