/**
 * A face for somebody without a picture. Pure but for `face`.
 *
 * The colour comes from the key, the letters from the name: the same person always looks the
 * same, and somebody else who takes the name does not.
 */

import { h, setProps } from "./h.js";

export const TONES = 12; // as many as tokens.css has
const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const SIGN = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/** "Budi Santoso" is BS, "dewi" is D, a name without a letter keeps its first sign. */
export function initials(name) {
  const words = name
    .trim()
    .split(/\s+/u)
    .filter((word) => SIGN.test(word));
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  const first = (word) =>
    [...letters.segment(word)].map(({ segment }) => segment).find((sign) => SIGN.test(sign));
  return chosen.map(first).join("").toLocaleUpperCase() || name.trim().slice(0, 1) || "·";
}

export function toneOf(address) {
  let sum = 0;
  for (const character of address) sum = (sum * 31 + character.codePointAt(0)) >>> 0;
  return sum % TONES;
}

/** Returns `{ element, update(address, name, dot, isGroup) }`; `dot` is online, busy, away or "". */
export function createFace(size = "") {
  const text = h("span", { class: "initials" });
  const element = h("span", { class: `face ${size}`, "aria-hidden": "true" }, text);
  const update = (address, name, dot = "", isGroup = false) => {
    text.textContent = initials(name);
    setProps(element, { "data-tone": toneOf(address), "data-dot": dot || null, "data-group": isGroup });
  };
  return { element, update };
}
