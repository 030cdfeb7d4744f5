/**
 * The members of a group, offered while an "@" is typed. The focus stays in the field: which one is
 * chosen is told to a screen reader by aria-activedescendant.
 */

import { createFace } from "../faces.js";
import { createList, h, hide, setProps, setText } from "../h.js";
import { askedAt, matching, peopleIn } from "../mentions.js";
import { say } from "../words.js";

/** `insert(start, end, text)` puts the name into the field. */
export function createMentioning(store, field, insert) {
  const list = h("ul", { class: "mention-list", role: "listbox", id: "mention-list", "aria-label": say("mention.label"), hidden: true });
  const told = h("p", { class: "sr", role: "status" });
  let found = [];
  let at = 0;
  let asked = null;
  let refused = -1; // where an "@" stands that Esc closed the list for

  const draw = createList(list, ({ key: address }) => {
    const face = createFace();
    const name = h("bdi");
    const element = h(
      "li",
      {
        class: "mention-option",
        role: "option",
        id: `mention-${address}`,
        onmousedown: (event) => event.preventDefault(), // the focus stays in the field
        onclick: () => choose(found.find((one) => one.address === address)),
      },
      face.element,
      name,
    );
    return {
      element,
      update({ name: shown, isChosen }) {
        face.update(address, shown);
        setText(name, shown);
        setProps(element, { "aria-selected": String(isChosen) });
        if (isChosen) element.scrollIntoView({ block: "nearest" });
      },
    };
  });

  function show() {
    const isOpen = found.length > 0;
    hide(list, !isOpen);
    draw(found.map((one, place) => ({ ...one, key: one.address, isChosen: place === at })));
    setProps(field, {
      "aria-controls": isOpen ? list.id : null,
      "aria-activedescendant": isOpen ? `mention-${found[at].address}` : null,
    });
  }

  function close() {
    found = [];
    asked = null;
    setText(told, "");
    show();
  }

  function choose({ name }) {
    const { start, query } = asked;
    close();
    insert(start, start + 1 + query.length, `@${name} `);
  }

  return {
    elements: [list, told],
    close,

    /** What is typed may ask for somebody. */
    look() {
      const { state } = store;
      const isAt = field.selectionStart === field.selectionEnd;
      asked = isAt ? askedAt(field.value, field.selectionStart) : null;
      const people = asked ? peopleIn(state, state.selected) : [];
      if (!asked) refused = -1;
      if (!asked || asked.start === refused || !people.length) return void (found.length && close());
      const before = found.length;
      found = matching(people, asked.query);
      at = 0;
      if (found.length !== before) setText(told, found.length ? say("mention.found", { n: found.length }) : "");
      show();
    },

    /** Returns whether the key was for the list. */
    press({ key, shiftKey }) {
      if (!found.length) return false;
      const by = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (by) {
        at = (at + by + found.length) % found.length;
        show();
      } else if ((key === "Enter" || key === "Tab") && !shiftKey) choose(found[at]);
      else if (key === "Escape") {
        refused = asked.start;
        close();
      } else return false;
      return true;
    },
  };
}
