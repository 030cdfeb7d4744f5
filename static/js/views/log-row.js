/** One row among the messages: a day, the line before what is unread, or a message. */

import { h, setText } from "../h.js";
import { dayLine } from "../dates.js";
import { currentLocale, say } from "../words.js";
import { createMessage } from "./message.js";

export function createLogRow(row, store, actions) {
  if (row.kind === "message") return createMessage(row, store, actions);
  const text = h("span");
  const element = h("li", { class: `line line-${row.kind}`, "data-key": row.key }, text);
  return {
    element,
    update({ kind, at }) {
      setText(text, kind === "day" ? dayLine(at, store.state.now, currentLocale()) : say("log.unread"));
    },
  };
}
