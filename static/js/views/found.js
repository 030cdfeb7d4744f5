/**
 * What was said and found by the left box, below the people: each hit with its chat, who said it,
 * when, and the words around it, the found ones marked.
 */

import { createFace } from "../faces.js";
import { isGroup, memberName } from "../groups.js";
import { button, createList, h, hide, setChildren, setProps, setText } from "../h.js";
import { shortWhen } from "../dates.js";
import { nameOf } from "../lists.js";
import { currentLocale, explain, say } from "../words.js";

/** The words around a hit, as nodes. */
export const marked = (snippet) =>
  snippet.map(({ text, hit }) => (hit ? h("mark", {}, text) : text));

function author(state, { chat, own, author: address, author_name: given }) {
  if (own) return say("message.you");
  if (!isGroup(state, chat)) return "";
  return say("message.from", { name: memberName(state, chat, address, given) });
}

function createHit(store, actions) {
  const face = createFace();
  const name = h("bdi", { class: "row-name" });
  const when = h("time", { class: "row-when" });
  const who = h("bdi", { class: "hit-author" });
  const words = h("bdi", {});
  let shown = {};
  const element = h(
    "li",
    { class: "row hit" },
    h(
      "button",
      {
        type: "button",
        class: "row-button",
        onclick: () => actions.jumpTo(shown.chat, shown.id),
      },
      face.element,
      h("span", { class: "row-top" }, name, when),
      h("span", { class: "hit-words" }, who, " ", words),
    ),
  );
  return {
    element,
    update({ hit, now }) {
      const { state } = store;
      const called = nameOf(state, hit.chat);
      face.update(hit.chat, called, "", isGroup(state, hit.chat));
      setText(name, called);
      setText(when, shortWhen(hit.at, now, currentLocale()));
      setText(who, author(state, hit));
      if (hit !== shown) setChildren(words, marked(hit.snippet));
      shown = hit;
      setProps(element, { "data-hit": hit.id });
    },
  };
}

export function createFound(store, actions) {
  const status = h("p", { class: "hint", role: "status" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const list = h("ul");
  const more = button("wide", actions.moreFound, { "data-act": "more-found" }, say("message.more"));
  const root = h(
    "section",
    { class: "section found", hidden: true, "data-section": "messages" },
    h("h2", {}, say("found.title")),
    list,
    more,
    status,
    trouble,
  );
  const draw = createList(list, () => createHit(store, actions));

  store.watch(["found", "people", "chats", "groups", "now"], (found, _p, _c, _g, now) => {
    const { query, hits = [], asking, error } = found ?? {};
    const isAsked = Boolean(found && (asking || error || hits.length || [...query].length > 1));
    hide(root, !isAsked);
    draw(hits.map((hit) => ({ key: hit.id, hit, now })));
    hide(more, !found?.more);
    setProps(more, { "aria-disabled": asking ? "true" : null });
    const nothing = isAsked && !asking && !error && !hits.length;
    const count = isAsked && !asking && hits.length ? say("found.count", { n: hits.length }) : "";
    setText(status, nothing ? say("found.nothing", { query }) : count);
    setProps(status, { class: nothing ? "hint" : "sr" });
    setText(trouble, error ? explain(error) : "");
  });
  return root;
}
