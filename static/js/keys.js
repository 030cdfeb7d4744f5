/**
 * The keyboard, where it is not the browser's own business.
 *
 * Ctrl+K to the box, Ctrl+Shift+F to what was said in this chat, F6 round the regions, Alt+Up and
 * Alt+Down through the chats, Esc closes the topmost thing (a dialog closes itself).
 */

import { sections } from "./lists.js";

const FIRST_IN_REGION = ["textarea", "[aria-current]", "input", "button"]; // whichever is seen

export function listenForKeys(root, store, actions) {
  addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") toBox();
    else if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "f")
      root.querySelector('.chat:not([hidden]) [data-act="seek"]')?.click();
    else if (event.key === "F6") toNextRegion(event.shiftKey ? -1 : 1);
    else if (event.altKey && event.key === "ArrowUp") step(-1);
    else if (event.altKey && event.key === "ArrowDown") step(1);
    else if (event.key !== "Escape" || !closeTopmost()) return;
    event.preventDefault();
  });

  function toBox() {
    if (innerWidth < 720) {
      actions.showPanel(null);
      actions.closeChat();
    }
    // The column may only now become visible, with the next frame.
    requestAnimationFrame(() => root.querySelector("[data-box]").focus());
  }

  function toNextRegion(by) {
    const regions = [...root.querySelectorAll("[data-region]")].filter(
      (region) => region.offsetParent,
    );
    const at = regions.findIndex((region) => region.contains(document.activeElement));
    const next = regions.at((at + by + regions.length) % regions.length);
    const inside = FIRST_IN_REGION.flatMap((wanted) => [...next.querySelectorAll(wanted)]);
    (inside.find((each) => each.offsetParent) ?? next).focus();
  }

  function step(by) {
    const chats = sections({ ...store.state, query: "" }).chats.map(({ key }) => key);
    const at = chats.indexOf(store.state.selected);
    const next = chats[at < 0 ? 0 : at + by];
    if (next) actions.openChat(next);
  }

  function closeTopmost() {
    if (store.state.panel) actions.showPanel(null);
    else if (store.state.query) actions.search("");
    else if (innerWidth < 720 && store.state.selected) actions.closeChat();
    else return false;
    return true;
  }
}
