/** Finding people, being found, and why somebody is not: all that leads to a first chat. */

import { ApiError, reach } from "./api.js";

const LONG = 120_000; // ms; the connection check waits for several answers in a row

export function createReaching(store, call, openChat) {
  const { dispatch } = store;
  let asked = null; // the /me for which the permanent invite was asked

  /** Connects by address or invite; opens the chat, or rejects with an ApiError. */
  async function open(target, isWanted = () => true) {
    const { address, name, invite } = await reach(call, target);
    if (!isWanted()) return;
    dispatch({ type: "query.changed", query: "" });
    await openChat(address);
    if (invite === "not_accepted")
      dispatch({ type: "notice", code: "invite_not_accepted", values: { name } });
  }

  /** `address`: of somebody who cannot be reached; without one, why nobody appears. */
  async function checkConnection(address) {
    const tell = (news) => dispatch({ type: "doctor.changed", doctor: { address, ...news } });
    tell({ running: true });
    try {
      tell({ report: await call("POST", "doctor", { address }, LONG) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell({ error });
    }
  }

  return {
    openInvite: open,
    checkConnection,

    /** Each time anew: what was found a while ago may be mended. */
    openCheck(address) {
      checkConnection(address);
      dispatch({ type: "panel.changed", panel: "doctor" });
    },

    /** The same from the box, whose words tell how it stands. */
    async connect(target) {
      dispatch({ type: "connecting.changed", connecting: { target } });
      const ours = () => store.state.connecting?.target === target;
      try {
        await open(target, ours);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (ours()) dispatch({ type: "connecting.changed", connecting: { target, error } });
      }
    },

    /** The link without a pass changes with my name and addresses; each is asked for once. */
    async loadInvite() {
      const { me } = store.state;
      if (!me || asked === me) return;
      asked = me;
      const invite = await call("GET", "invite").catch(() => null);
      if (asked === me) dispatch({ type: "invite.changed", invite });
    },

    /** An invite with a pass, for one person. */
    newInvite: () => call("POST", "invites"),

    /** The codes in a picture: `{ width, height, grey }`. */
    async codesIn({ width, height, grey }) {
      return (await call("POST", `scan?width=${width}&height=${height}`, grey)).texts;
    },

    async setVisibility(visibility) {
      dispatch({ type: "me.changed", me: await call("POST", "me", { visibility }) });
    },
  };
}
