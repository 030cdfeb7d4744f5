/** What others are told about me while I read and write: two switches, each for both directions. */

import { h, setText } from "../h.js";
import { explain, say } from "../words.js";
import { part } from "./parts.js";

const SETTINGS = ["receipts", "typing"];

export function createPrivacy(store, actions) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const boxes = SETTINGS.map((key) =>
    h("input", {
      type: "checkbox",
      class: "box-check",
      "data-privacy": key,
      "aria-describedby": `privacy-${key}`,
      onchange: (event) => change(key, event.target.checked),
    }),
  );

  const pending = new Set(); // what was clicked and is not answered yet stays as it was clicked

  function show() {
    SETTINGS.forEach((key, at) => {
      if (!pending.has(key)) boxes[at].checked = store.state.me?.[key] !== false;
    });
  }

  async function change(key, isOn) {
    setText(trouble, "");
    pending.add(key);
    await actions
      .setPrivacy({ [key]: isOn })
      .catch((error) => setText(trouble, explain(error)))
      .finally(() => pending.delete(key));
    show();
  }
  store.watch(["me"], show);
  return part(
    "privacy.title",
    SETTINGS.map((key, at) =>
      h(
        "div",
        {},
        h("label", { class: "check" }, boxes[at], say(`privacy.${key}`)),
        h("p", { class: "hint", id: `privacy-${key}` }, say(`privacy.${key}.text`)),
      ),
    ),
    trouble,
  );
}
