/** Fields and forms for what nobody should read over a shoulder. */

import { h, setText } from "../h.js";
import { explain, say } from "../words.js";

/** A labelled field that shows dots. */
export function createSecret(label, autocomplete) {
  const field = h("input", { type: "password", class: "field", autocomplete, spellcheck: "false" });
  return { field, element: h("label", { class: "secret" }, say(label), field) };
}

/**
 * A form that sends itself with words of what comes of it. `check()` says what is wrong, or null;
 * `send(tell)` rejects with what went wrong and resolves to what to say.
 */
export function createSecretForm(fields, label, props, check, send) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const status = h("p", { class: "hint", role: "status" });
  const submit = h("button", { class: "button", ...props }, say(label));
  let busy = false;

  // Whose passphrase it is, for a password manager: there is one person here, who has no name for it.
  const whose = h("input", { type: "text", autocomplete: "username", value: "p2pchat", hidden: true });
  const form = h("form", { class: "stack", onsubmit }, whose, fields, submit, status, trouble);

  async function onsubmit(event) {
    event.preventDefault();
    if (busy) return;
    const wrong = check();
    setText(status, "");
    setText(trouble, wrong ?? "");
    if (wrong) return;
    busy = true;
    setText(status, say("safe.working"));
    try {
      setText(status, await send((words) => setText(status, words)));
      form.reset();
    } catch (error) {
      setText(status, "");
      setText(trouble, explain(error));
    }
    busy = false;
  }
  return { form, trouble, status };
}
