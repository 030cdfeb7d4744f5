/**
 * Something small in front of the page that closes by itself: a menu, a picker.
 *
 * The browser keeps it in its top layer, beside what it belongs to (acts.css). A click elsewhere,
 * Esc, and Tab out of it close it, and the focus goes back to where it came from. The browser's own
 * way of closing is not used: it takes the lifting of the finger that opened it for a click.
 */

import { h } from "../h.js";

/** Returns `{ element, open(opener, first), close(), isOpen() }`. */
export function createPopup(props, ...children) {
  let opener = null;
  const element = h("div", { popover: "manual", ...props }, ...children);
  const isOpen = () => element.matches(":popover-open");

  function close() {
    if (!isOpen()) return;
    document.removeEventListener("pointerdown", outside, true);
    const isWithin = element.contains(document.activeElement);
    element.hidePopover();
    if (isWithin) opener?.focus({ preventScroll: true });
  }

  function outside({ target }) {
    if (!element.contains(target)) close();
  }

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation(); // else it would close the panel behind, too
    close();
  });
  element.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !element.contains(relatedTarget)) close();
  });
  return {
    element,
    isOpen,
    close,
    open(from, first) {
      opener = from;
      element.showPopover();
      document.addEventListener("pointerdown", outside, true);
      first?.focus();
    },
  };
}
