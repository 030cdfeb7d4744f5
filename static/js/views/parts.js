/** What the parts of the panel have in common: a titled block, and the form for a name. */

import { h, setText } from "../h.js";
import { explain, say } from "../words.js";

const LONGEST_NAME = 64;

export const part = (title, ...children) =>
  h("section", { class: "block" }, title && h("h3", {}, say(title)), children);

/** A field and a button; `save(name)` rejects with what went wrong. */
export function createNameForm(label, save, props) {
  const field = h("input", {
    class: "field",
    maxlength: LONGEST_NAME,
    dir: "auto",
    autocomplete: "off",
    "aria-label": say(label),
    ...props,
  });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const submit = h("button", { class: "button" }, say("save"));

  async function onsubmit(event) {
    event.preventDefault();
    setText(trouble, "");
    await save(field.value.trim()).catch((error) => setText(trouble, explain(error)));
  }
  return { field, form: h("form", { class: "inline", onsubmit }, field, submit, trouble) };
}
