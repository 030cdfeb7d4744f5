/**
 * People who would like to talk to us: who, what they say, and the three answers.
 *
 * Many strangers must not push the chats out of sight, so only the newest are unfolded.
 */

import { bdi, createList, h, setChildren, setProps, setText } from "../h.js";
import { createFace } from "../faces.js";
import { inGroups, nameOf, sections } from "../lists.js";
import { phrase, say } from "../words.js";

const UNFOLDED = 2;

export function createRequests(store, actions) {
  const count = h("span", { class: "count" });
  const list = h("ul", { class: "requests" });
  const more = h("button", { type: "button", class: "button quiet wide", onclick: unfold });
  const root = h(
    "section",
    { class: "section", "data-section": "requests", "aria-label": say("requests") },
    h("h2", {}, say("requests"), count),
    list,
    more,
  );
  const draw = createList(list, (item) => createRequest(item, actions));
  let isFolded = true;

  function unfold() {
    isFolded = false;
    update();
  }

  function update() {
    const { requests } = sections(store.state);
    const shown = isFolded ? requests.slice(0, UNFOLDED) : requests;
    draw(shown.map((request) => ({ key: request.address, request, name: nameOf(store.state, request.address) })));
    setText(count, String(requests.length));
    setProps(root, { hidden: !requests.length });
    setProps(more, { hidden: shown.length === requests.length });
    setText(more, say("requests.more", { n: requests.length - shown.length }));
  }

  store.watch(({ requests, query }) => [requests, query], update);
  return root;
}

function createRequest({ key }, actions) {
  const face = createFace();
  const who = h("p", { class: "request-who" });
  const text = h("p", { class: "request-text", dir: "auto", tabindex: "0" }); // it scrolls
  const button = (action, kind) =>
    h(
      "button",
      { type: "button", class: `button ${kind}`, "data-answer": action, onclick: () => actions.answer(key, action) },
      say(`request.${action}`),
    );
  const element = h(
    "li",
    { class: "request", "data-request": key },
    h(
      "div",
      { class: "request-head" },
      face.element,
      h("div", {}, who, h("p", { class: "request-key", title: inGroups(key, 7) }, say("request.new"))),
    ),
    text,
    h("div", { class: "buttons" }, button("accept", "primary"), button("ignore", ""), button("block", "quiet")),
  );
  return {
    element,
    update({ request, name }) {
      face.update(key, name);
      setChildren(who, phrase("request.who", { name: bdi(name) }));
      setText(text, request.text);
      setProps(text, { hidden: !request.text });
    },
  };
}
