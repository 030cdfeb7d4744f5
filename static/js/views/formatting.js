/** How to make text bold and so on; fetched when somebody asks. */

import { h } from "../h.js";
import { say } from "../words.js";
import { createPopup } from "./popup.js";

const TICK = "\x60";
const SHOWN = [
  ["**…**", "bold", "strong"],
  ["*…*", "italic", "em"],
  ["~~…~~", "strike", "s"],
  [`${TICK}…${TICK}`, "code", "code"],
  [TICK.repeat(3), "block", "code"],
  ["> …", "quote", "span"],
  ["- …", "list", "span"],
  ["1. …", "numbers", "span"],
];

export const createFormatting = () =>
  createPopup(
    { class: "popup formatting", role: "dialog", "aria-label": say("format.title"), tabindex: "-1" },
    h(
      "dl",
      {},
      SHOWN.map(([mark, key, tag]) =>
        h("div", {}, h("dt", {}, h("code", {}, mark)), h("dd", {}, h(tag, {}, say(`format.${key}`)))),
      ),
    ),
    h("p", { class: "hint" }, say("format.keys")),
  );
