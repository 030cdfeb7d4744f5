/** Who may see that I am here: three choices, each with what it means. */

import { h, setProps, setText } from "../h.js";
import { explain, say } from "../words.js";
import { part } from "./parts.js";

const CHOICES = ["everyone", "contacts", "hidden"];

export function createVisibility(store, actions) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const fields = CHOICES.map((choice) =>
    h("input", {
      type: "radio",
      name: "visibility",
      value: choice,
      "aria-describedby": `visibility-${choice}`,
      onchange: () => choose(choice),
    }),
  );
  const root = h(
    "fieldset",
    { class: "choices" },
    h("legend", { class: "h3" }, say("visibility")),
    CHOICES.map((choice, at) =>
      h(
        "label",
        { class: "choice", "data-visibility": choice },
        fields[at],
        h(
          "span",
          {},
          h("span", { class: "choice-name" }, say(`visibility.${choice}`)),
          h("span", { class: "hint", id: `visibility-${choice}` }, say(`visibility.${choice}.text`)),
        ),
      ),
    ),
    trouble,
  );

  function show() {
    for (const field of fields) field.checked = field.value === store.state.me?.visibility;
  }

  async function choose(choice) {
    setText(trouble, "");
    try {
      await actions.setVisibility(choice);
    } catch (error) {
      setText(trouble, explain(error));
      show();
    }
  }
  store.watch(["me"], (me) => {
    show();
    setProps(root, { "data-now": me?.visibility });
  });
  return part("", root);
}
