/** Parts of the panel about me: the passphrase, a backup, and erasing everything. */

import { button, h, hide, setText } from "../h.js";
import { fileName } from "../keeping.js";
import { currentLocale, explain, say } from "../words.js";
import { dayValue } from "./datepick.js";
import { size } from "./keep.js";
import { part } from "./parts.js";
import { createSecret, createSecretForm } from "./secret.js";

const LEAST = 8; // characters of a backup's passphrase

function wrongWith(fresh, again) {
  if (!fresh.value.trim()) return say("safe.blank");
  return fresh.value === again.value ? null : say("safe.differ");
}

function createPassphrase(store, actions) {
  const old = createSecret("safe.old", "current-password");
  const fresh = createSecret("safe.new", "new-password");
  const again = createSecret("safe.again", "new-password");
  const last = createSecret("safe.old", "current-password");
  const text = h("p", { class: "hint" });
  const done = h("p", { class: "hint", role: "status" });
  const isProtected = () => Boolean(store.state.me?.protected);

  const setting = createSecretForm(
    [old.element, fresh.element, again.element, h("p", { class: "hint" }, say("safe.pass.lost"))],
    "save",
    { "data-act": "save-passphrase" },
    () => wrongWith(fresh.field, again.field),
    async () => {
      await actions.setPassphrase(isProtected() ? old.field.value : "", fresh.field.value);
      show(null);
      setText(done, say("safe.pass.done"));
      return "";
    },
  );
  const removing = createSecretForm(
    [last.element],
    "safe.pass.remove",
    { "data-act": "remove-passphrase" },
    () => null,
    async () => {
      await actions.setPassphrase(last.field.value, "");
      show(null);
      setText(done, say("safe.pass.removed"));
      return "";
    },
  );
  const set = button("", () => show(setting), { "data-act": "set" }, say("safe.pass.set"));
  const change = button("", () => show(setting), { "data-act": "change" }, say("safe.pass.change"));
  const remove = button("", () => show(removing), { "data-act": "remove" }, say("safe.pass.remove"));

  function show(which) {
    for (const one of [setting, removing]) {
      hide(one.form, one !== which);
      one.form.reset();
      setText(one.trouble, "");
      setText(one.status, "");
    }
    hide(old.element, !isProtected());
    setText(done, "");
    which?.form.querySelector("label:not([hidden]) > input").focus();
  }

  store.watch(
    ({ me }) => [Boolean(me?.protected)],
    (guarded) => {
      setText(text, say(guarded ? "safe.pass.some" : "safe.pass.none"));
      hide(set, guarded);
      hide(change, !guarded);
      hide(remove, !guarded);
    },
  );
  show(null);
  const choices = h("div", { class: "buttons" }, set, change, remove);
  return part("safe.pass", text, choices, setting.form, removing.form, done);
}

function createBackup(store, actions) {
  const fresh = createSecret("safe.backup.pass", "new-password");
  const again = createSecret("safe.again", "new-password");

  const { form } = createSecretForm(
    [fresh.element, again.element],
    "safe.backup.make",
    { "data-act": "make-backup" },
    () =>
      fresh.field.value.trim().length < LEAST
        ? say("safe.short")
        : wrongWith(fresh.field, again.field),
    async (tell) => {
      const name = fileName(store.state.me.name, dayValue(Date.now()), "backup");
      const moved = (n) => tell(say("safe.backup.running", { size: size(n, currentLocale()) }));
      await actions.makeBackup(name, fresh.field.value, moved, new AbortController().signal);
      return say("safe.backup.done", { name });
    },
  );
  const element = part("safe.backup", h("p", { class: "hint" }, say("safe.backup.text")), form);
  return { element, focus: () => fresh.field.focus() };
}

/** Resolves to "erase", "backup" or "". The name is asked for, so that no slip does it. */
function askToErase(name) {
  const field = h("input", { class: "field", id: "erase-name", autocomplete: "off", dir: "auto" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const act = h("button", { class: "button danger", value: "erase" }, say("safe.erase"));
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "erase-title" },
    h(
      "form",
      { method: "dialog", class: "stack", onsubmit },
      h("h2", { id: "erase-title" }, say("safe.erase.title")),
      h("p", {}, say("safe.erase.sure")),
      h("label", { for: "erase-name" }, say("safe.erase.name", { name })),
      field,
      trouble,
      h(
        "div",
        { class: "buttons" },
        button("", () => dialog.close("backup"), {}, say("safe.erase.backup")),
        button("", () => dialog.close(""), {}, say("cancel")),
        act,
      ),
    ),
  );
  function onsubmit(event) {
    if (field.value.trim() === name.trim()) return;
    event.preventDefault();
    setText(trouble, say("safe.erase.wrong"));
    field.focus();
  }
  document.body.append(dialog);
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}

/** All three, one below the other. */
export function createSafekeepingParts(store, actions) {
  const backup = createBackup(store, actions);
  const trouble = h("p", { class: "trouble", role: "alert" });

  async function erase() {
    setText(trouble, "");
    const answer = await askToErase(store.state.me.name);
    if (answer === "backup") backup.focus();
    if (answer !== "erase") return;
    await actions.erase().catch((error) => setText(trouble, explain(error)));
  }

  return [
    createPassphrase(store, actions),
    backup.element,
    part(
      "safe.erase",
      h("p", { class: "hint" }, say("safe.erase.text")),
      button("danger-text", erase, { "data-act": "erase" }, say("safe.erase.act")),
      trouble,
    ),
  ];
}
