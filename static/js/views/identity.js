/** About me: my name, how others reach me, my key, and the language of this page. */

import { h, setChildren, setProps, setText } from "../h.js";
import { createFace } from "../faces.js";
import { icon } from "../icons.js";
import { inGroups } from "../lists.js";
import { explain, languageSetting, say, setLanguage } from "../words.js";
import { createCopy, createReach } from "./reach.js";

const LONGEST_NAME = 64;
const SPOKEN = { "": null, en: "English", id: "Bahasa Indonesia" }; // each in its own language

export function createIdentity(store, actions) {
  const face = createFace("large");
  const shown = h("bdi");
  const field = h("input", { id: "my-name", class: "field", maxlength: LONGEST_NAME, dir: "auto", autocomplete: "off", required: true });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const fingerprint = h("code", { class: "key", translate: "no", "data-fingerprint": true });
  const guard = h("p", { class: "guard" });
  const version = h("p", { class: "hint" });
  const rename = h(
    "form",
    { class: "inline", onsubmit: submit },
    h("label", { class: "sr", for: "my-name" }, say("me.name")),
    field,
    h("button", { class: "button" }, say("save")),
    trouble,
  );

  async function submit(event) {
    event.preventDefault();
    setText(trouble, "");
    if (!field.value.trim()) return field.focus();
    try {
      await actions.setName(field.value.trim());
    } catch (error) {
      setText(trouble, explain(error));
    }
  }

  const language = h(
    "select",
    { id: "language", class: "field", onchange: () => setLanguage(language.value) },
    Object.entries(SPOKEN).map(([tag, name]) =>
      h("option", { value: tag, selected: tag === languageSetting(), lang: tag || null }, name ?? say("me.language.auto")),
    ),
  );

  store.watch(
    ({ me }) => [me],
    (me) => {
      if (!me) return;
      face.update(me.address, me.name || "·");
      setText(shown, me.name);
      if (document.activeElement !== field) field.value = me.name;
      setText(fingerprint, me.fingerprint || inGroups(me.address, 7));
      setChildren(guard, [icon("lock"), say(me.protected ? "me.protected" : "me.open")]);
      setText(version, me.version ? say("me.version", { version: me.version }) : "");
      setProps(guard, { "data-protected": me.protected });
    },
  );
  return h(
    "div",
    { class: "panel-part" },
    h("div", { class: "portrait" }, face.element, h("p", { class: "portrait-name" }, shown)),
    h("section", { class: "block" }, h("h3", {}, say("me.name")), rename),
    h("section", { class: "block" }, createReach(store, "me.reach")),
    h(
      "section",
      { class: "block" },
      h("h3", {}, say("me.address")),
      h("p", { class: "hint" }, say("me.address.text")),
      fingerprint,
      h("div", { class: "buttons" }, createCopy(() => store.state.me.address, say("copy.address"))),
      guard,
    ),
    h("section", { class: "block" }, h("label", { class: "h3", for: "language" }, say("me.language")), language),
    version,
  );
}
