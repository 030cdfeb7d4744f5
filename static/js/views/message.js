/**
 * A bubble: what it answers, the text with its marks, when, and how far it has come; below it the
 * reactions.
 *
 * Built once; a change only touches what it concerns. The row takes the focus (tools.js), and what
 * can be pressed inside of it is reached with the arrows.
 */

import { isGroup, memberName } from "../groups.js";
import { button, h, hide, setChildren, setProps, setText } from "../h.js";
import { clock, fullDate } from "../dates.js";
import { icon, stateIcon } from "../icons.js";
import { nameOf } from "../lists.js";
import { toneOf } from "../faces.js";
import { currentLocale, explain, say } from "../words.js";
import { createContent } from "./content.js";
import { createQuote } from "./quote.js";
import { createReactions } from "./reactions.js";
import { createRemaining } from "./remaining.js";
import { createMark } from "./seen.js";
import { tellLine } from "./telling.js";

const SHOWN_AS = { sending: "waiting", unreached: "failed", refused: "failed" };
const NONE = [];
let emojiOnly = /(?!)/;
try {
  emojiOnly = new RegExp("^\\p{RGI_Emoji}{1,3}$", "v");
} catch {
  // A browser without this flag shows emoji in the size of text.
}

/** What is written in a bubble that holds no text of its own. */
const wordsOf = ({ kind, text }) => {
  if (kind === "text" || kind === "system") return text;
  return say(kind === "deleted" ? "message.deleted" : "message.unknown");
};

export function createMessage(row, store, actions) {
  const chat = store.state.selected; // its rows are made anew with each chat
  const isOfMany = isGroup(store.state, chat);
  const who = h("span", { class: "sr" });
  const content = createContent(() => element.focus());
  const quote = createQuote(store, "button", { type: "button", tabindex: "-1", onclick: goToQuote });
  const forwarded = h(
    "span",
    { class: "forwarded", hidden: true },
    icon("forward"),
    say("message.forwarded"),
  );
  const pin = h(
    "span",
    { class: "pin-mark", hidden: true, title: say("message.pinned") },
    icon("pin"),
    h("span", { class: "sr" }, say("message.pinned")),
  );
  const edited = button(
    "edited",
    () => actions.openVersions(shown),
    { tabindex: "-1", hidden: true, title: say("versions.open"), "aria-label": say("versions.open") },
    say("message.edited"),
  );
  const remaining = createRemaining();
  const reactions = createReactions(store, (emoji) => actions.react(shown, emoji));
  const time = h("time", { class: "time" });
  const author = h("bdi", { class: "author", "aria-hidden": "true", hidden: true });
  const state = isOfMany
    ? createMark(() => shown.id && actions.openSeen({ chat, id: shown.id, text: shown.text }))
    : h("span", { class: "state" });
  const meta = h(
    "span",
    { class: "meta", dir: "ltr", "data-meta": true },
    pin,
    edited,
    remaining.element,
    time,
    state,
  );
  const bubble = h(
    "div",
    { class: "bubble", dir: "auto" },
    forwarded,
    quote.element,
    content.element,
    content.more,
    meta,
  );
  const trouble = h("div", { class: "message-trouble", hidden: true });
  const element = h(
    "li",
    { class: "message", "data-key": row.key, tabindex: "-1" },
    who,
    author,
    bubble,
    reactions.element,
    trouble,
  );
  let shown = {};
  let people = null;
  let told = null; // what a line about members says

  function goToQuote() {
    if (shown.quote.kind !== "missing") actions.jumpTo(chat, shown.quote.id);
  }

  function write(message) {
    const words = wordsOf(message);
    content.write(words, message.mentions ?? NONE, store.state.me?.address);
    setProps(element, { "data-emoji": message.kind === "text" && emojiOnly.test(words.trim()) });
    setText(time, clock(message.at, currentLocale()));
    setProps(time, { datetime: new Date(message.at).toISOString() });
    setProps(bubble, { title: fullDate(message.at, currentLocale()) });
  }

  /** What was done with it; only what is another than before is touched. */
  function mark(message) {
    hide(quote.element, !message.quote);
    if (message.quote) quote.update(chat, message.quote);
    hide(forwarded, !message.forwarded);
    hide(pin, !message.pinned);
    hide(edited, !message.edited_at);
    remaining.update(message);
    reactions.update(chat, message);
    const isMarked = message.pinned || message.edited_at || message.timer;
    setProps(meta, { "data-marked": Boolean(isMarked) });
  }

  /** Names in a line may change; what says the same is left alone, else it would be read again. */
  function tell(message) {
    const line = tellLine(store.state, chat, message);
    if (line.text === told) return;
    told = line.text;
    setChildren(content.element, line.children);
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
    const isNew = ["text", "kind", "at"].some((part) => message[part] !== shown[part]);
    if (isNew || !sameNames(message.mentions, shown.mentions)) write(message);
    if (message !== shown || store.state.people !== people) mark(message);
    people = store.state.people; // whoever is named in it may go by another name now
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
      ? () => actions.send(chat, message.text, message)
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

/** Names come with each message anew; what says the same is left alone. */
const sameNames = (one = NONE, two = NONE) => JSON.stringify(one) === JSON.stringify(two);
