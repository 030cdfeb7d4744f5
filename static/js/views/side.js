/**
 * The left column: me, the box, requests, then chats by last activity, the people who are in none
 * yet, and the blocked ones.
 *
 * The rows are one stop for the Tab key; the arrows go through them.
 */

import { createFace } from "../faces.js";
import { isGroup, isMuted, memberName } from "../groups.js";
import { button, createList, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { asTarget, presence, sections, unreadOf } from "../lists.js";
import { currentLocale, say } from "../words.js";
import { createAround, createLooking, createOffer, isAlone } from "./around.js";
import { createBox } from "./box.js";
import { createFound } from "./found.js";
import { createRequests } from "./requests.js";
import { createRow } from "./row.js";
import { tellGroup, tellLine } from "./telling.js";
import { tellTyping } from "./typing.js";

const KINDS = ["chats", "people", "nearby", "blocked"];

export function createSide(store, actions) {
  return h(
    "nav",
    { class: "side", "aria-label": say("side.label"), "data-region": "side", tabindex: "-1" },
    createMe(store, actions),
    createBox(store, actions),
    h("div", { class: "side-lists" }, createRequests(store, actions), createPeople(store, actions)),
  );
}

function createMe(store, actions) {
  const face = createFace();
  const name = h("bdi", { class: "me-name" });
  const reach = h("span", { class: "me-reach" });
  const about = h(
    "button",
    {
      type: "button",
      class: "me",
      "data-me": true,
      title: say("me.open.title"),
      onclick: () => actions.showPanel(store.state.panel === "me" ? null : "me"),
    },
    face.element,
    h("span", { class: "me-words" }, name, reach),
  );
  store.watch(["me"], (me) => {
    if (!me) return;
    face.update(me.address, me.name || "·");
    setText(name, me.name);
    setChildren(reach, [
      icon("eye"),
      h("span", {}, say(me.discovery === "off" ? "me.unseen" : `me.seen.${me.visibility}`)),
    ]);
  });
  return h(
    "div",
    { class: "me-line" },
    about,
    button(
      "bare",
      () => actions.showPanel(store.state.panel === "group" ? null : "group"),
      { "aria-label": say("group.new"), title: say("group.new"), "data-group-open": true },
      icon("group"),
    ),
    button(
      "bare",
      () => actions.showPanel(store.state.panel === "invite" ? null : "invite"),
      { "aria-label": say("me.invite"), title: say("me.invite"), "data-invite-open": true },
      icon("invite"),
    ),
  );
}

function createPeople(store, actions) {
  const parts = KINDS.map((kind) => createSection(kind, actions));
  const nobody = h("p", { class: "side-empty", "data-empty": "search" }, say("side.nothing"));
  const alone = h(
    "div",
    { class: "side-empty", "data-empty": "people" },
    h("p", { class: "side-empty-title" }, say("side.alone")),
    createAround(store, actions, "side.alone.reach"),
    h("p", {}, say("side.alone.box")),
  );
  // With chats, but nobody around: where it is looked stands where people would appear.
  const looking = h(
    "div",
    { class: "side-looking", hidden: true },
    createLooking(store),
    createOffer(store, actions, (state) => anybody(state) && isAlone(state)),
  );
  const root = h(
    "div",
    { class: "people", onkeydown: walk },
    parts.map(({ kind, element }) => (kind === "blocked" ? [looking, element] : element)),
    createFound(store, actions),
    nobody,
    alone,
  );

  store.watch(
    [
      "people",
      "chats",
      "groups",
      "requests",
      "outgoing",
      "drafts",
      "typing",
      "selected",
      "attentive",
      "query",
      "found",
      "now",
      "link",
    ],
    () => {
      const { state } = store;
      const lists = sections(state);
      parts.forEach((part) => part.update(lists[part.kind].map((row) => describe(state, row))));
      const found = KINDS.some((kind) => lists[kind].length);
      const isSaid = state.found?.hits.length;
      hide(nobody, found || isSaid || !state.query || asTarget(state.query));
      hide(alone, anybody(state) || state.query);
      hide(looking, !anybody(state) || state.query || lists.nearby.length);
      const rows = [...root.querySelectorAll(".row-button")];
      const stop = rows.find((row) => row.hasAttribute("aria-current")) ?? rows[0];
      rows.forEach((row) => setProps(row, { tabindex: row === stop ? 0 : -1 }));
    },
  );

  function walk(event) {
    const rows = [...root.querySelectorAll(".row-button")].filter((row) => row.offsetParent);
    const at = rows.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0 || next === undefined || event.altKey) return;
    event.preventDefault();
    rows[next]?.focus();
  }
  return root;
}

const anybody = (state) =>
  Object.values(sections({ ...state, query: "" })).some((list) => list.length);

function describe(state, row) {
  const { key } = row;
  const person = state.people[key];
  const isOfMany = isGroup(state, key);
  const last = state.outgoing[key]?.at(-1) ?? state.chats[key]?.last ?? null;
  return {
    ...row,
    line: last?.kind === "system" ? tellLine(state, key, last).text : "",
    ...(isOfMany && describeGroup(state, key, last)),
    person,
    presence: isOfMany ? null : presence(state, key, state.now, currentLocale()),
    last,
    unread: unreadOf(state, key),
    isMentioned: Boolean(state.chats[key]?.mentioned),
    typing: key === state.selected ? "" : tellTyping(state, key),
    draft: key === state.selected ? "" : (state.drafts[key] ?? ""),
    selected: key === state.selected,
    now: state.now,
  };
}

/** `line` is the preview of what nobody said; `said` is by whom the last words are. */
function describeGroup(state, key, last) {
  const isLine = last?.kind === "system";
  return {
    isGroup: true,
    isMuted: isMuted(state, key),
    line: isLine ? tellLine(state, key, last).text : last ? "" : tellGroup(state, state.groups[key]),
    said: last && !isLine ? memberName(state, key, last.author, last.author_name) : "",
  };
}

function createSection(kind, actions) {
  const list = h("ul", { class: "rows", "aria-label": say(`side.${kind}`) });
  const draw = createList(list, (item) => createRow(item, actions));
  const element =
    kind === "blocked"
      ? h(
          "details",
          { class: "section", "data-section": kind },
          h("summary", {}, say(`side.${kind}`)),
          list,
        )
      : h(
          "section",
          { class: "section", "data-section": kind, "aria-label": say(`side.${kind}`) },
          h("h2", { class: kind === "chats" ? "sr" : "" }, say(`side.${kind}`)),
          list,
        );
  return {
    kind,
    element,
    update(items) {
      hide(element, !items.length);
      draw(items);
    },
  };
}
