/**
 * What the page knows, as one value, and how each event changes it. Pure.
 *
 * Events come from the program (past tense, as it names them) and from the page itself. A state
 * is never changed in place: a view compares parts by identity to see whether it is concerned.
 */

import { findHandlers, findsAfter } from "./finds.js";
import { pageHandlers } from "./pages.js";
import { EMPTY, addMessage, changeMessage, removeMessage } from "./timeline.js";
import { actHandlers, initialActs, namesUs, withoutMessage } from "./acts.js";

const KEPT_TIMELINES = 6; // chats whose messages stay loaded while others are looked at
// Panels that speak of the selected chat.
const OF_A_CHAT = ["details", "add", "seen", "versions", "pins", "reactions"];

export const initialState = {
  link: "starting", // starting, open, retrying, stopped, expired, crowded, none, used (a ticket)
  me: null,
  people: {}, // address -> person
  requests: {}, // address -> request
  chats: {}, // chat -> chat
  groups: {}, // chat -> group
  timelines: {}, // chat -> timeline
  outgoing: {}, // chat -> what was written and is not yet taken by the program
  drafts: {}, // chat -> text
  ...initialActs,
  selected: null,
  place: null, // { chat, id or null (the end), focus, top }: what the log was asked to show
  attentive: false, // the newest message of the selected chat is being looked at
  panel: null, // details, me, invite, requests, doctor, group (a new one), add (members), seen
  seen: null, // { chat, id, text } of our own message, and then { answer } or { error }: who has it
  sas: {}, // address -> the comparing of emoji with them, until it is taken from the screen
  invite: null, // my link without a pass, once it was asked for
  doctor: null, // { running } or { report } or { error }, and of which address
  query: "",
  found: null, // { query, hits, more, asking, error }: messages that hold the query
  seek: null, // the same inside the selected chat, with `chat`, and `at`: the hit that is shown
  connecting: null, // { target, error? }
  notices: [],
  now: 0,
};

const byKey = (list, key) => Object.fromEntries(list.map((item) => [item[key], item]));

function without(table, key) {
  if (!(key in table)) return table;
  const { [key]: _, ...rest } = table;
  return rest;
}

/** The state with one entry of one of its tables another one. */
const put = (state, table, key, value) =>
  state[table][key] === value ? state : { ...state, [table]: { ...state[table], [key]: value } };

const withTimeline = (state, chat, timeline) => put(state, "timelines", chat, timeline);

const withOutgoing = (state, chat, list) => ({
  ...state,
  outgoing: list.length ? { ...state.outgoing, [chat]: list } : without(state.outgoing, chat),
});

/** Our own message may be told by event before the answer to its POST: then it is that one. */
function claimed(outgoing, message) {
  if (!message.own) return undefined;
  return outgoing.find(({ state, text }) => state === "sending" && text === message.text);
}

const RUNNING = ["waiting", "compare", "same_said"];
export const isRunning = (run) => RUNNING.includes(run?.state);

/** A run that the program does not know is over; how one ended stays until it was seen. */
function knownRuns(runs, list) {
  const lost = (run) =>
    isRunning(run) ? { ...run, state: "cancelled", reason: "connection_lost" } : run;
  const kept = Object.entries(runs).map(([person, run]) => [person, lost(run)]);
  return { ...Object.fromEntries(kept), ...byKey(list, "person") };
}

const handlers = {
  "link.changed": (state, { link }) => ({ ...state, link }),

  synced: (state, { me, people, requests, chats, groups = [], sas = [] }) => {
    const { selected } = state;
    const kept =
      selected && state.timelines[selected] ? { [selected]: state.timelines[selected] } : {};
    const next = {
      ...state,
      link: "open",
      me,
      people: byKey(people, "address"),
      requests: byKey(requests, "address"),
      chats: byKey(chats, "chat"),
      groups: byKey(groups, "chat"),
      sas: knownRuns(state.sas, sas),
      timelines: kept,
      typing: {}, // told anew
      pins: {},
    };
    const known =
      !selected || [next.chats, next.people, next.groups].some((table) => selected in table);
    return known ? next : { ...next, selected: null, panel: null, timelines: {} };
  },

  "me.changed": (state, { me }) => ({ ...state, me }),

  "person.changed": (state, { person }) => put(state, "people", person.address, person),
  "person.removed": (state, { address }) => {
    const next = { ...state, people: without(state.people, address) };
    const gone = state.selected === address && !(address in state.chats);
    const person = state.people[address];
    // Whoever left while we look at them keeps their name on the screen, and what we write to them.
    if (gone && person?.relation === "none")
      return put(state, "people", address, { ...person, nearby: false, online: false });
    return gone ? { ...next, selected: null, panel: null } : next;
  },

  "request.added": (state, { request }) => put(state, "requests", request.address, request),
  "request.removed": (state, { address }) => ({
    ...state,
    requests: without(state.requests, address),
  }),

  "sas.changed": (state, { person, state: stage, emoji, started_by_me, reason }) =>
    stage === "cancelled" && reason === "by_me"
      ? { ...state, sas: without(state.sas, person) }
      : put(state, "sas", person, { person, state: stage, emoji, started_by_me, reason }),
  "sas.closed": (state, { person }) => ({ ...state, sas: without(state.sas, person) }),

  "group.changed": (state, { group }) => put(state, "groups", group.chat, group),
  "group.removed": (state, { chat }) => ({
    ...state,
    groups: without(state.groups, chat),
    ...(state.selected === chat && !(chat in state.chats) ? { selected: null, panel: null } : {}),
  }),
  "seen.changed": (state, { seen }) => ({ ...state, seen }),

  "chat.changed": (state, { chat }) => put(state, "chats", chat.chat, chat),
  "chat.removed": (state, { chat }) => ({
    ...state,
    chats: without(state.chats, chat),
    timelines: without(state.timelines, chat),
    outgoing: without(state.outgoing, chat),
    drafts: without(state.drafts, chat),
    ...(state.selected === chat ? { selected: null, panel: null } : {}),
  }),

  "message.added": (state, { chat, message, counted, before = null }) => {
    let next = state;
    const entry = state.chats[chat];
    const isLine = message.kind === "system";
    if (entry) {
      const known = counted || message.own || isLine || entry.last?.id === message.id;
      const more = known
        ? {}
        : {
            unread: entry.unread + 1,
            first_unread: entry.first_unread ?? message.id,
            mentioned: entry.mentioned || namesUs(state, message),
          };
      const last = counted || before !== null ? entry.last : message;
      next = put(next, "chats", chat, { ...entry, ...more, last });
    }
    const pending = claimed(state.outgoing[chat] ?? [], message);
    if (pending)
      next = withOutgoing(
        next,
        chat,
        state.outgoing[chat].filter((item) => item !== pending),
      );
    let timeline = state.timelines[chat];
    if (!timeline) return next;
    const isSeen = state.attentive && chat === state.selected;
    const missed =
      !message.own && !isLine && timeline.divider === null && before === null && !isSeen;
    timeline = addMessage(timeline, message, pending?.key, before);
    return withTimeline(
      next,
      chat,
      missed && timeline.ready ? { ...timeline, divider: message.id } : timeline,
    );
  },

  "message.removed": (state, { chat, id }) => {
    const entry = state.chats[chat];
    const timeline = state.timelines[chat] && removeMessage(state.timelines[chat], id);
    const next = withoutMessage(timeline ? withTimeline(state, chat, timeline) : state, chat, id);
    if (entry?.last?.id !== id) return next;
    // What is unread, and the last one where nothing is loaded, the program tells anew.
    return put(next, "chats", chat, {
      ...entry,
      last: timeline?.newest ? (timeline.messages.at(-1) ?? null) : null,
    });
  },

  "message.state": (state, { chat, id, state: reached }) => {
    const entry = state.chats[chat];
    const timeline = state.timelines[chat];
    let next = state;
    if (entry?.last?.id === id)
      next = put(next, "chats", chat, { ...entry, last: { ...entry.last, state: reached } });
    return timeline
      ? withTimeline(next, chat, changeMessage(timeline, id, { state: reached }))
      : next;
  },

  "chat.opened": (state, { chat }) => {
    const kept = Object.entries(state.timelines)
      .filter(([key]) => key !== chat)
      .slice(1 - KEPT_TIMELINES);
    const divider = state.chats[chat]?.first_unread ?? null;
    const timeline = { ...(state.timelines[chat] ?? EMPTY), divider };
    const panel = OF_A_CHAT.includes(state.panel) && chat !== state.selected ? null : state.panel;
    return {
      ...state,
      selected: chat,
      seek: state.seek?.chat === chat ? state.seek : null,
      attentive: false,
      panel,
      timelines: { ...Object.fromEntries(kept), [chat]: timeline },
    };
  },
  "chat.closed": (state) => ({
    ...state,
    selected: null,
    seek: null,
    panel: OF_A_CHAT.includes(state.panel) ? null : state.panel,
  }),
  "attention.changed": (state, { attentive }) =>
    attentive === state.attentive ? state : { ...state, attentive },

  ...pageHandlers,

  "outgoing.added": (state, { chat, item }) => {
    const next = withOutgoing(state, chat, [...(state.outgoing[chat] ?? []), item]);
    const timeline = state.timelines[chat];
    return timeline ? withTimeline(next, chat, { ...timeline, divider: null }) : next;
  },
  "outgoing.changed": (state, { chat, key, changes }) =>
    withOutgoing(
      state,
      chat,
      (state.outgoing[chat] ?? []).map((item) =>
        item.key === key ? { ...item, ...changes } : item,
      ),
    ),
  "outgoing.removed": (state, { chat, key, message }) => {
    const list = (state.outgoing[chat] ?? []).filter((item) => item.key !== key);
    const next = withOutgoing(state, chat, list);
    const timeline = state.timelines[chat];
    return message && timeline
      ? withTimeline(next, chat, addMessage(timeline, message, key))
      : next;
  },

  "draft.changed": (state, { chat, text }) => ({
    ...state,
    drafts: text ? { ...state.drafts, [chat]: text } : without(state.drafts, chat),
  }),
  ...actHandlers,
  "panel.changed": (state, { panel }) => ({ ...state, panel }),
  "invite.changed": (state, { invite }) => ({ ...state, invite }),
  "doctor.changed": (state, { doctor }) => ({ ...state, doctor }),
  ...findHandlers,
  "query.changed": (state, { query }) => ({ ...state, query, connecting: null }),
  "connecting.changed": (state, { connecting }) => ({ ...state, connecting }),
  notice: (state, { code, sentence, values }) => {
    const others = state.notices.filter((notice) => notice.code !== code);
    return { ...state, notices: [...others, { key: code, code, sentence, values }].slice(-3) };
  },
  "notice.closed": (state, { key }) => ({
    ...state,
    notices: state.notices.filter((notice) => notice.key !== key),
  }),
  "clock.ticked": (state, { now }) => ({ ...state, now }),
};

/** A newer program may speak of things we do not know; that is not an error. */
export function reduce(state, event) {
  if (!Object.hasOwn(handlers, event.type)) return state;
  return findsAfter(handlers[event.type](state, event), event);
}
