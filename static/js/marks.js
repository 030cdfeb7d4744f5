/**
 * The marks inside a line: **bold**, *italic*, _italic_, ~~strike~~ and `code`. Pure.
 *
 *     **bold *both* bold**      -> { kind: "bold", children: ["bold ", { kind: "italic" }, " bold"] }
 *     2*3*4  snake_case  5 * 3  -> text: a mark opens before a word and closes behind one
 *     **never closed            -> text
 *
 * A mark stays within its line, and none stands inside another of its kind, so nesting has a floor
 * and a line of nothing but marks takes no longer than any other. `fixed` are the stretches that are
 * taken as a whole (links and mentions), in order.
 */

const TICK = "\x60";
const KINDS = { "**": "bold", "*": "italic", _: "italic", "~~": "strike" };
// Scripts that are written without spaces have no words' edges to go by.
const UNSPACED = "(?![\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}])";
const WORD_BEFORE = new RegExp(`${UNSPACED}[\\p{L}\\p{N}_\\\\]$`, "u"); // nor behind a backslash
const WORD_AFTER = new RegExp(`^${UNSPACED}[\\p{L}\\p{N}_]`, "u");
const RUN = /\*+|_+|~+|\x60+/y;
const NEXT = /[*_~\x60]/g;

/** The runs of backticks in a line, by their length, the last one first. */
function backticks(line) {
  const found = new Map();
  for (let at = line.indexOf(TICK); at >= 0;) {
    let end = at;
    while (line[end] === TICK) end += 1;
    if (!found.has(end - at)) found.set(end - at, []);
    found.get(end - at).push(at);
    at = line.indexOf(TICK, end);
  }
  for (const list of found.values()) list.reverse(); // the next one is taken from the end
  return found;
}

/** Returns find(pos): the first of `fixed` at or after `pos` of the line at `from`. Asked in order. */
function following(fixed, from) {
  let low = 0;
  let high = fixed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fixed[middle].start < from) low = middle + 1;
    else high = middle;
  }
  return (pos) => {
    while (low < fixed.length && fixed[low].start < from + pos) low += 1;
    const { start, end, node } = fixed[low] ?? {};
    return node && { start: start - from, end: end - from, node };
  };
}

/** The nodes of text[from..to): texts, `{ kind, children }`, `{ kind: "code", text }` and `fixed`. */
export function parseLine(text, from, to, fixed) {
  const line = text.slice(from, to); // a search for the next mark must not go on behind it
  const stack = [{ nodes: [] }]; // what is open, outermost first
  const codes = backticks(line);
  const nextFixed = following(fixed, from);
  let plain = 0; // what is before is in the nodes already

  const top = () => stack[stack.length - 1];
  const isOpen = (mark) => stack.some((frame) => frame.mark === mark); // four at most
  const keep = (end) => end > plain && top().nodes.push({ kind: "text", text: line.slice(plain, end) });

  /** What was opened and is not closed was no mark. */
  function dissolve() {
    const { mark, nodes } = stack.pop();
    top().nodes.push({ kind: "text", text: mark });
    for (const node of nodes) top().nodes.push(node);
  }

  function close(mark) {
    while (top().mark !== mark) dissolve();
    const { nodes } = stack.pop();
    top().nodes.push({ kind: KINDS[mark], children: nodes });
  }

  function code(at, size) {
    const list = codes.get(size);
    while (list.length && list.at(-1) <= at) list.pop();
    const end = list.at(-1);
    if (end === undefined) return at + size;
    keep(at);
    const inside = line.slice(at + size, end);
    // One space on either side keeps a backtick inside apart from the marks.
    const spaced = inside.startsWith(" ") && inside.endsWith(" ") && inside.includes(TICK);
    top().nodes.push({ kind: "code", text: spaced ? inside.slice(1, -1) : inside });
    return (plain = end + size);
  }

  function marks(at, run) {
    const end = at + run.length;
    const before = line.slice(Math.max(0, at - 2), at);
    const after = line.slice(end, end + 2);
    const names = run === "***" ? ["**", "*"] : [run];
    if (names.some((name) => !(name in KINDS))) return end;
    const mayClose = before && !/\s$/u.test(before) && !WORD_AFTER.test(after);
    const mayOpen = after && !/^\s/u.test(after) && !WORD_BEFORE.test(before);
    if (mayClose && names.every(isOpen)) {
      keep(at);
      // Innermost first, whichever it is.
      for (const name of names.toSorted((one, two) => depth(two) - depth(one))) close(name);
      return (plain = end);
    }
    if (!mayOpen || names.some(isOpen)) return end;
    keep(at);
    for (const mark of names) stack.push({ mark, nodes: [] });
    return (plain = end);
  }
  const depth = (mark) => stack.findIndex((frame) => frame.mark === mark);

  for (let pos = 0; pos < line.length;) {
    NEXT.lastIndex = pos;
    const next = NEXT.exec(line)?.index ?? line.length;
    const whole = nextFixed(pos);
    if (whole && whole.start <= next && whole.end <= line.length) {
      keep(whole.start);
      top().nodes.push(whole.node);
      pos = plain = whole.end;
      continue;
    }
    if (next === line.length) break;
    RUN.lastIndex = next;
    const [run] = RUN.exec(line);
    pos = run[0] === TICK ? code(next, run.length) : marks(next, run);
  }
  keep(line.length);
  while (stack.length > 1) dissolve();
  return stack[0].nodes;
}
