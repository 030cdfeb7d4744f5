/** Where others reach me: each address large enough to be read out, with a button to copy it. */

import { createList, h, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { say } from "../words.js";

const THANKS = 2_000; // ms that a copy button says "Copied"

/** A button that copies what `text()` returns, and says so. */
export function createCopy(text, label) {
  const word = h("span", {}, say("copy"));
  const button = h("button", { type: "button", class: "button small", "aria-label": label, onclick: copy }, icon("copy"), word);
  async function copy() {
    await navigator.clipboard.writeText(text());
    setText(word, say("copied"));
    button.setAttribute("aria-label", say("copied"));
    setTimeout(() => {
      setText(word, say("copy"));
      button.setAttribute("aria-label", label);
    }, THANKS);
  }
  return button;
}

export function createReach(store, title) {
  const list = h("ul", { class: "reach-list" });
  const root = h("div", { class: "reach" }, h("p", { class: "reach-title" }, say(title)), list);
  const draw = createList(list, ({ host }) => ({
    element: h("li", {}, h("code", { class: "host", translate: "no" }, host), createCopy(() => host, say("copy.label", { what: host }))),
    update: () => {},
  }));
  store.watch(
    ({ me }) => [me?.hosts],
    (hosts = []) => {
      draw(hosts.map((host) => ({ key: host, host })));
      setProps(root, { hidden: hosts.length === 0 });
    },
  );
  return root;
}
