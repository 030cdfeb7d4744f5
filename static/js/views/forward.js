/** Choosing the chats that a message goes to. What is sent is our own, and says it was forwarded. */

import { isGroup } from "../groups.js";
import { h, hide, setText } from "../h.js";
import { nameOf } from "../lists.js";
import { explain, say } from "../words.js";
import { createChooser } from "./choose.js";
import { mayAct } from "./menu.js";
import { createQuote } from "./quote.js";

const WORDS = {
  find: "forward.find",
  label: "forward.all",
  nothing: "forward.nothing",
  nobody: "forward.nobody",
  some: "forward.some",
};

/** Every chat that something can be sent to, the last one that was used first. */
function targets(state) {
  const keys = new Set([
    ...Object.keys(state.chats),
    ...Object.keys(state.groups),
    ...Object.values(state.people).flatMap(({ address, contact }) => (contact ? [address] : [])),
  ]);
  const lastAt = (key) => state.chats[key]?.last?.at ?? 0;
  return [...keys]
    .filter((key) => mayAct(state, key))
    .map((key) => ({
      key,
      name: nameOf(state, key),
      person: state.people[key],
      isGroup: isGroup(state, key),
    }))
    .sort((one, two) => lastAt(two.key) - lastAt(one.key) || one.name.localeCompare(two.name));
}

export function createForward(store, actions) {
  const quote = createQuote(store, "div", { class: "quote block" });
  const chooser = createChooser(store, { candidates: targets, words: WORDS });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const go = h("button", { class: "button primary wide", "data-act": "forward" }, say("forward.go"));
  const root = h(
    "form",
    { class: "panel-part gather", hidden: true, onsubmit: submit },
    quote.element,
    h("p", { class: "hint" }, say("forward.hint")),
    h("section", { class: "block" }, chooser.element),
    trouble,
    go,
  );

  async function submit(event) {
    event.preventDefault();
    const chats = chooser.chosen();
    setText(trouble, chats.length ? "" : say("forward.none"));
    if (!chats.length || go.disabled) return;
    go.disabled = true; // one click is one message
    try {
      await actions.forward(store.state.forwarding, chats);
      actions.showPanel(null);
      if (chats.length === 1) await actions.openChat(chats[0]);
      else actions.notify("forwarded", { n: chats.length });
    } catch (error) {
      setText(trouble, explain(error));
    } finally {
      go.disabled = false;
    }
  }

  let shown = null;
  store.watch(["panel", "forwarding", "people", "chats", "groups"], (panel, message) => {
    hide(root, panel !== "forward" || !message);
    if (root.hidden) return void (shown = null);
    if (message !== shown) {
      chooser.clear();
      setText(trouble, "");
      quote.update(message.chat, message);
    }
    shown = message;
    chooser.show();
  });
  return root;
}
