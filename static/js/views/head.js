/**
 * Above the chat: with whom, how far they are trusted, whether they are there.
 *
 * "Not verified yet" is an invitation to do it, so it is a button and no alarm.
 */

import { h, setProps, setText } from "../h.js";
import { createFace } from "../faces.js";
import { icon } from "../icons.js";
import { nameOf, presence } from "../lists.js";
import { currentLocale, say } from "../words.js";

const TICK = 1_000; // ms, while a countdown is shown

export function createHead(store, actions) {
  const face = createFace();
  const name = h("bdi");
  const trustIcon = h("span", { class: "trust-icon" }, icon("verified"));
  const trustWord = h("span");
  const trust = h("button", { type: "button", class: "trust" }, trustIcon, trustWord);
  const status = h("p", { class: "presence", "data-presence-text": true });
  const details = () => actions.showPanel(store.state.panel === "details" ? null : "details");
  const root = h(
    "header",
    { class: "head" },
    h("button", { type: "button", class: "button bare back", "aria-label": say("back"), onclick: actions.closeChat }, icon("back")),
    h("span", { class: "head-face" }, face.element),
    h("div", { class: "head-words", onclick: details }, h("h2", { class: "head-name" }, name), trust, status),
    h("button", { type: "button", class: "button bare", "aria-label": say("details"), title: say("details"), "data-details": true, onclick: details }, icon("info")),
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
    setProps(trust, { hidden: !person || person.blocked, "data-trust": verified ? "verified" : "new" });
    setText(status, say(key, values));
    setProps(status, { "data-presence": key === "presence.online" ? dot : null });
    if (key === "presence.retry") timer = setTimeout(touch, TICK);
  }
  store.watch(({ selected, people, chats, now, link }) => [selected, people, chats, now, link], touch);
  return root;
}
