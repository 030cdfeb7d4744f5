/**
 * Holds the state, and tells the views once a frame what became of it.
 *
 * dispatch(event) -> reduce -> (next frame) -> every view whose part of the state changed
 */

const HIDDEN_EVERY = 200; // ms; a hidden tab draws no frames, yet its title must count

export function createStore(reduce, state) {
  const views = [];
  let planned = false;

  function flush() {
    if (!planned) return;
    planned = false;
    for (const look of views) look();
  }

  return {
    get state() {
      return state;
    },

    dispatch(event) {
      const next = reduce(state, event);
      if (next === state) return;
      state = next;
      if (planned) return;
      planned = true;
      requestAnimationFrame(flush);
      setTimeout(flush, HIDDEN_EVERY);
    },

    /**
     * Calls update(...values) now, and again whenever one of the values is another one.
     * `wanted` names parts of the state, or is a function from the state to values.
     */
    watch(wanted, update) {
      const select = Array.isArray(wanted) ? () => wanted.map((part) => state[part]) : wanted;
      let seen = null;
      const look = () => {
        const now = select(state);
        if (seen && now.every((value, at) => value === seen[at])) return;
        seen = now;
        update(...now);
      };
      views.push(look);
      look();
    },
  };
}
