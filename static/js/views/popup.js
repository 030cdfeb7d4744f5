/**
 * Something small in front of the page that closes by itself: a menu, a picker.
 *
 * The browser keeps it in its top layer, beside what it belongs to (acts.css); a click elsewhere
 * and Esc close it, and the focus goes back to where it came from.
 */

import { h } from "../h.js";

/** Returns `{ element, open(opener, first), close(), isOpen() }`. */
export function createPopup(props, ...children) {
  let opener = null;
  const element = h("div", { popover: "auto", ...props }, ...children);

  function close() {
    if (isOpen()) element.hidePopover();
  }
  const isOpen = () => element.matches(":popover-open");

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation(); // else it would close the panel behind, too
    close();
  });
  element.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return;
    const { activeElement: focused } = document;
    if (!focused || focused === document.body || element.contains(focused))
      opener?.focus({ preventScroll: true });
  });
  return {
    element,
    isOpen,
    close,
    open(from, first) {
      opener = from;
      element.showPopover();
      first?.focus();
    },
  };
}
