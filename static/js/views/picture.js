/**
 * A code as a picture. It comes as SVG text and is shown as an image from a blob, where no script
 * in it could run and nothing of it becomes part of this page.
 */

import { h, setProps } from "../h.js";

/** Returns `{ element, show(svg) }`; without one it is hidden. */
export function createPicture(alt, size = 168) {
  const element = h("img", { class: "qr", alt, width: size, height: size, hidden: true });
  let address = "";

  function show(svg) {
    URL.revokeObjectURL(address);
    address = svg ? URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })) : "";
    setProps(element, { src: address || null, hidden: !svg });
  }
  return { element, show };
}
