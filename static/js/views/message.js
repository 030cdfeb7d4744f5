/**
 * A bubble: the text with its links, when, and how far it has come.
 *
 * Built once; a new state only changes the picture, which always takes the same room.
 */

import { isGroup, memberName } from "../groups.js";
import { button, h, hide, setChildren, setProps, setText } from "../h.js";
import { clock, fullDate } from "../dates.js";
import { icon, stateIcon } from "../icons.js";
import { splitLinks } from "../links.js";
import { nameOf } from "../lists.js";
import { toneOf } from "../faces.js";
import { currentLocale, explain, say } from "../words.js";
import { createMark } from "./seen.js";
import { tellLine } from "./telling.js";

const LONG = 1_500; // characters, or
const MANY = 24; // lines, from where on a text is folded
const SHOWN_AS = { sending: "waiting", unreached: "failed", refused: "failed" };
let emojiOnly = /(?!)/;
try {
  emojiOnly = new RegExp("^\\p{RGI_Emoji}{1,3}$", "v");
} catch {
  // A browser without this flag shows emoji in the size of text.
}

/** Where a folded text ends, or 0 when it is shown whole. */
export function foldAt(text) {
  let end = text.length > LONG ? LONG : text.length;
  for (let line = 0, from = 0; line < MANY; line += 1) {
    from = text.indexOf("\n", from) + 1;
    if (!from || from >= end) break;
    if (line === MANY - 1) end = from;
  }
  // A few words more are no reason to fold, and no character is cut in two.
  if (text.length - end < LONG / 10 && end !== text.length && text.indexOf("\n", end) < 0) return 0;
  if (end === text.length) return 0;
  const space = text.lastIndexOf(" ", end);
  if (space > end - 60) return space;
  return /[\ud800-\udbff]/.test(text[end - 1]) ? end - 1 : end;
}

const pieces = (text) =>
  splitLinks(text).map((part) =>
    part.link
      ? h(
          "a",
          { href: part.text, target: "_blank", rel: "noopener noreferrer", dir: "ltr" },
          part.text,
        )
      : part.text,
  );

export function createMessage(row, store, actions) {
  const chat = store.state.selected; // its rows are made anew with each chat
  const isOfMany = isGroup(store.state, chat);
  const who = h("span", { class: "sr" });
  const text = h("span", { class: "text" });
  const time = h("time", { class: "time" });
  const author = h("bdi", { class: "author", "aria-hidden": "true", hidden: true });
  const state = isOfMany
    ? createMark(() => shown.id && actions.openSeen({ chat, id: shown.id, text: shown.text }))
    : h("span", { class: "state" });
  const more = button("more", unfold, { hidden: true }, say("message.more"));
  const meta = h("span", { class: "meta", dir: "ltr" }, time, state);
  const bubble = h("div", { class: "bubble", dir: "auto" }, text, more, meta);
  const trouble = h("div", { class: "message-trouble", hidden: true });
  const element = h("li", { class: "message", "data-key": row.key }, who, author, bubble, trouble);
  let shown = {};
  let written = null;
  let told = null; // what a line about members says

  function unfold() {
    setChildren(text, pieces(written));
    more.hidden = true;
    element.closest(".log")?.focus();
  }

  function write(message) {
    const isLine = message.kind === "system";
    written = isLine || message.kind === "text" ? message.text : say("message.unknown");
    const end = foldAt(written);
    setChildren(text, pieces(end ? `${written.slice(0, end)}…` : written));
    hide(more, !end);
    setProps(element, { "data-emoji": emojiOnly.test(written.trim()) });
    setText(time, clock(message.at, currentLocale()));
    setProps(time, { datetime: new Date(message.at).toISOString() });
    setProps(bubble, { title: fullDate(message.at, currentLocale()) });
  }

  /** Names in a line may change; what says the same is left alone, else it would be read again. */
  function tell(message) {
    const line = tellLine(store.state, chat, message);
    if (line.text === told) return;
    told = line.text;
    setChildren(text, line.children);
  }

  /** Who speaks: over their first bubble where there are many, for a screen reader over each. */
  function name({ own, author: address, author_name: given, kind }, first) {
    const called = isOfMany
      ? memberName(store.state, chat, address, given)
      : nameOf(store.state, address);
    const isLine = kind === "system";
    setText(who, isLine ? "" : own ? say("message.you") : say("message.from", { name: called }));
    hide(author, !isOfMany || own || isLine || !first);
    setText(author, called);
    setProps(author, { "data-tone": toneOf(address) });
  }

  function update({ message, first, last }) {
    if (message.text !== shown.text || message.kind !== shown.kind || message.at !== shown.at)
      write(message);
    setProps(element, {
      "data-message": message.id ?? null,
      "data-own": message.own,
      "data-kind": message.kind,
      "data-state": message.own ? message.state : null,
      "data-first": first,
      "data-last": last,
    });
    if (message.kind === "system") tell(message);
    name(message, first);
    if (isOfMany) hide(state, !message.own);
    if (message.own && message.state !== shown.state) {
      const sign = stateIcon(SHOWN_AS[message.state] ?? message.state);
      setChildren(state, [sign]);
      if (isOfMany) {
        const label = say("seen.open", { state: sign.getAttribute("aria-label") });
        setProps(state, { "aria-label": label, title: label });
      }
      complain(message);
    }
    shown = message;
  }

  function complain(message) {
    const choice = (key, act) => button("small", act, { "data-act": key }, say(`message.${key}`));
    const failed = {
      unreached: "message.unreached",
      refused: "message.refused",
      failed: "message.failed",
    }[message.state];
    hide(trouble, !failed);
    if (!failed) return setChildren(trouble, []);
    const reason = typeof message.reason === "string" ? { code: message.reason } : message.reason;
    const words = [say(failed), reason?.code ? explain(reason) : ""].join(" ").trim();
    const again = message.id
      ? () => actions.send(chat, message.text)
      : () => actions.again(chat, message.key);
    const choices = [choice("again", again)];
    if (message.state === "refused") choices.push(choice("back", () => takeBack(chat, message)));
    setChildren(trouble, [icon("alert"), h("p", {}, words), ...choices]);
  }

  function takeBack(chat, { key, text: words }) {
    actions.takeBack(chat, key);
    const draft = store.state.drafts[chat];
    actions.draft(chat, draft ? `${words}\n${draft}` : words);
  }

  return { element, update };
}
