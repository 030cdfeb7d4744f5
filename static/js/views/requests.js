/**
 * People who would like to talk to us: who, what they say, and the three answers.
 *
 * Many strangers must not push the chats out of sight, so only the newest are unfolded.
 */

import { bdi, button, createList, h, hide, setChildren, setText } from "../h.js";
import { createFace } from "../faces.js";
import { inGroups, nameOf, sections } from "../lists.js";
import { phrase, say } from "../words.js";

const UNFOLDED = 2;

export function createRequests(store, actions) {
  const count = h("span", { class: "count" });
  const list = h("ul", { class: "requests" });
  const more = button("quiet wide", unfold);
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
    draw(
      shown.map((request) => ({
        key: request.address,
        request,
        name: nameOf(store.state, request.address),
      })),
    );
    setText(count, String(requests.length));
    hide(root, !requests.length);
    hide(more, shown.length === requests.length);
    setText(more, say("more", { n: requests.length - shown.length }));
  }

  store.watch(["requests", "query"], update);
  return root;
}

function createRequest({ key }, actions) {
  const face = createFace();
  const who = h("p", { class: "request-who" });
  const text = h("p", { class: "request-text", dir: "auto", tabindex: "0" }); // it scrolls
  const answer = (action, look) =>
    button(
      look,
      () => actions.answer(key, action),
      { "data-answer": action },
      say(`request.${action}`),
    );
  const element = h(
    "li",
    { class: "request", "data-request": key },
    h(
      "div",
      { class: "request-head" },
      face.element,
      h(
        "div",
        {},
        who,
        h("p", { class: "request-key", title: inGroups(key, 7) }, say("request.new")),
      ),
    ),
    text,
    h(
      "div",
      { class: "buttons" },
      answer("accept", "primary"),
      answer("ignore", ""),
      answer("block", "quiet"),
    ),
  );
  return {
    element,
    update({ request, name }) {
      face.update(key, name);
      setChildren(who, phrase("request.who", { name: bdi(name) }));
      setText(text, request.text);
      hide(text, !request.text);
    },
  };
}
