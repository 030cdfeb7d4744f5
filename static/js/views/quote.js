/** What a message answers, in a few words: over the answer, and over the field one answers in. */

import { toneOf } from "../faces.js";
import { plainText } from "../format.js";
import { isGroup, memberName } from "../groups.js";
import { h, setProps, setText } from "../h.js";
import { inUnits } from "../mentions.js";
import { nameOf } from "../lists.js";
import { say } from "../words.js";

const LONGEST = 160; // characters; two lines hold fewer

/** What somebody said, in one line; what became of it where there are no words. */
export function brief({ kind, text, mentions = [], system }) {
  if (kind === "text") {
    const start = text.slice(0, 2 * LONGEST); // with its marks; the rest is not looked at
    return plainText(start, inUnits(start, mentions)).slice(0, LONGEST);
  }
  if (kind === "system" && (text || system)) return text;
  return say(["deleted", "missing"].includes(kind) ? `quote.${kind}` : "message.unknown");
}

export const whoSaid = (state, chat, { author, own, author_name: given }) => {
  if (own) return say("member.you");
  if (!author) return "";
  return isGroup(state, chat) ? memberName(state, chat, author, given) : nameOf(state, author);
};

/** Returns `{ element, update(chat, quote) }`: the author over the words. */
export function createQuote(store, tag, props) {
  const name = h("bdi", { class: "quote-name" });
  const words = h("bdi", { class: "quote-text" });
  const element = h(tag, { class: "quote", ...props }, name, words);
  return {
    element,
    update(chat, quote) {
      setText(name, whoSaid(store.state, chat, quote));
      setText(words, brief(quote));
      setProps(element, {
        "data-tone": quote.author && !quote.own ? toneOf(quote.author) : null,
        "data-kind": quote.kind,
      });
    },
  };
}
