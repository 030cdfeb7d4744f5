/** The middle: the chat that is selected, or what to do when none is. */

import { h, setChildren, setProps, setText } from "../h.js";
import { phrase, say } from "../words.js";
import { createComposer } from "./composer.js";
import { createHead } from "./head.js";
import { createLog } from "./log.js";
import { createReach } from "./reach.js";

export function createChat(store, actions) {
  const chat = h(
    "div",
    { class: "chat", hidden: true },
    createHead(store, actions),
    createLog(store, actions),
    createComposer(store, actions),
  );
  const blank = createBlank(store);
  const root = h(
    "section",
    { class: "main", "data-region": "main", "aria-label": say("chat.label"), tabindex: "-1" },
    chat,
    blank,
  );
  store.watch(
    ({ selected }) => [selected],
    (selected) => {
      setProps(chat, { hidden: !selected });
      setProps(blank, { hidden: Boolean(selected) });
    },
  );
  return root;
}

function createBlank(store) {
  const title = h("h2");
  const text = h("p", { class: "lead" });
  const place = h("div", { class: "blank-reach" }, createReach(store, "blank.reach"));
  const keys = h("p", { class: "hint" }, phrase("blank.keys", { key: h("kbd", {}, say("blank.key")) }));
  const root = h("section", { class: "blank" }, h("span", { class: "mark", "aria-hidden": "true" }), title, text, place, keys);
  store.watch(
    ({ chats, people, requests }) => [chats, people, requests],
    (chats, people, requests) => {
      const some = Object.keys(chats).length + Object.keys(people).length > 0;
      const kind = Object.keys(requests).length ? "asked" : some ? "choose" : "nobody";
      setProps(root, { "data-empty": kind });
      setProps(place, { hidden: kind !== "nobody" });
      setText(title, say(`blank.${kind}`));
      setChildren(text, phrase(`blank.${kind}.text`));
    },
  );
  return root;
}
