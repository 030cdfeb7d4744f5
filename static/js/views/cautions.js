/** What should be known of somebody: that we made sure of them, or whom they could be taken for. */

import { bdi, createList, h, hide, setChildren } from "../h.js";
import { icon } from "../icons.js";
import { plainName, shortAddress } from "../names.js";
import { isSaid, phrase } from "../words.js";

/** The sign of somebody verified; it stands outside of the name, a word beside or within it. */
export const createBadge = (...words) =>
  h("span", { class: "row-badge", hidden: true }, icon("verified"), words);

/** Returns `{ element, update(warnings) }`. */
export function createCautions() {
  const element = h("ul", { class: "cautions", hidden: true });
  const draw = createList(element, ({ code }) => {
    const words = h("p");
    return {
      element: h("li", { class: "caution", "data-warning": code }, icon("alert"), words),
      update({ name, address }) {
        // The sentence may name them more than once, and an element stands in one place only.
        const key = isSaid(`warning.${code}`) ? `warning.${code}` : "warning.other";
        const shown = plainName(name) || shortAddress(address);
        setChildren(words, phrase(key, { name: () => bdi(shown) }));
      },
    };
  });
  function update(warnings = []) {
    draw(warnings.map((one) => ({ ...one, key: `${one.code} ${one.address}` })));
    hide(element, !warnings.length);
  }
  return { element, update };
}
