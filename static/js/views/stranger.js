/**
 * In place of messages with somebody whom we have never talked to: who they say they are, by what
 * they can be known, and what happens when one writes.
 */

import { createFace } from "../faces.js";
import { bdi, h, hide, setChildren, setText } from "../h.js";
import { inGroups, nameOf } from "../lists.js";
import { phrase, say } from "../words.js";

export function createStranger(store) {
  const face = createFace("large");
  const title = h("p", { class: "stranger-name" });
  const claim = h("p");
  const key = h("code", { class: "key", translate: "no", title: say("details.address") });
  const place = h("p");
  const root = h(
    "div",
    { class: "stranger", hidden: true, "data-stranger-card": true },
    face.element,
    title,
    claim,
    key,
    place,
  );
  store.watch(
    ({ selected, people, chats }) => [selected, people[selected], chats[selected]],
    (selected, person, chat) => {
      const isNew = Boolean(selected && person?.relation === "none" && !chat);
      hide(root, !isNew);
      if (!isNew) return;
      const name = nameOf(store.state, selected);
      face.update(selected, name);
      setChildren(title, phrase("stranger.name", { name: bdi(name) }));
      setText(claim, say(person.nearby ? "stranger.claim" : "stranger.left"));
      setText(key, inGroups(selected, 7));
      const hosts = person.hosts.join(", ");
      setText(place, hosts ? say("stranger.place", { hosts }) : "");
    },
  );
  return root;
}
