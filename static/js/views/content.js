/**
 * A text with its marks as elements (format.js): never as markup, whatever stands in it.
 *
 * A long text is folded; what is copied is what was written.
 */

import { mentionText, parse } from "../format.js";
import { button, h, hide, setChildren } from "../h.js";
import { inUnits } from "../mentions.js";
import { say } from "../words.js";
import { createCopy } from "./reach.js";

const LONG = 1_500; // characters, or
const MANY = 24; // lines, from where on a text is folded
const TAGS = { bold: "strong", italic: "em", strike: "s" };

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

const draw = {
  text: ({ text }) => text,
  code: ({ text }) => h("code", {}, text),
  // The arrow keys lead to it, from its message: Tab would have to pass every link of a chat.
  link: ({ text: href }) =>
    h("a", { href, target: "_blank", rel: "noopener noreferrer", dir: "ltr", tabindex: "-1" }, href),
  mention: (node) => h("bdi", { class: "mention", "data-self": node.isMe }, mentionText(node)),
  pre: ({ text, language }) =>
    h(
      "span",
      { class: "code-block", dir: "ltr" },
      h(
        "span",
        { class: "code-head" },
        h("span", {}, language),
        createCopy(() => text, say("code.copy"), { tabindex: "-1" }),
      ),
      h("pre", { tabindex: "0", role: "region", "aria-label": say("code.label") }, h("code", {}, text)),
    ),
  quote: ({ children }) => h("blockquote", {}, elements(children)),
  list: ({ items }) =>
    items.every(({ number }) => number === null)
      ? h("ul", {}, items.map(item))
      : h("ol", {}, items.map(item)),
};

const item = ({ level, number, children }) =>
  h("li", { value: number, "data-level": level || null, "data-dot": number === null }, elements(children));

const elements = (nodes) =>
  nodes.map((node) => {
    const tag = TAGS[node.kind];
    return tag ? h(tag, {}, elements(node.children)) : draw[node.kind](node);
  });

/** Returns `{ element, more, write(text, mentions, own) }`; `unfolded` is called with the rest. */
export function createContent(unfolded) {
  const element = h("span", { class: "text" });
  const more = button("more", unfold, { hidden: true, tabindex: "-1" }, say("message.more"));
  let written = "";
  let named = [];

  function show(end) {
    const isCut = end > 0;
    const seen = isCut ? `${written.slice(0, end)}…` : written; // what is folded away costs nothing
    const nodes = parse(seen, { mentions: inUnits(seen, named), isCut });
    setChildren(element, elements(nodes));
    hide(more, !isCut);
  }

  function unfold() {
    show(0);
    unfolded();
  }

  return {
    element,
    more,
    /** `own`: our address; a mention of ourselves is drawn stronger. */
    write(text, mentions, own) {
      written = text;
      named = mentions.map((one) => ({ ...one, isMe: one.address === own }));
      show(foldAt(written));
    },
  };
}
