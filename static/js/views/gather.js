/** Bringing people together: a new group, and more people for one that there is. */

import { h, hide, setText } from "../h.js";
import { explain, say } from "../words.js";
import { createChooser } from "./choose.js";
import { part } from "./parts.js";

const LONGEST_NAME = 64;

/** The panel of a new group: a name, and who is in it. */
export function createNewGroup(store, actions) {
  const name = h("input", {
    id: "group-name",
    class: "field",
    required: true,
    maxlength: LONGEST_NAME,
    dir: "auto",
    autocomplete: "off",
    "data-group-name": true,
  });
  const chooser = createChooser(store);
  const form = createForm("group.create", { "data-act": "create-group" }, async () => {
    const [called, members] = [name.value.trim(), chooser.chosen()];
    if (!called) return say("group.unnamed");
    if (!members.length) return say("add.nobody");
    await actions.makeGroup(called, members);
    name.value = "";
    chooser.clear();
    return "";
  });
  form.element.prepend(
    part("", h("label", { class: "h3", for: "group-name" }, say("group.name")), name),
    part("group.who", chooser.element),
  );
  const root = h("div", { class: "panel-part", hidden: true }, form.element);
  store.watch(["panel", "people"], (panel) => {
    hide(root, panel !== "group");
    if (panel === "group") chooser.show(null);
  });
  return root;
}

/** The panel of adding: who, and whether they get what was written before. */
export function createAdding(store, actions) {
  const chooser = createChooser(store);
  const choices = ["all", "none"].map((choice) =>
    h("input", {
      type: "radio",
      name: "history",
      value: choice,
      checked: choice === "all",
      "aria-describedby": `history-${choice}`,
    }),
  );
  const history = h(
    "fieldset",
    { class: "choices" },
    h("legend", { class: "h3" }, say("add.history")),
    choices.map((field) =>
      h(
        "label",
        { class: "choice", "data-history": field.value },
        field,
        h(
          "span",
          {},
          h("span", { class: "choice-name" }, say(`add.history.${field.value}`)),
          h(
            "span",
            { class: "hint", id: `history-${field.value}` },
            say(`add.history.${field.value}.text`),
          ),
        ),
      ),
    ),
  );
  const form = createForm("add.go", { "data-act": "add" }, async () => {
    const changes = { add: chooser.chosen(), history: choices[0].checked };
    if (!changes.add.length) return say("add.nobody");
    await actions.changeGroup(store.state.selected, changes);
    chooser.clear();
    choices[0].checked = true;
    actions.showPanel("details");
    return "";
  });
  form.element.prepend(part("add.who", chooser.element), part("", history));
  const root = h("div", { class: "panel-part", hidden: true }, form.element);
  let chat = null;
  store.watch(["panel", "people", "groups", "selected"], (panel, _people, _groups, selected) => {
    hide(root, panel !== "add");
    if (panel !== "add") return;
    if (chat !== selected) chooser.clear();
    chat = selected;
    chooser.show(selected);
  });
  return root;
}

/** A form with one button; `act` resolves to what is missing. Whatever goes wrong stands above it. */
function createForm(label, props, act) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const send = h("button", { class: "button primary wide", ...props }, say(label));
  let isBusy = false;
  async function onsubmit(event) {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    setText(trouble, await act().catch(explain));
    isBusy = false;
  }
  return { element: h("form", { class: "gather", onsubmit }, trouble, send) };
}
