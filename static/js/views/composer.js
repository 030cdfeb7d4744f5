/**
 * Where one writes. Never disabled: whatever is in the way, words are kept and go when they can.
 *
 * Enter sends, Shift+Enter breaks the line; while an input method is composing (Chinese, Japanese,
 * accents on some keyboards) Enter belongs to it. The field grows with its text: an invisible copy
 * of the text behind it gives the height, without a script measuring anything.
 */

import { countsOf, isGroup } from "../groups.js";
import { bdi, button, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { isStranger, nameOf } from "../lists.js";
import { phrase, say } from "../words.js";

const MOST_BYTES = 60_000; // of UTF-8; the program takes no longer text
const COUNT_FROM = 10_000; // characters; a shorter text is never too long
const COMPOSING = 229; // keyCode while Safari composes, which forgets isComposing

const bytesIn = (text) => (text.length < COUNT_FROM ? 0 : new TextEncoder().encode(text).length);

export function createComposer(store, actions) {
  const copy = h("div", { class: "grow-copy", "aria-hidden": "true" });
  const field = h("textarea", {
    id: "draft",
    rows: "1",
    dir: "auto",
    "data-composer": true,
    "aria-label": say("composer.label"),
    "aria-describedby": "composer-note",
    oninput: typed,
    onkeydown: pressed,
  });
  const note = h("p", { class: "composer-note", id: "composer-note" });
  const trouble = h("p", { class: "composer-note trouble", role: "alert" });
  const send = h(
    "button",
    { class: "send", "aria-label": say("composer.send"), title: say("composer.send") },
    icon("send"),
  );
  const unblock = button("", lift, {}, say("details.unblock"));
  const form = h(
    "form",
    { class: "composer", "aria-label": say("composer.label"), onsubmit: submit },
    note,
    trouble,
    h("div", { class: "composer-row" }, h("div", { class: "grow" }, field, copy), send),
    unblock,
  );

  function show(text) {
    if (field.value !== text) field.value = text;
    setText(copy, `${text}\n`);
    const over = bytesIn(text) - MOST_BYTES;
    const isHeld = store.state.people[store.state.selected]?.held;
    setText(trouble, over > 0 ? say("composer.long", { n: over }) : "");
    setProps(form, { "data-ready": Boolean(text.trim()) && over <= 0 && !isHeld });
  }

  function typed() {
    show(field.value);
    actions.draft(store.state.selected, field.value);
  }

  function pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === COMPOSING)
      return;
    event.preventDefault();
    form.requestSubmit();
  }

  function submit(event) {
    event.preventDefault();
    const chat = store.state.selected;
    const isHeld = store.state.people[chat]?.held; // its words stay where they were written
    if (!isHeld && field.value.trim() && bytesIn(field.value) <= MOST_BYTES) {
      actions.send(chat, field.value);
      actions.draft(chat, "");
      show("");
    }
    field.focus();
  }

  function lift() {
    actions.changePerson(store.state.selected, { blocked: false }).catch(actions.tell);
  }

  let chat = null;
  store.watch(
    ({ selected, drafts }) => [selected, drafts[selected] ?? ""],
    (selected, draft) => {
      if (!selected) return void (chat = null);
      show(draft);
      // A keyboard that comes up by itself would cover what one came to read. The timer: the chat
      // becomes visible only after everybody heard of it.
      if (chat !== selected && !matchMedia("(pointer: coarse)").matches)
        setTimeout(() => field.focus());
      chat = selected;
    },
  );
  store.watch(
    ({ selected, people, chats, groups, link }) => [
      selected,
      people[selected],
      groups[selected],
      chats[selected],
      link,
    ],
    (selected, person, group) => {
      if (!selected) return;
      const key = noteFor(store.state, person);
      const name = nameOf(store.state, selected);
      setChildren(note, key ? phrase(key, { name: bdi(name) }) : []);
      const isClosed = Boolean(person?.blocked || (group && group.standing !== "member"));
      setProps(form, { "data-closed": isClosed, "data-held": Boolean(person?.held) });
      show(field.value);
      hide(unblock, !person?.blocked);
      setProps(field, { placeholder: say("composer.hint") });
    },
  );
  return form;
}

function noteFor(state, person) {
  const group = state.groups[state.selected];
  if (group?.standing === "left" || group?.standing === "removed")
    return `composer.${group.standing}`;
  if (person?.blocked) return "composer.blocked";
  if (state.link === "stopped" || state.link === "expired") return "composer.stopped";
  if (group) return noteOfGroup(group);
  if (isGroup(state, state.selected)) return "";
  if (isStranger(state, state.selected)) return "composer.stranger";
  if (!person) return "";
  if (person.held) return "composer.held";
  if (person.relation === "asked") return "composer.asked";
  return person.online ? "" : "composer.offline";
}

function noteOfGroup(group) {
  const { n, online } = countsOf(group);
  if (n < 2) return "composer.alone";
  return online < 2 ? "composer.away" : "";
}
