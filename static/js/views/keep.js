/** A part of a panel: save this chat, or everything, as a page to read or as data. */

import { button, h, hide, setText } from "../h.js";
import { fileName } from "../keeping.js";
import { nameOf } from "../lists.js";
import { currentLocale, explain, say } from "../words.js";
import { dayValue } from "./datepick.js";
import { part } from "./parts.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** "3.4 MB", as people count. */
export function size(bytes, locale) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const style = { style: "unit", unit: UNITS[power], maximumFractionDigits: power > 1 ? 1 : 0 };
  return new Intl.NumberFormat(locale, style).format(bytes / 1000 ** power);
}

/** `isAll`: of everything, else of the chat that is selected. */
export function createKeep(store, actions, isAll = false) {
  const status = h("p", { class: "hint", role: "status" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const stop = button("small", () => running?.abort(), { hidden: true }, say("cancel"));
  const choices = ["html", "jsonl"].map((format) =>
    button("", () => save(format), { "data-keep": format }, say(`keep.${format}`)),
  );
  let running = null; // what stops it

  async function save(format) {
    if (running) return;
    running = new AbortController();
    const { selected, now } = store.state;
    const about = isAll ? "" : nameOf(store.state, selected);
    const name = fileName(about, dayValue(Math.max(now, Date.now())), format);
    const query = new URLSearchParams(isAll ? { format } : { chat: selected, format });
    const tell = (n) => setText(status, say("keep.running", { size: size(n, currentLocale()) }));
    setText(trouble, "");
    tell(0);
    hide(stop, false);
    try {
      await actions.saveAs(name, `export?${query}`, tell, running.signal);
      setText(status, say("keep.done", { name }));
    } catch (error) {
      setText(status, "");
      if (error.code !== "aborted") setText(trouble, say("keep.failed", { why: explain(error) }));
    }
    hide(stop, true);
    running = null;
  }

  store.watch(["selected", "panel"], () => {
    if (running) return; // it goes on, whatever is looked at meanwhile
    setText(status, "");
    setText(trouble, "");
  });
  return part(
    isAll ? "keep.all" : "keep.chat",
    h("p", { class: "hint" }, say(isAll ? "keep.all.text" : "keep.chat.text")),
    h("div", { class: "buttons keep-choices" }, choices),
    h("div", { class: "keep-status" }, status, stop),
    trouble,
  );
}
