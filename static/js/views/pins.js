/**
 * What is pinned in a chat: the last of it below the head, one after the other by clicking, and all
 * of it in the panel.
 */

import { shortWhen } from "../dates.js";
import { button, createList, h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { currentLocale, say } from "../words.js";
import { mayAct } from "./menu.js";
import { brief, whoSaid } from "./quote.js";

export function createPinned(store, actions) {
  const name = h("span", { class: "quote-name" });
  const words = h("bdi", { class: "quote-text" });
  const go = h(
    "button",
    { type: "button", class: "pinned-go", onclick: jump },
    icon("pin"),
    h("span", { class: "pinned-words" }, name, words),
  );
  const all = button("bare", () => actions.showPanel("pins"), { "data-act": "pins" }, icon("more"));
  const root = h("div", { class: "pinned", role: "group", "aria-label": say("pins.bar"), hidden: true }, go, all);
  let at = 0; // which of them the bar shows
  let shown = null;

  function jump() {
    const pins = store.state.pins[shown];
    const { chat, id } = pins[at];
    actions.jumpTo(chat, id);
    at = (at + 1) % pins.length; // the next click leads on
    draw(pins);
  }

  function draw(pins) {
    const pin = pins[Math.min(at, pins.length - 1)];
    const place = pins.length > 1 ? ` · ${say("pins.place", { at: at + 1, n: pins.length })}` : "";
    setText(name, say("pins.bar") + place);
    setText(words, brief(pin));
    const label = say("pins.all", { n: pins.length });
    setProps(all, { "aria-label": label, title: label });
  }

  store.watch(
    ({ selected, pins }) => [selected, pins[selected]],
    (selected, pins = []) => {
      if (selected !== shown || at >= pins.length) at = 0;
      shown = selected;
      hide(root, !pins.length);
      if (pins.length) draw(pins);
    },
  );
  // Asked for when a chat with pins is opened, and again when their number is another.
  store.watch(
    ({ selected, chats, link }) => [link === "open" && selected, chats[selected]?.pins ?? 0],
    (selected, n) => {
      if (selected && (n || store.state.pins[selected]?.length)) actions.loadPins(selected);
    },
  );
  return root;
}

export function createPins(store, actions) {
  const none = h("p", { class: "hint" }, say("pins.none"));
  const list = h("ol", { class: "versions" });
  const root = h("div", { class: "panel-part", hidden: true }, none, list);
  const draw = createList(list, () => {
    const name = h("bdi", { class: "quote-name" });
    const words = h("bdi", { class: "pin-text", dir: "auto" });
    const when = h("time", { class: "hint" });
    let pin = null;
    const unpin = button("small", () => actions.pin(pin, false), { "data-act": "unpin" }, say("menu.unpin"));
    return {
      element: h(
        "li",
        { class: "block pin" },
        h("div", { class: "pin-head" }, name, when),
        words,
        h(
          "div",
          { class: "buttons" },
          button("small", () => actions.jumpTo(pin.chat, pin.id), { "data-act": "go" }, say("pins.go")),
          unpin,
        ),
      ),
      update({ message }) {
        pin = message;
        setText(name, whoSaid(store.state, pin.chat, pin));
        setText(words, brief(pin));
        setText(when, shortWhen(pin.at, store.state.now, currentLocale()));
        hide(unpin, !mayAct(store.state, pin.chat));
      },
    };
  });
  store.watch(
    ({ panel, selected, pins, people }) => [panel, selected, pins[selected], people],
    (panel, _selected, pins = []) => {
      hide(root, panel !== "pins");
      if (root.hidden) return;
      hide(none, pins.length);
      const hadFocus = list.contains(document.activeElement);
      draw(pins.map((message) => ({ key: message.id, message })));
      // Whoever unpins goes on with the next one.
      if (hadFocus && !list.contains(document.activeElement))
        (list.querySelector("button") ?? root.closest(".panel").querySelector("button")).focus();
    },
  );
  return root;
}
