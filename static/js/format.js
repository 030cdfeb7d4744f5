/**
 * From a text, as it was written, to what it looks like: a tree of plain objects. Pure.
 *
 *     text           { kind: "text", text }                lines keep their "\n" between them
 *     in a line      bold, italic, strike { children }     code, link { text }    mention { ... }
 *     whole lines    quote { children }                    pre { text, language }
 *                    list { items: [{ level, number, children }] }      number null: a dot
 *
 * What looks like a mark and has no partner stays text: nobody's words are ever lost to a star.
 * Each character is looked at a fixed number of times, whatever it is.
 */

import { splitLinks } from "./links.js";
import { parseLine } from "./marks.js";

const DEEPEST = 3; // quotes within quotes
const LEVELS = 2; // lists within lists
const QUOTE = /^>(?=[ >]|$)/;
const ITEM = /^( *)(?:[-•]|(\d{1,9})\.) +(?=\S)/;
const FENCE = /^\x60{3}([^\x60]*)$/;
const FENCE_END = /\x60{3}\s*$/;
const LANGUAGE = /^[\w+#.-]{1,20}$/;

function linesOf(text) {
  const lines = [];
  for (let from = 0; from <= text.length;) {
    const end = text.indexOf("\n", from);
    const to = end < 0 ? text.length : end;
    lines.push({ from, to });
    from = to + 1;
  }
  return lines;
}

/** Links and mentions, in order, none over another; a mention goes before a link. */
function fixedIn(text, mentions) {
  const named = mentions
    .filter(({ start, end }) => end <= text.length && !text.slice(start, end).includes("\n"))
    .map(({ start, end, ...rest }) => ({
      start,
      end,
      node: { kind: "mention", text: text.slice(start, end), ...rest },
    }));
  let at = 0;
  const linked = [];
  for (const part of splitLinks(text)) {
    const start = at;
    at += part.text.length;
    if (part.link) linked.push({ start, end: at, node: { kind: "link", text: part.text } });
  }
  const all = [...named, ...linked].sort(
    (one, two) => one.start - two.start || (one.node.kind === "mention" ? -1 : 1),
  );
  let free = 0;
  return all.filter(({ start, end }) => start >= free && end > start && (free = end));
}

/**
 * `mentions`: `{ start, end, ... }` in units of the text; `isCut`: more of the text follows, which
 * may close a block of code that is open at its end.
 */
export function parse(text, { mentions = [], isCut = false } = {}) {
  const fixed = fixedIn(text, mentions);
  const slice = ({ from, to }) => text.slice(from, to);

  function blocks(lines, depth) {
    const nodes = [];
    const push = (node) => {
      const last = nodes[nodes.length - 1];
      if (node.kind === "text" && last?.kind === "text") last.text += node.text;
      else nodes.push(node);
    };
    const closers = lines.flatMap((line, at) => (FENCE_END.test(slice(line)) ? [at] : []));
    let isPlain = false; // the last node ended a line of plain text
    let next = 0; // of the closers

    const block = (node) => {
      nodes.push(node);
      isPlain = false;
    };

    for (let at = 0; at < lines.length;) {
      const line = lines[at];
      const words = slice(line);
      const fence = FENCE.exec(words);
      if (fence) {
        while (next < closers.length && closers[next] <= at) next += 1;
        const end = closers[next] ?? (isCut && depth === 0 ? lines.length : -1);
        if (end >= 0) {
          block(codeOf(fence[1], lines.slice(at + 1, end + 1).map(slice)));
          at = skipBlank(end + 1);
          continue;
        }
      }
      if (depth < DEEPEST && QUOTE.test(words)) {
        const inside = [];
        for (; at < lines.length && QUOTE.test(slice(lines[at])); at += 1) {
          const { from, to } = lines[at];
          inside.push({ from: from + (text[from + 1] === " " && to > from + 1 ? 2 : 1), to });
        }
        block({ kind: "quote", children: blocks(inside, depth + 1) });
        at = skipBlank(at);
        continue;
      }
      if (ITEM.test(words)) {
        const items = [];
        for (let item; at < lines.length && (item = ITEM.exec(slice(lines[at]))); at += 1) {
          const { from, to } = lines[at];
          items.push({
            level: Math.min(LEVELS, item[1].length >> 1),
            number: item[2] === undefined ? null : Number(item[2]),
            children: parseLine(text, from + item[0].length, to, fixed),
          });
        }
        block({ kind: "list", items });
        at = skipBlank(at);
        continue;
      }
      if (isPlain) push({ kind: "text", text: "\n" });
      parseLine(text, line.from, line.to, fixed).forEach(push);
      isPlain = true;
      at += 1;
    }
    return nodes;

    /** The empty line behind a block is the room that the block has around it anyway. */
    function skipBlank(at) {
      return at < lines.length - 1 && !slice(lines[at]).trim() ? at + 1 : at;
    }
  }
  return blocks(linesOf(text), 0);
}

/** "```js" names a language; anything else behind the fence is the first line of the code. */
function codeOf(label, inside) {
  const named = LANGUAGE.test(label.trim());
  const lines = named || !label.trim() ? inside : [label, ...inside];
  const last = (lines.at(-1) ?? "").replace(FENCE_END, "");
  const all = last.trim() ? [...lines.slice(0, -1), last] : lines.slice(0, -1);
  return { kind: "pre", text: all.join("\n"), language: named ? label.trim() : "" };
}

/** The words alone, in one line: for a preview, a quote, a list of what is pinned. */
export function plainText(text, mentions = []) {
  const pieces = [];
  const walk = (nodes) => {
    for (const node of nodes) {
      if (node.kind === "mention") pieces.push(mentionText(node));
      else if (node.kind === "list") node.items.forEach((item) => step(item.children));
      else if (node.kind === "quote") step(node.children);
      else if (node.children) walk(node.children);
      else pieces.push(node.kind === "pre" ? ` ${node.text} ` : node.text);
    }
  };
  const step = (nodes) => {
    pieces.push(" ");
    walk(nodes);
    pieces.push(" ");
  };
  walk(parse(text, { mentions, isCut: true }));
  return pieces.join("").replace(/\s+/gu, " ").trim();
}

/** A mention shows what we call somebody, whatever the writer calls them. */
export const mentionText = ({ name, text }) => (name ? `@${name}` : text);
