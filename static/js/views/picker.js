/** Choosing an emoji for a message: six at hand, and the others with their names to search. */

import { button, h, hide, setChildren, setProps } from "../h.js";
import { icon } from "../icons.js";
import { fold } from "../lists.js";
import { currentLanguage, say } from "../words.js";
import { reactions } from "../words/reactions.js";
import { createPopup } from "./popup.js";

const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const COLUMNS = 8;

/** Returns `{ element, open(message, row), isOpen() }`. */
export function createPicker(actions) {
  let message = null;
  const all = reactions.map((one) => ({
    emoji: one[0],
    name: one[currentLanguage() === "id" ? 2 : 1],
  }));
  const quick = h("div", { class: "picker-quick", role: "group", "aria-label": say("picker.quick") });
  const search = h("input", {
    type: "search",
    class: "field",
    "aria-label": say("picker.find"),
    placeholder: say("picker.find"),
    autocomplete: "off",
    oninput: drawAll,
  });
  const grid = h("div", { class: "picker-grid", role: "group", "aria-label": say("picker.label") });
  const nothing = h("p", { class: "hint", role: "status" });
  const rest = h("div", { class: "picker-all", hidden: true }, search, grid, nothing);
  const expand = button(
    "bare",
    unfold,
    { "aria-label": say("picker.more"), title: say("picker.more"), "aria-expanded": "false" },
    icon("plus"),
  );
  const popup = createPopup(
    { class: "popup picker", role: "dialog", "aria-label": say("picker.label"), onkeydown: walk },
    h("div", { class: "picker-head" }, quick, expand),
    rest,
  );

  function choice(emoji, name) {
    const own = message.reactions?.some((one) => one.own && one.emoji === emoji);
    const choose = () => {
      popup.close();
      actions.react(message, emoji);
    };
    return button(
      "emoji",
      choose,
      { "aria-label": name, title: name, "aria-pressed": String(Boolean(own)), "data-emoji": emoji },
      emoji,
    );
  }

  const nameOf = (emoji) => all.find((one) => one.emoji === emoji)?.name ?? emoji;

  function drawAll() {
    const wanted = fold(search.value.trim());
    const found = all.filter(({ name }) => fold(name).includes(wanted));
    setChildren(grid, found.map(({ emoji, name }) => choice(emoji, name)));
    setChildren(nothing, found.length ? [] : [say("picker.nothing")]);
  }

  function unfold() {
    hide(rest, false);
    hide(expand, true);
    setProps(expand, { "aria-expanded": "true" });
    drawAll();
    search.focus();
  }

  function walk(event) {
    const inGrid = grid.contains(document.activeElement);
    const keys = [...(inGrid ? grid : quick).children];
    const at = keys.indexOf(document.activeElement);
    const down = inGrid ? COLUMNS : keys.length;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: down, ArrowUp: -down }[event.key];
    if (at < 0 || !by) return;
    event.preventDefault();
    keys[at + by]?.focus();
  }

  return {
    ...popup,
    open(which, row) {
      message = which;
      search.value = "";
      hide(rest, true);
      hide(expand, false);
      setProps(expand, { "aria-expanded": "false" });
      setChildren(quick, QUICK.map((emoji) => choice(emoji, nameOf(emoji))));
      popup.open(row, quick.firstChild);
    },
  };
}
