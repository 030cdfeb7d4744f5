/** The right side: about the person or group of this chat, me, inviting, and so on; one at a time. */

import { button, h, hide, setProps, setText } from "../h.js";
import { isGroup } from "../groups.js";
import { icon } from "../icons.js";
import { say } from "../words.js";
import { createDetails } from "./details.js";
import { createDoctor } from "./doctor.js";
import { createForward } from "./forward.js";
import { createAdding, createNewGroup } from "./gather.js";
import { createGroupDetails } from "./group.js";
import { createIdentity } from "./identity.js";
import { createInvite } from "./invite.js";
import { createPins } from "./pins.js";
import { whoReacted } from "./reactions.js";
import { createRequestsPage } from "./requests.js";
import { createSeen } from "./seen.js";
import { createReacted, createVersions } from "./versions.js";

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
  const me = createIdentity(store, actions);
  const body = h(
    "div",
    { class: "panel-body" },
    details,
    group,
    me,
    createInvite(store, actions),
    createRequestsPage(store, actions),
    createDoctor(store, actions),
    createNewGroup(store, actions),
    createAdding(store, actions),
    createSeen(store, actions),
    createForward(store, actions),
    createVersions(store),
    createReacted(store, whoReacted),
    createPins(store, actions),
  );
  const root = h(
    "section",
    { class: "panel", "data-region": "panel", tabindex: "-1", hidden: true },
    h("header", { class: "panel-head" }, close, title),
    body,
  );
  let opener = null;
  let open = null;
  store.watch(["panel"], (panel) => {
    setProps(root, {
      hidden: !panel,
      "data-panel": panel,
      "aria-label": panel ? say(`panel.${panel}`) : null,
    });
    hide(me, panel !== "me");
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
