/** The left column: me, the box, requests, chats, people. */

import { h } from "../h.js";
import { createFace } from "../faces.js";
import { say } from "../words.js";
import { createBox } from "./box.js";
import { createPeople } from "./people.js";
import { createRequests } from "./requests.js";

export function createSide(store, actions) {
  return h(
    "nav",
    { class: "side", "aria-label": say("side.label"), "data-region": "side", tabindex: "-1" },
    createMe(store, actions),
    createBox(store, actions),
    h("div", { class: "side-lists" }, createRequests(store, actions), createPeople(store, actions)),
  );
}

function createMe(store, actions) {
  const face = createFace();
  const name = h("bdi", { class: "me-name" });
  const reach = h("span", { class: "me-reach" });
  const button = h(
    "button",
    { type: "button", class: "me", "data-me": true, title: say("me.open.title"), onclick: () => actions.showPanel(store.state.panel === "me" ? null : "me") },
    face.element,
    h("span", { class: "me-words" }, name, reach),
  );
  store.watch(
    ({ me }) => [me],
    (me) => {
      if (!me) return;
      face.update(me.address, me.name || "·");
      name.textContent = me.name;
      reach.textContent = me.hosts[0] ?? "";
    },
  );
  return button;
}
