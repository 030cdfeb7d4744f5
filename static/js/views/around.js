/**
 * While nobody is here: where it is looked for people, how others reach me, and, when nobody
 * appears for a while, the way to find out why.
 */

import { button, h, hide, setChildren, setProps } from "../h.js";
import { icon } from "../icons.js";
import { phrase, say } from "../words.js";
import { createPicture } from "./picture.js";
import { createReach } from "./reach.js";

const PATIENCE = 10_000; // ms without anybody, after which the check is offered

/** Where it is looked: `networks` are the program's own words for them. */
function lookingWords({ me, people }) {
  if (!me) return [];
  if (me.discovery === "off") return [say("around.off")];
  if (me.discovery === "unavailable") return [say("around.unavailable")];
  if (!me.networks?.length) return [say("around.none")];
  const key = Object.keys(people).length ? "around.more" : "around.looking";
  return phrase(key, { networks: me.networks.join(", ") });
}

/** The sentence that says where it is looked, with a pulse while it is. */
export function createLooking(store) {
  const words = h("span");
  const root = h("p", { class: "looking", role: "status" }, icon("network"), words);
  store.watch(["me", "people"], (me) => {
    setProps(root, { "data-discovery": me?.discovery ?? null });
    setChildren(words, lookingWords(store.state));
  });
  return root;
}

/** "Nobody appears?", ten seconds after `isAlone` began to be true. */
export function createOffer(store, actions, isAlone) {
  const root = h(
    "p",
    { class: "offer", hidden: true, "data-offer": true },
    say("around.nobody"),
    " ",
    button("link", () => actions.openCheck(), { "data-act": "doctor" }, say("around.why")),
  );
  let timer = 0;
  store.watch(
    (state) => [isAlone(state)],
    (alone) => {
      clearTimeout(timer);
      hide(root, true);
      if (alone) timer = setTimeout(() => hide(root, false), PATIENCE);
    },
  );
  return root;
}

export const isAlone = ({ me, link, people }) =>
  link === "open" &&
  Boolean(me) &&
  !Object.values(people).some(({ nearby, online }) => nearby || online);

/** Everything for whom nobody is there yet. `title` is the words over my addresses. */
export function createAround(store, actions, title) {
  const picture = createPicture(say("invite.qr"), 148);
  const code = h(
    "div",
    { class: "around-code" },
    picture.element,
    h("p", { class: "hint" }, say("around.code")),
  );
  const root = h(
    "div",
    { class: "around" },
    createLooking(store),
    h("div", { class: "around-me" }, createReach(store, title), code),
    createOffer(store, actions, isAlone),
  );
  store.watch(["invite"], (invite) => {
    picture.show(invite?.qr);
    hide(code, !invite);
  });
  return root;
}
