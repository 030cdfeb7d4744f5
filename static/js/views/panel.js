/** The right side: about the person or group of this chat, me, inviting, and so on; one at a time. */

import { button, h, hide, setProps, setText } from "../h.js";
import { isGroup } from "../groups.js";
import { icon } from "../icons.js";
import { explain, say } from "../words.js";
import { createDetails } from "./details.js";
import { createGroupDetails } from "./group.js";
import { createPins } from "./pins.js";
import { createRequestsPage } from "./requests.js";
import { createSeen } from "./seen.js";

/** What few people open, by its panel: fetched when it is opened for the first time. */
const LATER = {
  me: () => import("./identity.js").then((part) => part.createIdentity),
  invite: () => import("./invite.js").then((part) => part.createInvite),
  doctor: () => import("./doctor.js").then((part) => part.createDoctor),
  group: () => import("./gather.js").then((part) => part.createNewGroup),
  add: () => import("./gather.js").then((part) => part.createAdding),
  forward: () => import("./forward.js").then((part) => part.createForward),
  versions: () => import("./versions.js").then((part) => part.createVersions),
  reactions: () => import("./versions.js").then((part) => part.createReacted),
};

export function createPanel(store, actions) {
  const title = h("h2", { class: "panel-title" });
  const close = button(
    "bare",
    () => actions.showPanel(null),
    { "aria-label": say("close") },
    icon("close"),
  );
  const details = createDetails(store, actions);
  const group = createGroupDetails(store, actions);
  const trouble = h("p", { class: "trouble panel-trouble", role: "alert" });
  const body = h(
    "div",
    { class: "panel-body" },
    details,
    group,
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

  async function bring(panel) {
    setText(trouble, "");
    if (!(panel in LATER) || brought.has(panel)) return;
    brought.add(panel);
    const create = await LATER[panel]().catch(() => null);
    if (create) {
      const element = create(store, actions);
      body.append(element);
      if (panel === "me") store.watch(["panel"], (now) => hide(element, now !== "me"));
      return;
    }
    brought.delete(panel); // the program is gone: the next time it may be back
    if (store.state.panel === panel) setText(trouble, explain({ code: "stopped" }));
  }

  let opener = null;
  let open = null;
  store.watch(["panel"], (panel) => {
    setProps(root, {
      hidden: !panel,
      "data-panel": panel,
      "aria-label": panel ? say(`panel.${panel}`) : null,
    });
    bring(panel);
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
  store.watch(
    (state) => [state.panel === "details", isGroup(state, state.selected)],
    (isOpen, isOfMany) => {
      hide(details, !isOpen || isOfMany);
      hide(group, !isOpen || !isOfMany);
    },
  );
  return root;
}
