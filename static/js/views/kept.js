/**
 * The row with the focus stays when the window of rows moves on, out of sight: whoever is there
 * with a keyboard or a screen reader is not thrown to the top of the page.
 *
 * The first key pressed there brings the row back into view, and does nothing else.
 */

const PASSED = /^(?:Tab|Escape|Control|Shift|Alt|Meta)/;

/** Returns `{ add(rows, before, now, outgoing, start), mark() }` for the rows of one log. */
export function createKept(list, showAgain) {
  let drawn = new Map(); // key -> row, as they were drawn last
  let kept = null; // the key of a row that is not in the window

  function focused() {
    const row = list.contains(document.activeElement) && document.activeElement.closest("li");
    return row ? row.dataset.key : null;
  }

  /** A row that is gone for good is between others that are still there. */
  function isRemoved({ key, message: { id } }, before, now, outgoing) {
    if (!id) return !outgoing.some((item) => item.key === key);
    const at = before.findIndex((message) => message.id === id);
    if (at < 0) return false; // let go some time ago
    const stays = (one) => !one || now.some((message) => message.id === one.id);
    return !stays(before[at]) && stays(before[at - 1]) && stays(before[at + 1]);
  }

  list.addEventListener(
    "keydown",
    (event) => {
      const row = event.target.closest("[data-kept]");
      if (!row || PASSED.test(event.key) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      if (row.dataset.message) showAgain(row.dataset.message);
    },
    true,
  );

  return {
    /** The rows to draw: those of the window, and the one with the focus. */
    add(rows, before, now, outgoing, start) {
      const key = focused();
      const row = key !== null && !rows.some((each) => each.key === key) ? drawn.get(key) : null;
      const stays = row?.kind === "message" && !isRemoved(row, before, now, outgoing);
      kept = stays ? key : null;
      drawn = new Map(rows.map((each) => [each.key, each]));
      if (!stays) return rows;
      const at = now.findIndex(({ id }) => id === row.message.id);
      const same = at < 0 ? row : { ...row, message: now[at] };
      drawn.set(key, same);
      const first = rows.find(({ kind }) => kind === "message");
      const isBehind = at < 0 ? row.message.at >= (first?.message.at ?? 0) : at >= start;
      return isBehind ? [...rows, same] : [same, ...rows];
    },

    mark() {
      for (const row of list.children)
        row.toggleAttribute("data-kept", kept !== null && row.dataset.key === kept);
    },
  };
}
