/**
 * What was found, and the place in it, as a part of the state. Pure.
 *
 * A message that is deleted while its hit is looked at is found no more.
 */

const without = (search, id) =>
  search?.hits.some((hit) => hit.id === id)
    ? { ...search, hits: search.hits.filter((hit) => hit.id !== id) }
    : search;

const gone = ({ type, id, message }) => {
  if (type === "message.removed") return id;
  return type === "message.changed" && message.kind === "deleted" ? message.id : null;
};

/** The state after an event, without hits that went with it. */
export function findsAfter(state, event) {
  const id = gone(event);
  if (id === null) return state;
  const found = without(state.found, id);
  const seek = without(state.seek, id);
  return found === state.found && seek === state.seek ? state : { ...state, found, seek };
}

export const findHandlers = {
  "found.changed": (state, { found }) => ({ ...state, found }),
  "seek.changed": (state, { seek }) => ({ ...state, seek }),
};
