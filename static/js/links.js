/**
 * Find the links in a text. Pure.
 *
 * Only http and https, and always shown whole: what is seen is what is opened. Characters that
 * turn the writing direction end a link, for they could show another address than the real one.
 */

const LINK =
  /https?:\/\/[^\s<>"'`\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]+/giu;
const PAIRS = { ")": "(", "]": "[", "}": "{" };
const BRACKETS = "()[]{}";

/** "(see http://a.b/c)." ends before ")."; "http://a.b/c_(d)" keeps its own bracket. */
function withoutTail(link) {
  const open = {}; // how many brackets of each kind, up to the present end
  for (const sign of link) if (BRACKETS.includes(sign)) open[sign] = (open[sign] ?? 0) + 1;
  let end = link.length;
  for (; end > 0; end -= 1) {
    const last = link[end - 1];
    const unpaired = PAIRS[last] && open[last] > (open[PAIRS[last]] ?? 0);
    if (!unpaired && !/[.,;:!?*_~|…，。、！？]/u.test(last)) break;
    if (unpaired) open[last] -= 1;
  }
  return link.slice(0, end);
}

function isLink(text) {
  try {
    const { protocol, hostname } = new URL(text);
    return (protocol === "http:" || protocol === "https:") && hostname !== "";
  } catch {
    return false;
  }
}

/** Returns `[{ text, link }]`; joined, the texts are the whole text again. */
export function splitLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = withoutTail(match[0]);
    if (!isLink(link)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), link: false });
    parts.push({ text: link, link: true });
    end = match.index + link.length;
  }
  if (end < text.length || !parts.length) parts.push({ text: text.slice(end), link: false });
  return parts;
}
