/**
 * Making sure of somebody: comparing emoji, numbers and codes, and lifting a hold.
 *
 * What becomes of a run is told by events; an answer that comes after them would take the page
 * back to where the run stood before.
 */

import { at } from "./api.js";
import { isRunning } from "./state.js";

const NOT_STORED = ["disk_full", "store_failed"];

export function createTrusting(store, call, tell) {
  const { dispatch } = store;
  const run = (person) => store.state.sas[person];

  /** `action`: start, same, different or cancel. */
  async function compare(person, action) {
    try {
      const now = await call("POST", at`people/${person}/sas`, { action });
      if (action === "start" && !isRunning(run(person))) dispatch({ type: "sas.changed", ...now });
    } catch (error) {
      // That the emoji differ holds all the same, which the words of the error would deny.
      if (action === "different" && run(person) && NOT_STORED.includes(error.code))
        dispatch({ type: "sas.changed", ...run(person), state: "different", reason: "not_stored" });
      else tell(error);
    }
  }

  return {
    compare,

    /** Takes a run from the screen: one that still goes on is given up. */
    async leave(person) {
      if (isRunning(run(person))) await compare(person, "cancel");
      dispatch({ type: "sas.closed", person });
    },

    /** Resolves to whether the code that was scanned or pasted is ours, too. */
    async isSameCode(person, code) {
      return (await call("POST", at`people/${person}/safety`, { code })).same;
    },
  };
}
