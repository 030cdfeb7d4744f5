/** What keeps an identity safe: its passphrase, a backup, bringing one back, erasing everything. */

import { at } from "./api.js";

const SLOW = 60_000; // ms; a passphrase takes a second or two on purpose, more on a slow machine
const UPLOAD = 3_600_000; // ms; a backup may have gigabytes

export function createSafekeeping(store, call, { live, saveAs }) {
  const { dispatch } = store;

  /** Nothing is left to be asked, in this tab or another. */
  function leave() {
    live.close();
    dispatch({ type: "link.changed", link: "erased" });
  }

  return {
    leaveErased: leave,

    /** Without `fresh` there is no passphrase from then on. */
    async setPassphrase(old, fresh) {
      const me = await call("POST", "me/passphrase", { old, new: fresh }, SLOW);
      dispatch({ type: "me.changed", me });
    },

    makeBackup: (name, passphrase, onBytes, signal) =>
      saveAs(name, "backup", onBytes, signal, { passphrase }),

    /** Resolves when the backup was found good: the program then starts again with it. */
    async restore(file, passphrase) {
      const { id } = await call("POST", "restore", { passphrase });
      await call("POST", at`restore/${id}`, file, UPLOAD);
    },

    async knowRestored() {
      dispatch({ type: "me.changed", me: await call("POST", "me", { restored: false }) });
    },

    async erase() {
      await call("POST", "erase", { confirm: "erase" });
      leave();
    },
  };
}
