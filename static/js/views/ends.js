/** Above the oldest message: it is being loaded, or this is where the chat began. */

import { bdi, h, setChildren, setProps } from "../h.js";
import { nameOf } from "../lists.js";
import { icon } from "../icons.js";
import { phrase, say } from "../words.js";

const BONES = 7;

export function createEnds(store) {
  const text = h("p");
  const begin = h("div", { class: "begin", hidden: true }, icon("lock"), text);
  const bones = h(
    "div",
    { class: "bones", role: "img", "aria-label": say("loading") },
    Array.from({ length: BONES }, () => h("span", { class: "bone" })),
  );
  store.watch(
    ({ selected, timelines, people }) => [selected, timelines[selected], people[selected]],
    (selected, timeline, person) => {
      if (!selected) return;
      const done = Boolean(timeline?.ready && timeline.complete);
      setProps(begin, { hidden: !done });
      setProps(bones, { hidden: done, "data-filling": timeline?.ready ? "older" : "all" });
      const key = person?.relation === "asked" ? "log.asked" : "log.begin";
      setChildren(text, phrase(key, { name: bdi(nameOf(store.state, selected)) }));
    },
  );
  return h("div", { class: "ends" }, bones, begin);
}
