/** The middle: the chat that is selected, or what to do when none is. */

import { createFace } from "../faces.js";
import { button, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { nameOf, presence } from "../lists.js";
import { currentLocale, phrase, say } from "../words.js";
import { createComposer } from "./composer.js";
import { createLog } from "./log.js";
import { createReach } from "./reach.js";

const TICK = 1_000; // ms, while a countdown is shown

export function createChat(store, actions) {
  const chat = h(
    "div",
    { class: "chat", hidden: true },
    createHead(store, actions),
    createLog(store, actions),
    createComposer(store, actions),
  );
  const blank = createBlank(store);
  const root = h(
    "section",
    { class: "main", "data-region": "main", "aria-label": say("chat.label"), tabindex: "-1" },
    chat,
    blank,
  );
  store.watch(["selected"], (selected) => {
    hide(chat, !selected);
    hide(blank, selected);
  });
  return root;
}

/**
 * With whom, how far they are trusted, whether they are there. "Not verified yet" is an
 * invitation to do it, so it is a button and no alarm.
 */
function createHead(store, actions) {
  const face = createFace();
  const name = h("bdi");
  const trustIcon = h("span", { class: "trust-icon" });
  const trustWord = h("span", { class: "trust-word" });
  const trust = h("button", { type: "button", class: "trust" }, trustIcon, trustWord);
  const status = h("p", { class: "presence", "data-presence-text": true });
  const details = () => actions.showPanel(store.state.panel === "details" ? null : "details");
  const root = h(
    "header",
    { class: "head" },
    button("bare back", actions.closeChat, { "aria-label": say("back") }, icon("back")),
    h("span", { class: "head-face" }, face.element),
    h(
      "div",
      { class: "head-words", onclick: details },
      h("h2", { class: "head-name" }, name),
      trust,
      status,
    ),
    button(
      "bare",
      details,
      { "aria-label": say("details"), title: say("details"), "data-details": true },
      icon("info"),
    ),
  );

  let timer = 0;
  function touch() {
    clearTimeout(timer);
    const { state } = store;
    if (!state.selected) return;
    const person = state.people[state.selected];
    const shown = nameOf(state, state.selected);
    const { dot, key, values } = presence(state, state.selected, Date.now(), currentLocale());
    face.update(state.selected, shown, dot);
    setText(name, shown);
    const verified = person?.level === 2;
    setText(trustWord, say(verified ? "trust.verified" : "trust.not"));
    setChildren(trustIcon, [icon(verified ? "verified" : "shield")]);
    setProps(trust, {
      hidden: !person || person.blocked,
      "data-trust": verified ? "verified" : "new",
    });
    setText(status, say(key, values));
    setProps(status, { "data-presence": key === "presence.online" ? dot : null });
    if (key === "presence.retry") timer = setTimeout(touch, TICK);
  }
  store.watch(["selected", "people", "chats", "now", "link"], touch);
  return root;
}

function createBlank(store) {
  const title = h("h2");
  const text = h("p", { class: "lead" });
  const place = h("div", { class: "blank-reach" }, createReach(store, "blank.reach"));
  const keys = h(
    "p",
    { class: "hint" },
    phrase("blank.keys", { key: h("kbd", {}, say("blank.key")) }),
  );
  const root = h(
    "section",
    { class: "blank" },
    h("span", { class: "mark", "aria-hidden": "true" }),
    title,
    text,
    place,
    keys,
  );
  store.watch(["chats", "people", "requests"], (chats, people, requests) => {
    const some = Object.keys(chats).length + Object.keys(people).length > 0;
    const kind = Object.keys(requests).length ? "asked" : some ? "choose" : "nobody";
    setProps(root, { "data-empty": kind });
    hide(place, kind !== "nobody");
    setText(title, say(`blank.${kind}`));
    setChildren(text, phrase(`blank.${kind}.text`));
  });
  return root;
}
