/**
 * What a person can do here, each as one function; and keeping up with the program.
 *
 * A failure ends as words: in the place that asked for the act (it then rejects), or as a notice.
 */

import { ApiError, at, createApi } from "./api.js";
import { createGrouping } from "./grouping.js";
import { createLive } from "./live.js";
import { createReaching } from "./reaching.js";
import { createSending } from "./sending.js";
import { createSession } from "./session.js";
import { createTrusting } from "./trusting.js";

const PAGE = 50; // messages asked for at a time
const LARGEST_PAGE = 200; // the program gives no more at once
const FAR_ENOUGH = 2_000; // messages; the first unread further back than this is not looked for

export function createActions(store) {
  const { dispatch } = store;
  const session = createSession({ onSecret: () => live.open() });
  const call = createApi(session, (secret) => {
    session.bury(secret);
    if (session.isDead()) dispatch({ type: "link.changed", link: "expired" });
  });
  const sending = createSending(store, call);
  let early = null; // events heard while the state they belong to was on its way

  const live = createLive({
    session,
    onHello: catchUp,
    onEvent: (event) => (early ? early.push(event) : dispatch(event)),
    onLost: (reason) => dispatch({ type: "link.changed", link: reason }),
    async probe() {
      try {
        await call("GET", "me");
        return "retrying";
      } catch ({ code }) {
        return { unauthorized: "expired", stopped: "stopped" }[code] ?? "retrying";
      }
    },
  });

  async function catchUp({ me }) {
    const mine = (early = []);
    try {
      const tables = ["people", "requests", "chats", "groups", "sas"];
      const [people, requests, chats, groups, sas] = await Promise.all(
        tables.map((table) => call("GET", table)),
      );
      let chat, page;
      do {
        chat = store.state.selected;
        page = chat && (await pageOf(chat));
      } while (chat !== store.state.selected);
      if (early !== mine) return;
      early = null;
      dispatch({ type: "synced", me, people, requests, chats, groups, sas });
      if (page) dispatch({ type: "page.loaded", chat, page, complete: page.length < PAGE });
      withoutCounted(mine, chats).forEach(dispatch);
      sending.flush();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (early !== mine) return;
      early = null;
      live.restart();
    }
  }

  /** What was heard before `chats` was answered is in its unread numbers already. */
  function withoutCounted(events, list) {
    const last = Object.fromEntries(list.map((entry) => [entry.chat, entry.last?.id]));
    const ends = {};
    events.forEach((event, at) => {
      if (event.message && event.message.id === last[event.chat]) ends[event.chat] = at;
    });
    return events.map((event, at) =>
      at <= ends[event.chat] ? { ...event, counted: true } : event,
    );
  }

  /** A person without a chat yet has no messages: that is not an error. */
  async function pageOf(chat, limit = PAGE, before = "") {
    const { chats, people } = store.state;
    if (!(chat in chats) && people[chat]?.relation === "none") return []; // never talked to
    try {
      const from = before && at`&before=${before}`;
      return await call("GET", at`chats/${chat}/messages` + `?limit=${limit}${from}`);
    } catch (error) {
      if (error.code === "not_found") return [];
      throw error;
    }
  }

  const tell = ({ code, sentence }) => {
    if (code !== "unauthorized") dispatch({ type: "notice", code, sentence });
  };

  /** Loads the newest page, and on to the first unread message if that is further back. */
  async function load(chat) {
    const { unread = 0, first_unread: wanted } = store.state.chats[chat] ?? {};
    const limit = Math.min(LARGEST_PAGE, Math.max(PAGE, unread + 20));
    dispatch({ type: "page.asked", chat });
    try {
      let page = [];
      for (let complete = false, found = false; !complete && !found;) {
        const older = await pageOf(chat, limit, page[0]?.id);
        page = [...older, ...page];
        complete = older.length < limit;
        found = !wanted || page.length > FAR_ENOUGH || page.some(({ id }) => id === wanted);
        if (complete || found) dispatch({ type: "page.loaded", chat, page, complete });
      }
    } catch (error) {
      dispatch({ type: "page.failed", chat });
      tell(error);
    }
  }

  async function loadOlder(chat) {
    const timeline = store.state.timelines[chat];
    if (!timeline?.ready || timeline.loading || timeline.complete) return;
    dispatch({ type: "page.asked", chat });
    try {
      const page = await pageOf(chat, PAGE, timeline.messages[0]?.id);
      dispatch({ type: "page.loaded", chat, page, complete: page.length < PAGE, older: true });
    } catch {
      dispatch({ type: "page.failed", chat }); // scrolling asks again
    }
  }

  async function openChat(chat) {
    if (store.state.selected === chat) return;
    dispatch({ type: "chat.opened", chat });
    if (!store.state.timelines[chat].ready) await load(chat);
  }

  return {
    ...sending,
    ...createTrusting(store, call, tell),
    ...createReaching(store, call, openChat),
    ...createGrouping(store, call, tell, openChat),
    openChat,
    load,
    loadOlder,

    closeChat: () => dispatch({ type: "chat.closed" }),
    showPanel: (panel) => dispatch({ type: "panel.changed", panel }),
    search: (query) => dispatch({ type: "query.changed", query }),
    draft: (chat, text) => dispatch({ type: "draft.changed", chat, text }),
    attend: (attentive) => dispatch({ type: "attention.changed", attentive }),
    closeNotice: (key) => dispatch({ type: "notice.closed", key }),
    tell,

    /** Lets this tab in, by ticket, by what it has, or by another tab. */
    async start() {
      const ticket = session.takeTicket();
      if (ticket) await session.redeem(ticket, call).catch(() => {});
      if (session.isDead() && !(await session.askTabs())) {
        dispatch({ type: "link.changed", link: ticket ? "used" : "none" });
        return;
      }
      live.open();
    },

    async answer(address, action) {
      try {
        await call("POST", at`requests/${address}`, { action });
        dispatch({ type: "request.removed", address });
        if (action === "accept") await openChat(address);
      } catch (error) {
        tell(error);
      }
    },

    async setName(name) {
      dispatch({ type: "me.changed", me: await call("POST", "me", { name }) });
    },

    /** `changes`: name (mine for them), blocked, verified and how, held. */
    async changePerson(address, changes) {
      const person = await call("POST", at`people/${address}`, changes);
      dispatch({ type: "person.changed", person });
      if (changes.held === false) dispatch({ type: "sas.closed", person: address }); // it is over
    },

    async forget(address, history) {
      await call("DELETE", at`people/${address}` + (history ? "?history=true" : ""));
      dispatch({ type: "chat.closed" });
    },

    safety: (address) => call("GET", at`people/${address}/safety`),

    markRead: (chat, id) => call("POST", at`chats/${chat}`, { read: id }).catch(() => {}),
  };
}
