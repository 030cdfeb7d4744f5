/** A question that must be answered before going on; Esc is "no". */

import { h } from "../h.js";
import { say } from "../words.js";

/** Resolves to null, or to `{ checked }` when the act was confirmed. */
export function confirm({ title, text, act, check, kind = "danger" }) {
  const box = check && h("input", { type: "checkbox", class: "box-check" });
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "dialog-title" }, title),
      h("p", {}, text),
      box && h("label", { class: "check" }, box, check),
      h(
        "div",
        { class: "buttons" },
        h("button", { class: "button", value: "" }, say("cancel")),
        h("button", { class: `button ${kind}`, value: "yes" }, act),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? { checked: Boolean(box?.checked) } : null);
    });
  });
}

/** Resolves to the value of one of `choices` ({ value, label, text, kind }), or to null. */
export function ask({ title, choices }) {
  const rows = choices.map(({ value, label, text, kind }) =>
    h(
      "button",
      { class: "ask-choice", value, "data-kind": kind || null },
      h("span", { class: "ask-label" }, label),
      h("span", { class: "hint" }, text),
    ),
  );
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "dialog-title" }, title),
      rows,
      h("div", { class: "buttons" }, h("button", { class: "button", value: "" }, say("cancel"))),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
  });
}

/** "Lift this", said of a hold, is asked once more: what it lets happen cannot be seen. */
export const askToLift = (name) =>
  confirm({
    title: say("held.title", { name }),
    text: say("held.sure", { name }),
    act: say("held.lift"),
  });
