/**
 * The head of a chat: with whom, how far they are trusted, whether they are there.
 *
 * "Not verified yet" is an invitation and no alarm. The badge stands outside of the name, and
 * names are shown without signs like it (names.js).
 */

import { createFace } from "../faces.js";
import { isGroup, isMuted } from "../groups.js";
import { bdi, button, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { isStranger, mayCompare, nameOf, presence, trustOf } from "../lists.js";
import { currentLocale, phrase, say } from "../words.js";
import { createCautions } from "./cautions.js";
import { createDateButton } from "./datepick.js";
import { askToLift } from "./dialog.js";
import { createMuted, tellGroup } from "./telling.js";
import { tellTyping } from "./typing.js";

const TICK = 1_000; // ms, while a countdown is shown
// The empty shield is the button that invites to compare; beside a name it could pass for a badge.
const ICONS = { verified: "verified", held: "alert", invite: "question", not: "question" };

export function createHead(store, actions, seek) {
  const face = createFace();
  const name = h("bdi");
  const trustIcon = h("span", { class: "trust-icon" });
  const trustWord = h("span", { class: "trust-word" });
  const trust = h("button", { type: "button", class: "trust" }, trustIcon, trustWord);
  const muted = createMuted();
  const status = h("p", { class: "presence", "data-presence-text": true });
  const details = () => actions.showPanel(store.state.panel === "details" ? null : "details");
  const compare = button(
    "small compare",
    () => actions.compare(store.state.selected, "start"),
    { "data-act": "compare", title: say("sas.start.title"), "aria-label": say("sas.start") },
    icon("shield"),
    h("span", {}, say("sas.start")),
  );
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
      muted,
      status,
    ),
    compare,
    createDateButton(store, actions),
    button(
      "bare",
      seek,
      { "aria-label": say("seek.open"), title: say("seek.open.title"), "data-act": "seek" },
      icon("search"),
    ),
    button(
      "bare",
      details,
      { "aria-label": say("details"), title: say("details"), "data-details": true },
      icon("info"),
    ),
  );

  /** Who is typing goes before everything else that the second line tells. */
  function showTyping() {
    const typing = tellTyping(store.state, store.state.selected);
    if (typing) setText(status, typing);
    setProps(status, { "data-typing": Boolean(typing) });
  }

  let timer = 0;
  function touch() {
    clearTimeout(timer);
    const { state } = store;
    if (!state.selected) return;
    const person = state.people[state.selected];
    const shown = nameOf(state, state.selected);
    const isOfMany = isGroup(state, state.selected);
    hide(muted, !isOfMany || !isMuted(state, state.selected));
    if (isOfMany) {
      face.update(state.selected, shown, "", true);
      setText(name, shown);
      setText(status, tellGroup(state, state.groups[state.selected]));
      setProps(status, { "data-presence": null });
      showTyping();
      setProps(root, { "data-stranger": false });
      hide(trust, true);
      hide(compare, true);
      return;
    }
    const { dot, key, values } = presence(state, state.selected, Date.now(), currentLocale());
    face.update(state.selected, shown, dot);
    setText(name, shown);
    const level = trustOf(person);
    setText(trustWord, say(`trust.${level}`));
    setChildren(trustIcon, [icon(ICONS[level])]);
    setProps(trust, { hidden: !person || person.blocked, "data-trust": level });
    setProps(root, { "data-stranger": isStranger(state, state.selected) });
    setText(status, say(key, values));
    setProps(status, { "data-presence": key === "presence.online" ? dot : null });
    hide(compare, !mayCompare(state, state.selected) || state.sas[state.selected]);
    showTyping();
    if (key === "presence.retry") timer = setTimeout(touch, TICK);
  }
  store.watch(["selected", "people", "chats", "groups", "now", "link", "sas", "typing"], touch);
  return root;
}

/** Below the head: that nothing is sent because the emoji differed, and whom this could be not. */
export function createHeadNotes(store, actions) {
  const cautions = createCautions();
  const words = h("p");
  const held = h(
    "div",
    { class: "held", role: "alert", hidden: true },
    icon("alert"),
    words,
    button("small", lift, { "data-act": "lift" }, say("held.lift")),
  );

  function lift() {
    const chat = store.state.selected;
    askToLift(nameOf(store.state, chat)).then((sure) => {
      if (sure) actions.changePerson(chat, { held: false }).catch(actions.tell);
    });
  }

  store.watch(
    ({ selected, people }) => [selected, people[selected]],
    (selected, person) => {
      cautions.update(person?.blocked ? [] : person?.warnings);
      hide(held, !person?.held);
      if (!person?.held) return;
      const shown = nameOf(store.state, selected);
      setChildren(words, phrase("held.text", { name: () => bdi(shown) }));
    },
  );
  return h("div", { class: "head-notes" }, held, cautions.element);
}
