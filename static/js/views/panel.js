/** The right side: about the person or group of this chat, me, inviting, and so on; one at a time. */

import { button, h, hide, setProps, setText } from "../h.js";
import { isGroup } from "../groups.js";
import { icon } from "../icons.js";
import { explain, say } from "../words.js";
import { createPins } from "./pins.js";
import { createRequestsPage } from "./requests.js";
import { createSeen } from "./seen.js";

/** What few people open, by its panel: fetched when it is opened for the first time. */
const LATER = {
  me: () => import("./identity.js").then((part) => part.createIdentity),
  details: () => import("./details.js").then((part) => part.createDetails),
  about: () => import("./group.js").then((part) => part.createGroupDetails),
  invite: () => import("./invite.js").then((part) => part.createInvite),
  doctor: () => import("./doctor.js").then((part) => part.createDoctor),
  group: () => import("./gather.js").then((part) => part.createNewGroup),
  add: () => import("./gather.js").then((part) => part.createAdding),
  forward: () => import("./forward.js").then((part) => part.createForward),
  versions: () => import("./versions.js").then((part) => part.createVersions),
  reactions: () => import("./versions.js").then((part) => part.createReacted),
};

/** These are hidden by the panel, the others hide themselves. */
const ASIDE = ["me", "details", "about"];

/** What stands in it: about a group is something else than about a person. */
const partOf = ({ panel, selected, ...state }) =>
  panel === "details" && isGroup(state, selected) ? "about" : panel;

export function createPanel(store, actions) {
  const title = h("h2", { class: "panel-title" });
  const close = button(
    "bare",
    () => actions.showPanel(null),
    { "aria-label": say("close") },
    icon("close"),
  );
  const trouble = h("p", { class: "trouble panel-trouble", role: "alert" });
  const body = h(
    "div",
    { class: "panel-body" },
    trouble,
    createRequestsPage(store, actions),
    createSeen(store, actions),
    createPins(store, actions),
  );
  const root = h(
    "section",
    { class: "panel", "data-region": "panel", tabindex: "-1", hidden: true },
    h("header", { class: "panel-head" }, close, title),
    body,
  );
  const brought = new Set();

  async function bring(part) {
    setText(trouble, "");
    if (!(part in LATER) || brought.has(part)) return;
    brought.add(part);
    const create = await LATER[part]().catch(() => null);
    if (create) {
      const element = create(store, actions);
      if (ASIDE.includes(part))
        store.watch((state) => [partOf(state)], (now) => hide(element, now !== part));
      body.append(element);
      return;
    }
    brought.delete(part); // the program is gone: the next time it may be back
    if (partOf(store.state) === part) setText(trouble, explain({ code: "stopped" }));
  }

  let opener = null;
  let open = null;
  store.watch(["panel"], (panel) => {
    setProps(root, {
      hidden: !panel,
      "data-panel": panel,
      "aria-label": panel ? say(`panel.${panel}`) : null,
    });
    if (panel) setText(title, say(`panel.${panel}`));
    if (panel && panel !== open) {
      if (!open) opener = document.activeElement;
      body.scrollTop = 0;
      close.focus();
    }
    const { activeElement: focused } = document;
    const isLost = !focused || focused === document.body || root.contains(focused);
    if (!panel && open && isLost) opener?.focus();
    open = panel;
  });
  store.watch((state) => [partOf(state)], bring);
  return root;
}
