/**
 * Finding something in this chat: a field over the messages, "3 of 12", and the way from hit to
 * hit. Enter and Up go to the next older one, Shift+Enter and Down back; Esc closes, and whoever
 * opened it has the focus again.
 */

import { button, h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { explain, say } from "../words.js";
import { createDateButton } from "./datepick.js";

const STEPS = { ArrowUp: 1, ArrowDown: -1 };

/** Returns `{ element, toggle }`: the bar, and what the button in the head does. */
export function createSeek(store, actions) {
  const field = h("input", {
    type: "search",
    class: "field",
    "data-seek": true,
    "aria-label": say("seek.label"),
    "aria-describedby": "seek-status",
    placeholder: say("seek.label"),
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "search",
    oninput: () => actions.seek(field.value),
  });
  const status = h("p", { class: "seek-status", id: "seek-status", role: "status" });
  const step = (name, by) =>
    button(
      "bare",
      () => actions.stepSeek(by),
      { "aria-label": say(`seek.${name}`), title: say(`seek.${name}`), "data-act": `seek-${name}` },
      icon(by > 0 ? "up" : "down"),
    );
  const [older, newer] = [step("older", 1), step("newer", -1)];
  const element = h(
    "div",
    {
      class: "seek",
      role: "search",
      "aria-label": say("seek.label"),
      hidden: true,
      onkeydown: pressed,
    },
    h("span", { class: "box-field" }, icon("search"), field),
    status,
    older,
    newer,
    createDateButton(store, actions),
    button("bare", close, { "aria-label": say("close"), "data-act": "seek-close" }, icon("close")),
  );
  let opener = null;

  function pressed(event) {
    if (event.isComposing) return;
    const isEnter = event.key === "Enter" && event.target === field;
    const by = isEnter ? (event.shiftKey ? -1 : 1) : STEPS[event.key];
    if (event.key === "Escape") close();
    else if (by) actions.stepSeek(by);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function close() {
    actions.closeSeek();
    hide(element, true);
    (opener?.isConnected && opener.checkVisibility() ? opener : field).focus();
  }

  function toggle() {
    if (!element.hidden && element.contains(document.activeElement)) return close();
    if (element.hidden) opener = document.activeElement;
    hide(element, false);
    if (!store.state.seek) actions.seek("");
    field.focus();
    field.select();
  }

  store.watch(["seek"], (seek) => {
    hide(element, !seek);
    if (!seek) return void (field.value = "");
    const { query, hits, more, asking, error, at = 0 } = seek;
    const n = hits.length;
    const of = more ? "seek.at.more" : "seek.at";
    const found = n ? say(of, { at: at + 1, n }) : query.length > 1 ? say("seek.nothing") : "";
    setText(status, error ? explain(error) : asking && !n ? "" : found);
    setProps(status, { "data-failed": Boolean(error) });
    setProps(older, { disabled: !n || (at + 1 >= n && !more) });
    setProps(newer, { disabled: !n || at < 1 });
  });
  return { element, toggle };
}
