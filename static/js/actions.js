/**
 * What a person can do here, each as one function; and keeping up with the program.
 *
 * A failure ends as words: in the place that asked for the act (it then rejects), or as a notice.
 */

import { ApiError, at, createApi } from "./api.js";
import { createActing } from "./acting.js";
import { createDrafting } from "./drafting.js";
import { createGrouping } from "./grouping.js";
import { createHistory } from "./history.js";
import { createLive } from "./live.js";
import { createKeeping } from "./keeping.js";
import { createReaching } from "./reaching.js";
import { createSafekeeping } from "./safekeeping.js";
import { createSearching } from "./searching.js";
import { createSending } from "./sending.js";
import { createSession } from "./session.js";
import { createTrusting } from "./trusting.js";

export function createActions(store) {
  const { dispatch } = store;
  const session = createSession({ onSecret: () => live.open() });
  const refused = (secret) => {
    session.bury(secret);
    if (session.isDead()) dispatch({ type: "link.changed", link: "expired" });
  };
  const call = createApi(session, refused);
  const sending = createSending(store, call);
  const history = createHistory(store, call, tell);
  const { openChat } = history;
  const acting = createActing(store, call, (error) => tell(error));
  let early = null; // events heard while the state they belong to was on its way

  const live = createLive({
    session,
    onHello: catchUp,
    onEvent(event) {
      if (event.type === "notice" && event.code === "erased") safekeeping.leaveErased();
      else if (early) early.push(event);
      else dispatch(event);
    },
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

  const keeping = createKeeping(session, refused);
  const safekeeping = createSafekeeping(store, call, { live, saveAs: keeping.saveAs });

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
        page = chat && (await history.fresh(chat));
      } while (chat !== store.state.selected);
      if (early !== mine) return;
      early = null;
      dispatch({ type: "synced", me, people, requests, chats, groups, sas });
      if (page) dispatch(page);
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

  function tell({ code, sentence }) {
    if (code !== "unauthorized") dispatch({ type: "notice", code, sentence });
  }

  return {
    ...sending,
    ...acting,
    ...createDrafting(store, call, acting.quoteFor),
    ...createTrusting(store, call, tell),
    ...createReaching(store, call, openChat),
    ...createGrouping(store, call, tell, openChat),
    ...history,
    ...createSearching(store, call, history.jumpTo),
    ...keeping,
    ...safekeeping,

    closeChat: () => dispatch({ type: "chat.closed" }),
    showPanel: (panel) => dispatch({ type: "panel.changed", panel }),
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
