/** Coming back from a backup: the form of the first start, and the word of warning after it. */

import { button, h, hide } from "../h.js";
import { icon } from "../icons.js";
import { say } from "../words.js";
import { createSecret, createSecretForm } from "./secret.js";

/** "I have a backup", for the first start: a form that unfolds. */
export function createRestore(actions) {
  const file = h("input", { type: "file", class: "field", accept: ".backup" });
  const secret = createSecret("restore.pass", "current-password");
  const { form } = createSecretForm(
    [h("label", { class: "secret" }, say("restore.file"), file), secret.element],
    "restore.go",
    { "data-act": "restore" },
    () => (file.files.length && secret.field.value ? null : say("restore.both")),
    async (tell) => {
      tell(say("restore.running"));
      await actions.restore(file.files[0], secret.field.value);
      return say("restore.done");
    },
  );
  hide(form, true);
  const open = button("link", unfold, { "data-act": "have-backup" }, say("first.backup"));
  function unfold() {
    hide(open, true);
    hide(form, false);
    file.focus();
  }
  return h("div", { class: "stack" }, open, form);
}

/** Above everything, in a program that came from a backup, until the person knows. */
export function createRestoredBanner(store, actions) {
  const root = h(
    "div",
    { class: "notice", "data-notice": "restored", role: "status", hidden: true },
    icon("alert"),
    h("p", {}, say("restored.text")),
    button("small", () => actions.knowRestored().catch(actions.tell), {}, say("restored.known")),
  );
  store.watch(
    ({ me, link }) => [Boolean(me?.restored) && link !== "erased"],
    (isNew) => hide(root, !isNew),
  );
  return root;
}
