/** About me: my name, how others reach me, my key, and the language of this page. */

import { button, h, setChildren, setProps, setText } from "../h.js";
import { createFace } from "../faces.js";
import { icon } from "../icons.js";
import { inGroups } from "../lists.js";
import { languageSetting, say, setLanguage } from "../words.js";
import { createKeep } from "./keep.js";
import { createNameForm, part } from "./parts.js";
import { createPrivacy } from "./privacy.js";
import { createCopy, createReach } from "./reach.js";
import { createSafekeepingParts } from "./safekeeping.js";
import { createVisibility } from "./visibility.js";

const SPOKEN = { "": null, en: "English", id: "Bahasa Indonesia" }; // each in its own language

export function createIdentity(store, actions) {
  const face = createFace("large");
  const shown = h("bdi");
  const name = createNameForm("me.name", rename, { required: true });
  const fingerprint = h("code", { class: "key", translate: "no", "data-fingerprint": true });
  const guard = h("p", { class: "guard" });
  const version = h("p", { class: "hint" });

  async function rename(wanted) {
    if (wanted) await actions.setName(wanted);
  }

  const language = h(
    "select",
    { id: "language", class: "field", onchange: () => setLanguage(language.value) },
    Object.entries(SPOKEN).map(([tag, name]) =>
      h(
        "option",
        { value: tag, selected: tag === languageSetting(), lang: tag || null },
        name ?? say("me.language.auto"),
      ),
    ),
  );

  store.watch(["me"], (me) => {
    if (!me) return;
    face.update(me.address, me.name || "·");
    setText(shown, me.name);
    if (document.activeElement !== name.field) name.field.value = me.name;
    setText(fingerprint, me.fingerprint || inGroups(me.address, 7));
    setChildren(guard, [icon("lock"), say(me.protected ? "me.protected" : "me.open")]);
    setText(version, me.version ? say("me.version", { version: me.version }) : "");
    setProps(guard, { "data-protected": me.protected });
  });
  return h(
    "div",
    { class: "panel-part" },
    h("div", { class: "portrait" }, face.element, h("p", { class: "portrait-name" }, shown)),
    h(
      "div",
      { class: "acts" },
      button("", () => actions.showPanel("invite"), { "data-act": "to-invite" }, icon("invite"), say("me.invite")),
      button("", () => actions.openCheck(), { "data-act": "to-doctor" }, icon("network"), say("me.doctor")),
    ),
    createVisibility(store, actions),
    createPrivacy(store, actions),
    part("me.name", name.form),
    part("", createReach(store, "me.reach")),
    part(
      "me.address",
      h("p", { class: "hint" }, say("me.address.text")),
      fingerprint,
      h(
        "div",
        { class: "buttons" },
        createCopy(() => store.state.me.address, say("copy.address")),
      ),
      guard,
    ),
    createSafekeepingParts(store, actions),
    createKeep(store, actions, true),
    part("", h("label", { class: "h3", for: "language" }, say("me.language")), language),
    version,
  );
}
