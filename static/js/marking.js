/** Marks around what is selected, as Ctrl+B and Ctrl+I set and take them. Pure. */

export const MARKS = { b: "**", i: "*" };

/** How often the sign stands at the edge: "**" is two, and no "*" of its own. */
function atEdge(text, sign, fromEnd) {
  let n = 0;
  while (n < text.length && text[fromEnd ? text.length - 1 - n : n] === sign) n += 1;
  return n;
}

/**
 * `{ start, end, text, from, to }`: what text[start..end) becomes, and what is selected then.
 * What is marked already loses its marks; spaces at the edges stay outside, where marks are none.
 */
export function toggleMark(text, from, to, mark) {
  const inside = text.slice(from, to);
  const start = from + inside.length - inside.trimStart().length;
  const end = Math.max(start, to - (inside.length - inside.trimEnd().length));
  const [before, after] = [text.slice(0, start), text.slice(end)];
  const around = Math.min(atEdge(before, mark[0], true), atEdge(after, mark[0], false));
  const isMarked = mark.length === 2 ? around >= 2 : around % 2 === 1;
  const words = text.slice(start, end);
  const size = mark.length;
  if (isMarked)
    return {
      start: start - size, end: end + size, text: words, from: start - size, to: end - size,
    };
  return { start, end, text: mark + words + mark, from: start + size, to: end + size };
}
