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
  const parts = ["has", "waiting"].map((key) => createPart(key, store));
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
    const [has, waiting] = [answer?.seen ?? [], answer?.waiting ?? []];
    parts[0].update(chat, has);
    parts[1].update(chat, waiting);
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

/**
 * The marks are one stop for the Tab key, at the newest; the arrows go through them. Returns
 * touch(), to be called whenever rows were drawn.
 */
export function walkMarks(list) {
  const marks = () => [...list.querySelectorAll(".mark-seen")].filter((each) => each.offsetParent);
  list.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || event.altKey || !event.target.matches(".mark-seen")) return;
    event.preventDefault();
    const all = marks();
    all[all.indexOf(event.target) + by]?.focus();
  });
  list.addEventListener("focusin", touch);

  function touch() {
    const all = marks();
    const stop = all.find((each) => each === document.activeElement) ?? all.at(-1);
    for (const each of all) each.tabIndex = each === stop ? 0 : -1;
  }
  return touch;
}
