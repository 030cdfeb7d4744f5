/** Who has a message of ours: asked when it is opened, and again when the group or it changes. */

import { createFace } from "../faces.js";
import { memberName } from "../groups.js";
import { button, createList, h, hide, setText } from "../h.js";
import { explain, say } from "../words.js";

const LONGEST = 200; // characters of the message that are repeated

const reached = ({ timelines }, { chat, id }) =>
  timelines[chat]?.messages.findLast((message) => message.id === id)?.state;

export function createSeen(store, actions) {
  const text = h("p", { class: "request-text", dir: "auto", tabindex: "0" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const news = h("p", { class: "hint", role: "status" });
  const parts = ["read", "has", "waiting"].map((key) => createPart(key, store));
  const root = h(
    "div",
    { class: "panel-part", hidden: true },
    text,
    h("p", { class: "hint" }, say("seen.text")),
    trouble,
    news,
    parts.map(({ element }) => element),
  );

  store.watch(["panel", "seen", "people"], (panel, seen) => {
    hide(root, panel !== "seen" || !seen);
    if (root.hidden) return;
    const { chat, answer, error } = seen;
    setText(text, seen.text.length > LONGEST ? `${seen.text.slice(0, LONGEST)}…` : seen.text);
    setText(trouble, error ? explain(error) : "");
    const { read = [], seen: has = [], waiting = [] } = answer ?? {};
    const readers = new Set(read.map(({ address }) => address));
    parts[0].update(chat, read);
    parts[1].update(chat, has.filter(({ address }) => !readers.has(address)));
    parts[2].update(chat, waiting);
    const all = answer && has.length && !waiting.length;
    setText(news, all ? say("seen.all") : answer && !has.length ? say("seen.nobody") : "");
  });
  let asked = null;
  store.watch(
    (state) => {
      const { panel, seen, groups } = state;
      return panel === "seen" && seen ? [seen.id, groups[seen.chat], reached(state, seen)] : [null];
    },
    (id) => {
      // The first time it is asked by whoever opened it; from then on by what changes.
      if (id && asked === id) actions.loadSeen(store.state.seen);
      asked = id;
    },
  );
  return root;
}

function createPart(key, store) {
  const count = h("span", { class: "count" });
  const list = h("ul", { class: "members" });
  const element = h(
    "section",
    { class: "block", "data-seen": key },
    h("h3", {}, say(`seen.${key}`), " ", count),
    list,
  );
  const draw = createList(list, ({ key: address }) => {
    const face = createFace();
    const name = h("bdi", { class: "row-name" });
    return {
      element: h("li", { class: "holder" }, face.element, name),
      update({ name: shown }) {
        face.update(address, shown);
        setText(name, shown);
      },
    };
  });
  return {
    element,
    update(chat, holders) {
      draw(
        holders.map(({ address, name }) => ({
          key: address,
          name: memberName(store.state, chat, address, name),
        })),
      );
      setText(count, String(holders.length));
      hide(element, !holders.length);
    },
  };
}

/** The button in a bubble of ours; it shows how far the message has come. */
export function createMark(ask) {
  return button("", ask, { class: "state mark-seen", tabindex: "-1" });
}
