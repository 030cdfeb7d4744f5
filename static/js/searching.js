/**
 * Finding what was said: in all chats (the left box), and inside one.
 *
 *     typed ── 150 ms ──> GET search ──> { query, chat, hits, more, asking, error }
 *
 * Only the answer to the last question counts. What was found stays until the next answer, so
 * that nothing flickers while one types.
 */

import { ApiError } from "./api.js";

const WAIT = 150; // ms without typing
const PAGE = 50; // hits asked for at a time
const LEAST = 2; // characters; fewer are in nearly every message

/** `get` and `put` keep one search in the state; `arrived` is told of a new first page. */
function createSearch(call, get, put, arrived = () => {}) {
  let timer = 0;
  let asks = 0;

  async function ask({ query, chat, hits }, before) {
    const asked = (asks += 1);
    const q = new URLSearchParams({ q: query, limit: PAGE });
    if (chat) q.set("chat", chat);
    if (before) q.set("before", before);
    put({ ...get(), asking: true, error: null });
    const news = await call("GET", `search?${q}`).then(
      (page) => ({ hits: before ? [...hits, ...page] : page, more: page.length === PAGE }),
      (error) => {
        if (!(error instanceof ApiError)) throw error;
        return before ? { error } : { hits: [], more: false, error };
      },
    );
    if (asked !== asks || !get()) return;
    put({ ...get(), ...news, asking: false });
    if (!before) arrived();
  }

  return {
    find(query, chat = "") {
      clearTimeout(timer);
      asks += 1; // whatever is on its way is stale
      const wanted = { query: query.trim(), chat };
      if ([...wanted.query].length < LEAST) {
        put({ ...wanted, hits: [], more: false, asking: false, error: null });
        return;
      }
      put({ hits: [], more: false, error: null, ...get(), ...wanted, asking: true });
      timer = setTimeout(() => ask(get()), WAIT);
    },

    async more() {
      const now = get();
      if (now?.more && !now.asking) await ask(now, now.hits.at(-1).id);
    },

    close() {
      clearTimeout(timer);
      asks += 1;
      put(null);
    },
  };
}

export function createSearching(store, call, jumpTo) {
  const { dispatch } = store;
  const everywhere = createSearch(
    call,
    () => store.state.found,
    (found) => dispatch({ type: "found.changed", found }),
  );
  const inside = createSearch(
    call,
    () => store.state.seek,
    (seek) => dispatch({ type: "seek.changed", seek }),
    () => go(0),
  );

  /** Shows one hit of the search inside a chat; the focus stays in its field. */
  function go(at) {
    const { seek } = store.state;
    const hit = seek?.hits[at];
    if (!hit) return;
    dispatch({ type: "seek.changed", seek: { ...seek, at } });
    jumpTo(seek.chat, hit.id, { focus: false });
  }

  return {
    /** What is typed into the left box: it filters the lists, and is looked for in messages. */
    search(query) {
      dispatch({ type: "query.changed", query });
      if (query.trim()) everywhere.find(query);
      else everywhere.close();
    },
    moreFound: everywhere.more,

    seek: (query) => inside.find(query, store.state.selected),
    closeSeek: inside.close,

    /** `by`: 1 to the next older hit, -1 to the next newer one. */
    async stepSeek(by) {
      const at = (store.state.seek?.at ?? 0) + by;
      if (at === store.state.seek?.hits.length) await inside.more();
      if (at >= 0) go(at);
    },
  };
}
