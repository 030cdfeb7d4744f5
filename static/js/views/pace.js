/**
 * How many rows are drawn in one go: as many as this machine draws without holding anybody up.
 *
 * While only the window moves, rows that are drawn already are as they should be: not touched.
 */

import { STEP } from "../rows.js";

const QUICK = 6; // ms; a step that took less may be longer the next time
const SLOW = 16; // ms; one that took more was too long
const [LEAST, MOST] = [4, 40]; // messages

const same = (row, last) =>
  row.message === last.message && row.first === last.first && row.last === last.last;

export function createPace() {
  let isMoving = false;
  let step = STEP;

  return {
    /** A row that is touched only when there is something new about it. */
    sparing({ element, update }) {
      let last = null;
      return {
        element,
        update(row) {
          if (!isMoving || !last || !same(row, last)) update(row);
          last = row;
        },
      };
    },

    /** Calls draw(how many rows more), and learns from how long it took. */
    move(draw) {
      const began = performance.now();
      isMoving = true;
      draw(step);
      isMoving = false;
      const took = performance.now() - began;
      if (took < QUICK) step = Math.min(MOST, step + 2);
      if (took > SLOW) step = Math.max(LEAST, Math.floor(step / 2));
    },
  };
}
