/** Contacts to tick, with a search once there are many. Whom one ticked stays so while searching. */

import { createFace } from "../faces.js";
import { candidates as contacts } from "../groups.js";
import { createList, h, hide, setProps, setText } from "../h.js";
import { fold } from "../lists.js";
import { say } from "../words.js";
import { createBadge } from "./cautions.js";

const MANY = 8; // contacts, from where on they can be searched

const CONTACTS = {
  find: "choose.find",
  label: "choose.label",
  nothing: "choose.nothing",
  nobody: "choose.nobody",
  left: "choose.nobody.left",
  some: "choose.some",
};

/**
 * Returns `{ element, show(chat), chosen(), clear() }`; `chat` is a group whose members are out.
 * `candidates(state, chat)`: whom to choose from, contacts unless said otherwise, in these `words`.
 */
export function createChooser(store, { candidates = contacts, words = CONTACTS } = {}) {
  const picked = new Set();
  let everybody = [];
  const search = h("input", {
    type: "search",
    class: "field",
    "aria-label": say(words.find),
    placeholder: say(words.find),
    autocomplete: "off",
    oninput: draw,
    onkeydown: (event) => event.key === "Enter" && event.preventDefault(), // it would send the form
  });
  const list = h("ul", { class: "choose", "aria-label": say(words.label) });
  const nobody = h("p", { class: "hint" });
  const some = h("p", { class: "hint", role: "status" });
  const drawRows = createList(list, createChoice);

  function createChoice({ key }) {
    const face = createFace();
    const name = h("bdi", { class: "row-name" });
    const badge = createBadge(h("span", { class: "sr" }, say("trust.verified")));
    const box = h("input", { type: "checkbox", class: "box-check", onchange: pick });
    function pick() {
      if (box.checked) picked.add(key);
      else picked.delete(key);
      count();
    }
    return {
      element: h("li", {}, h("label", { class: "check", "data-choice": key }, box, face.element, name, badge)),
      update({ name: shown, person, isGroup = false }) {
        face.update(key, shown, person?.online ? "online" : "", isGroup);
        setText(name, shown);
        hide(badge, (person?.level ?? 0) < 2);
        box.checked = picked.has(key);
      },
    };
  }

  function count() {
    setText(some, picked.size ? say(words.some, { n: picked.size }) : "");
  }

  function draw() {
    const wanted = fold(search.value.trim());
    const found = everybody.filter(({ name }) => fold(name).includes(wanted));
    drawRows(found);
    hide(nobody, found.length);
    setText(nobody, everybody.length ? say(words.nothing) : nobody.dataset.empty);
  }

  return {
    element: h("div", { class: "chooser" }, search, list, nobody, some),
    show(chat) {
      everybody = candidates(store.state, chat);
      const left = chat && Object.values(store.state.people).some(({ contact }) => contact);
      setProps(nobody, { "data-empty": say(left ? words.left : words.nobody) });
      const keys = new Set(everybody.map(({ key }) => key));
      for (const key of picked) if (!keys.has(key)) picked.delete(key);
      hide(search, everybody.length < MANY);
      draw();
      count();
    },
    chosen: () => [...picked],
    clear() {
      picked.clear();
      search.value = "";
    },
  };
}
