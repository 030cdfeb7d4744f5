/**
 * What stands between and above the messages: days, the line before what is unread, and at the
 * top either what is being loaded or where the chat began.
 */

import { bdi, button, h, hide, setChildren, setProps } from "../h.js";
import { dayLine } from "../dates.js";
import { isGroup } from "../groups.js";
import { icon } from "../icons.js";
import { nameOf } from "../lists.js";
import { currentLocale, phrase, say } from "../words.js";
import { createDayButton } from "./datepick.js";
import { createStranger } from "./stranger.js";

const BONES = 7;

/** A row of kind "day" or "unread". */
export function createLine(row, store, actions) {
  const props = { class: `line line-${row.kind}`, "data-key": row.key };
  if (row.kind === "unread")
    return { element: h("li", props, h("span", {}, say("log.unread"))), update() {} };
  const day = createDayButton(store, actions);
  return {
    element: h("li", props, day.element),
    update: ({ at }) => day.update(at, dayLine(at, store.state.now, currentLocale())),
  };
}

/** Drawn by the log itself, with its rows: what changes here moves what stands below. */
export function createEnds(store, actions) {
  const text = h("p");
  const begin = h("div", { class: "begin", hidden: true }, icon("lock"), text);
  const again = button(
    "",
    () => actions.load(store.state.selected),
    { hidden: true },
    say("message.again"),
  );
  const bones = h(
    "div",
    { class: "bones", role: "img", "aria-label": say("loading") },
    Array.from({ length: BONES }, () => h("span", { class: "bone" })),
  );
  const element = h("div", { class: "ends" }, bones, again, begin, createStranger(store));

  function update() {
    const { selected, timelines, people, chats } = store.state;
    const person = people[selected];
    const { ready, loading, complete } = timelines[selected] ?? {};
    const isNew = person?.relation === "none" && !chats[selected]; // the stranger's own card says it
    hide(begin, !(ready && complete) || isNew);
    hide(again, ready || loading);
    setProps(bones, {
      hidden: Boolean(ready ? complete : !loading),
      "data-filling": ready ? "older" : "all",
    });
    const isOfMany = isGroup(store.state, selected);
    const key = isOfMany ? "group.begin" : person?.relation === "asked" ? "log.asked" : "log.begin";
    setChildren(text, phrase(key, { name: bdi(nameOf(store.state, selected)) }));
  }
  return { element, update };
}
