/** What a message read before it was changed, and when: the present text last. */

import { fullDate } from "../dates.js";
import { h, hide, setChildren, setText } from "../h.js";
import { currentLocale, explain, say } from "../words.js";
import { createContent } from "./content.js";
import { whoReacted } from "./reactions.js";

export function createVersions(store) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const list = h("ol", { class: "versions" });
  const root = h("div", { class: "panel-part", hidden: true }, h("p", { class: "hint" }, say("versions.text")), trouble, list);

  function version({ text, at }, place, all) {
    const content = createContent(() => {});
    content.write(text, [], null);
    const label = place === 0 ? "versions.first" : place === all.length - 1 ? "versions.now" : "";
    const when = fullDate(at, currentLocale());
    return h(
      "li",
      { class: "block version" },
      h("p", { class: "hint" }, label && h("strong", {}, `${say(label)} · `), when),
      h("div", { dir: "auto" }, content.element, content.more),
    );
  }

  store.watch(["panel", "versions"], (panel, versions) => {
    hide(root, panel !== "versions" || !versions);
    if (root.hidden) return;
    setText(trouble, versions.error ? explain(versions.error) : "");
    setChildren(list, (versions.answer ?? []).map(version));
  });
  return root;
}

/** Who reacted how, for whoever cannot hover over a reaction. */
export function createReacted(store) {
  const list = h("ul", { class: "versions" });
  const root = h("div", { class: "panel-part", hidden: true }, list);
  store.watch(
    ({ panel, reacted, timelines, people }) => [panel, reacted, timelines[reacted?.chat], people],
    (panel, reacted, timeline) => {
      hide(root, panel !== "reactions" || !reacted);
      if (root.hidden) return;
      const message = timeline?.messages.find(({ id }) => id === reacted.id);
      setChildren(
        list,
        whoReacted(store.state, reacted.chat, message ?? {}).map(({ emoji, names }) =>
          h(
            "li",
            { class: "block reacted" },
            h("bdi", { class: "reacted-emoji" }, emoji),
            h("ul", {}, names.map((name) => h("li", {}, h("bdi", {}, name)))),
          ),
        ),
      );
    },
  );
  return root;
}
