/** Going to a day: asked in a small dialog, from a button or from the line between two days. */

import { button, h, setText } from "../h.js";
import { icon } from "../icons.js";
import { say } from "../words.js";

const two = (number) => String(number).padStart(2, "0");

/** A moment as the value of a date field: its local day. */
export function dayValue(at) {
  const date = new Date(at);
  const year = String(date.getFullYear()).padStart(4, "0");
  return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The beginning of the local day that a date field names. */
export function dayStart(value) {
  const [year, month, day] = value.split("-").map(Number);
  const date = new Date(2000, month - 1, day); // years below 100 would become others
  date.setFullYear(year, month - 1, day);
  return date.getTime();
}

/** Asks for a day, `at` being its suggestion; resolves to its beginning, or to null. */
export function askDay(at, now) {
  const field = h("input", {
    type: "date",
    class: "field",
    id: "day",
    value: dayValue(at),
    max: dayValue(now),
    required: true,
  });
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "day-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "day-title" }, say("day.title")),
      h("label", { for: "day" }, say("day.label")),
      field,
      h(
        "div",
        { class: "buttons" },
        button("", () => dialog.close(""), {}, say("cancel")),
        h("button", { class: "button primary", value: "yes" }, say("day.go")),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? dayStart(field.value) : null);
    });
  });
}

export async function goToDay(store, actions, at) {
  const chat = store.state.selected;
  const time = await askDay(at, Math.max(at, Date.now()));
  if (time !== null) actions.jumpToDate(chat, time);
}

export function createDateButton(store, actions) {
  const here = () => {
    const { chats, selected, now } = store.state;
    return chats[selected]?.last?.at ?? now;
  };
  return button(
    "bare to-date",
    () => goToDay(store, actions, here()),
    { "aria-label": say("day.title"), title: say("day.title"), "data-act": "date" },
    icon("calendar"),
  );
}

/** The line between two days, as its text and a button; the arrows and Tab pass it by. */
export function createDayButton(store, actions) {
  let at = 0;
  const element = h("button", {
    type: "button",
    class: "day",
    title: say("day.title"),
    tabindex: "-1",
    onclick: () => goToDay(store, actions, at),
  });
  return {
    element,
    update(day, words) {
      at = day;
      setText(element, words);
    },
  };
}
