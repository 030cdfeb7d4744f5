/**
 * How pages of a chat come, join what is loaded, and are let go again; a part of the state. Pure.
 *
 * Each question for a page has a number: an answer counts only while it is the one waited for.
 */

import { EMPTY, addNewer, addOlder, letGo, replaceAll, settled } from "./timeline.js";

const withTimeline = (state, chat, timeline) =>
  state.timelines[chat] === timeline
    ? state
    : { ...state, timelines: { ...state.timelines, [chat]: timeline } };

const isStale = (timeline, asked) => asked !== undefined && timeline.loading?.asked !== asked;

export const pageHandlers = {
  "page.asked": (state, { chat, side = "all", asked }) => {
    const timeline = state.timelines[chat] ?? EMPTY;
    return withTimeline(state, chat, { ...timeline, loading: { side, asked } });
  },

  "page.failed": (state, { chat, asked }) => {
    const timeline = state.timelines[chat];
    if (!timeline || isStale(timeline, asked)) return state;
    return withTimeline(state, chat, settled(timeline));
  },

  /** `side`: older or newer than the message `edge`, else in place of everything. */
  "page.loaded": (state, { chat, asked, side, edge, page, complete = false, newest = true }) => {
    const timeline = state.timelines[chat];
    if (!timeline || isStale(timeline, asked)) return state;
    if (side === "older")
      return withTimeline(state, chat, addOlder(timeline, page, complete, edge));
    if (side === "newer") return withTimeline(state, chat, addNewer(timeline, page, newest, edge));
    return withTimeline(state, chat, replaceAll(timeline, page, complete, newest));
  },

  /** `range` is what is drawn of the chat. */
  "page.let_go": (state, { chat, range }) =>
    state.timelines[chat]
      ? withTimeline(state, chat, letGo(state.timelines[chat], range))
      : state,

  /** `place`: { chat, id or null for the end, focus, top }, to be brought into view. */
  "place.wanted": (state, { place }) => ({ ...state, place }),
};
