/** The middle: the chat that is selected, or what to do when none is. */

import { h, hide, setChildren, setProps, setText } from "../h.js";
import { sections } from "../lists.js";
import { phrase, say } from "../words.js";
import { createAround } from "./around.js";
import { createComposer } from "./composer.js";
import { createHead, createHeadNotes } from "./head.js";
import { createLog } from "./log.js";
import { createPinned } from "./pins.js";
import { createSeek } from "./seek.js";
import { createTypingNews } from "./typing.js";

export function createChat(store, actions) {
  const seek = createSeek(store, actions);
  const chat = h(
    "div",
    { class: "chat", hidden: true },
    createHead(store, actions, seek.toggle),
    createHeadNotes(store, actions),
    seek.element,
    createPinned(store, actions),
    createTypingNews(store),
    createLog(store, actions),
    createComposer(store, actions),
  );
  const blank = createBlank(store, actions);
  const root = h(
    "section",
    { class: "main", "data-region": "main", "aria-label": say("chat.label"), tabindex: "-1" },
    chat,
    blank,
  );
  store.watch(["selected"], (selected) => {
    hide(chat, !selected);
    hide(blank, selected);
  });
  return root;
}

function createBlank(store, actions) {
  const title = h("h2");
  const text = h("p", { class: "lead" });
  const place = h("div", { class: "blank-around" }, createAround(store, actions, "blank.reach"));
  const keys = h(
    "p",
    { class: "hint" },
    phrase("blank.keys", { key: h("kbd", {}, say("blank.key")) }),
  );
  const root = h(
    "section",
    { class: "blank" },
    h("span", { class: "mark", "aria-hidden": "true" }),
    title,
    text,
    place,
    keys,
  );
  store.watch(["chats", "people", "requests", "groups", "me"], (_chats, _people, requests, _groups, me) => {
    const lists = sections({ ...store.state, query: "" });
    const some = lists.chats.length + lists.people.length + lists.blocked.length > 0;
    const kinds = [
      ["asked", Object.keys(requests).length],
      ["invited", lists.invitations.length],
      ["choose", some],
      ["nearby", lists.nearby.length],
      ["nobody", true],
    ];
    const [kind] = kinds.find(([, holds]) => holds);
    setProps(root, { "data-empty": kind });
    hide(place, kind !== "nobody");
    if (kind === "nobody" && me) actions.loadInvite();
    setText(title, say(`blank.${kind}`));
    setChildren(text, phrase(`blank.${kind}.text`));
  });
  return root;
}
