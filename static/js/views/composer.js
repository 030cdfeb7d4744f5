/**
 * Where one writes. Never disabled: whatever is in the way, words are kept and go when they can.
 *
 * Enter sends, Shift+Enter breaks the line; while an input method is composing (Chinese, Japanese,
 * accents on some keyboards) Enter belongs to it. The field grows with its text: an invisible copy
 * of the text behind it gives the height, without a script measuring anything.
 *
 * The same field changes a message that was sent; the draft waits meanwhile, and comes back.
 */

import { inWords } from "../durations.js";
import { countsOf, isGroup } from "../groups.js";
import { bdi, button, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { isStranger, nameOf } from "../lists.js";
import { MARKS, toggleMark } from "../marking.js";
import { addressed, asWritten, peopleIn } from "../mentions.js";
import { explain, phrase, say } from "../words.js";
import { createAbove } from "./above.js";
import { createMentioning } from "./mentioning.js";
import { mayEdit } from "./menu.js";

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
    "aria-autocomplete": "list",
    oninput: typed,
    onkeydown: pressed,
    onblur: left,
  });
  const mentioning = createMentioning(store, field, insert);
  const note = h("p", { class: "composer-note", id: "composer-note" });
  const trouble = h("p", { class: "composer-note trouble", role: "alert" });
  const send = h(
    "button",
    { class: "send", "aria-label": say("composer.send"), title: say("composer.send") },
    icon("send"),
  );
  const formatting = button(
    "bare format-open",
    explainMarks,
    { "aria-label": say("format.open"), title: say("format.open") },
    h("span", { "aria-hidden": "true" }, "Aa"),
  );
  const unblock = button("", lift, {}, say("details.unblock"));
  const form = h(
    "form",
    { class: "composer", "aria-label": say("composer.label"), onsubmit: submit },
    note,
    trouble,
    mentioning.elements,
    createAbove(store, stop),
    h("div", { class: "composer-row" }, h("div", { class: "grow" }, field, copy, formatting), send),
    unblock,
  );

  const editing = () => store.state.edits[store.state.selected];

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
    const { selected } = store.state;
    const edit = editing();
    if (edit) actions.setEdit(selected, { ...edit, now: field.value });
    else {
      actions.draft(selected, field.value);
      actions.type(selected, Boolean(field.value.trim()));
    }
    mentioning.look();
  }

  function left() {
    mentioning.close();
    actions.type(store.state.selected, false);
  }

  /** As if it was typed, so that it can be undone as what is typed. */
  function insert(start, end, text) {
    field.focus();
    field.setSelectionRange(start, end);
    if (document.execCommand("insertText", false, text)) return;
    field.setRangeText(text, start, end, "end");
    typed();
  }

  function mark(sign) {
    const change = toggleMark(field.value, field.selectionStart, field.selectionEnd, sign);
    insert(change.start, change.end, change.text);
    field.setSelectionRange(change.from, change.to);
  }

  /** Esc: no longer an answer, no longer a change. Returns whether it was one. */
  function stop() {
    const { selected, replies } = store.state;
    const wasBoth = editing() || replies[selected];
    if (editing()) actions.setEdit(selected, null);
    else if (wasBoth) actions.reply(selected, null);
    field.focus();
    return Boolean(wasBoth);
  }

  /** The last thing I said, where it is among what is loaded. */
  function editLast() {
    const { selected, timelines } = store.state;
    const last = timelines[selected]?.messages.findLast((one) => mayEdit(store.state, one));
    if (!last) return false;
    const text = asWritten(last);
    actions.setEdit(selected, { id: last.id, text });
    show(text); // at once: the next key may be on its way
    return true;
  }

  function pressed(event) {
    if (event.isComposing || event.keyCode === COMPOSING) return;
    const { key } = event;
    const sign = (event.ctrlKey || event.metaKey) && !event.altKey && MARKS[key.toLowerCase()];
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (mentioning.press(event)) event.stopPropagation();
    else if (key === "Enter" && !event.shiftKey) form.requestSubmit();
    else if (key === "Escape" && stop()) event.stopPropagation();
    else if (sign) mark(sign);
    else if (key !== "ArrowUp" || !isPlain || field.value || editing() || !editLast()) return;
    event.preventDefault();
  }

  function submit(event) {
    event.preventDefault();
    const chat = store.state.selected;
    const isHeld = store.state.people[chat]?.held; // its words stay where they were written
    const { value } = field;
    if (!isHeld && value.trim() && bytesIn(value) <= MOST_BYTES) {
      if (editing()) change(chat, editing(), value);
      else speak(chat, value);
    }
    field.focus();
  }

  function speak(chat, value) {
    const { text, mentions } = addressed(value, peopleIn(store.state, chat));
    actions.send(chat, text, { quote: store.state.replies[chat] ?? null, mentions });
    actions.type(chat, false);
    actions.clearDraft(chat);
    show("");
  }

  async function change(chat, { id, text: before }, value) {
    if (value === before) return actions.setEdit(chat, null);
    const { text, mentions } = addressed(value, peopleIn(store.state, chat));
    await actions
      .edit(chat, id, text, mentions)
      .catch((error) => store.state.selected === chat && setText(trouble, explain(error)));
  }

  let marks = null;
  async function explainMarks() {
    const { createFormatting } = await import("./formatting.js").catch(() => ({}));
    if (!createFormatting) return actions.tell({ code: "stopped" });
    if (!marks) formatting.after((marks = createFormatting()).element);
    marks.open(formatting, marks.element);
  }

  function lift() {
    actions.changePerson(store.state.selected, { blocked: false }).catch(actions.tell);
  }

  let chat = null;
  let changed = null; // the id of the message that is being changed
  store.watch(
    ({ selected, drafts, edits }) => [selected, drafts[selected] ?? "", edits[selected]],
    (selected, draft, edit) => {
      if (chat && chat !== selected) actions.type(chat, false);
      if (!selected) return void (chat = null);
      show(edit ? (edit.now ?? edit.text) : draft);
      if (chat !== selected || (edit?.id ?? null) !== changed) {
        mentioning.close();
        field.setSelectionRange(field.value.length, field.value.length);
      }
      changed = edit?.id ?? null;
      setProps(send, { "aria-label": say(edit ? "edit.save" : "composer.send"), title: say(edit ? "edit.save" : "composer.send") });
      setChildren(send, [icon(edit ? "check" : "send")]);
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
      const { timer } = store.state.chats[selected] ?? {};
      const key = noteFor(store.state, person) || (timer ? "timer.note" : "");
      const name = nameOf(store.state, selected);
      setChildren(note, key ? phrase(key, { name: bdi(name), time: inWords(timer ?? 0) }) : []);
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
  if (group.restored) return "composer.restored";
  const { n, online } = countsOf(group);
  if (n < 2) return "composer.alone";
  return online < 2 ? "composer.away" : "";
}
