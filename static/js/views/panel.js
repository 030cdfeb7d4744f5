/** The right side: about the person of this chat, about me, inviting, and so on. One at a time. */

import { button, h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { say } from "../words.js";
import { createDetails } from "./details.js";
import { createDoctor } from "./doctor.js";
import { createIdentity } from "./identity.js";
import { createInvite } from "./invite.js";
import { createRequestsPage } from "./requests.js";

export function createPanel(store, actions) {
  const title = h("h2", { class: "panel-title" });
  const close = button(
    "bare",
    () => actions.showPanel(null),
    { "aria-label": say("close") },
    icon("close"),
  );
  const details = createDetails(store, actions);
  const me = createIdentity(store, actions);
  const body = h(
    "div",
    { class: "panel-body" },
    details,
    me,
    createInvite(store, actions),
    createRequestsPage(store, actions),
    createDoctor(store, actions),
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
    hide(details, panel !== "details");
    hide(me, panel !== "me");
    if (panel) setText(title, say(`panel.${panel}`));
    if (panel && panel !== open) {
      if (!open) opener = document.activeElement;
      body.scrollTop = 0;
      close.focus();
    }
    if (!panel && open && (!document.activeElement || document.activeElement === document.body))
      opener?.focus();
    open = panel;
  });
  return root;
}
