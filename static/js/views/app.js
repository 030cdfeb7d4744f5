/**
 * The whole page: either the door (not let in, or no name yet), or the three regions.
 *
 *     +--------+---------------------+----------+
 *     | side   | main                | panel    |      narrow: one of them at a time,
 *     +--------+---------------------+----------+      told by data-view
 */

import { h, hide, setProps } from "../h.js";
import { listenForKeys } from "../keys.js";
import { unreadInAll } from "../lists.js";
import { createChat } from "./chat.js";
import { createBanner, createDoor } from "./door.js";
import { createSide } from "./side.js";

const TITLE = "p2pchat";

export function createApp(store, actions) {
  const door = createDoor(store, actions);
  const shell = h(
    "main",
    { class: "shell" },
    h("h1", { class: "sr" }, TITLE),
    createSide(store, actions),
    createChat(store, actions),
  );
  // Nobody opens the panel first: what it needs is fetched once the rest stands.
  import("./panel.js")
    .then(({ createPanel }) => shell.append(createPanel(store, actions)))
    .catch(() => actions.tell({ code: "stopped" }));
  bringSas(store, actions, shell);
  const root = h("div", { class: "app" }, createBanner(store, actions), door, shell);

  store.watch(["me", "link", "selected", "panel"], (me, link, selected, panel) => {
    const inside = Boolean(me?.name) && link !== "erased";
    setProps(shell, {
      hidden: !inside,
      "data-view": panel ? "panel" : selected ? "chat" : "side",
    });
    hide(door, inside);
    setProps(root, { "data-link": link });
  });
  store.watch(
    (state) => [unreadInAll(state)],
    (unread) => (document.title = unread ? `(${unread}) ${TITLE}` : TITLE),
  );
  listenForKeys(root, store, actions);
  keepPlace(store, actions);
  return root;
}

/** Comparing emoji is fetched when the first comparison begins, on whichever side. */
function bringSas(store, actions, shell) {
  let state = "none"; // coming, here
  store.watch(["sas"], async (runs) => {
    if (state !== "none" || !Object.keys(runs).length) return;
    state = "coming";
    const { createSas } = await import("./sas.js").catch(() => ({}));
    state = createSas ? "here" : "none";
    if (createSas) shell.append(createSas(store, actions));
    else actions.tell({ code: "stopped" });
  });
}

/** The browser's back button leaves a chat, and a page loaded anew opens it again. */
function keepPlace(store, actions) {
  const place = history.state?.chat;
  let shown = null;
  let ready = false;
  store.watch(
    ({ selected, me }) => [selected, Boolean(me)],
    (selected, known) => {
      if (!known) return;
      if (!ready) {
        ready = true;
        if (place && !selected) return void actions.openChat(place);
      }
      if (selected === shown || (history.state?.chat ?? null) === selected)
        return void (shown = selected);
      if (selected && !shown) history.pushState({ chat: selected }, "");
      else history.replaceState({ chat: selected }, "");
      shown = selected;
    },
  );
  addEventListener("popstate", ({ state }) => {
    if (state?.chat) actions.openChat(state.chat);
    else actions.closeChat();
  });
}
