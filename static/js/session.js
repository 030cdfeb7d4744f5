/**
 * How this tab is let in, without cookies (those are shared between ports).
 *
 *     link #k=TICKET ── POST session ──> secret ──> sessionStorage of this tab
 *     tab without a secret ── BroadcastChannel: ask ──> tab with one ──> secret
 *
 * The ticket works once and leaves the address bar before anything else happens. A tab whose
 * secret died with the program gets the new one as soon as any tab opened the new link.
 */

const STORED = "session";
const ANSWER_WITHIN = 300; // ms; tabs of one browser answer in a few

export function createSession({ onSecret }) {
  const tabs = new BroadcastChannel("p2pchat");
  let secret = sessionStorage.getItem(STORED) ?? "";
  let dead = "";
  let waiting = null;

  function keep(fresh) {
    secret = fresh;
    sessionStorage.setItem(STORED, fresh);
  }

  tabs.onmessage = ({ data }) => {
    if (data.ask && secret && secret !== dead) tabs.postMessage({ secret });
    if (!data.secret || data.secret === dead || (secret && secret !== dead)) return;
    keep(data.secret);
    if (waiting) waiting();
    else onSecret();
  };

  const session = {
    get secret() {
      return secret;
    },

    /** The program does not know our secret (any more). */
    isDead: () => secret === "" || secret === dead,

    /** An answer may come late, when the tab has a new secret already: only that one is dead. */
    bury(refused) {
      dead = refused;
    },

    /** Takes the ticket out of the address bar; "" when there is none. */
    takeTicket() {
      const ticket = /^#k=(.+)$/.exec(location.hash)?.[1] ?? "";
      if (ticket) history.replaceState(history.state, "", location.pathname);
      return ticket;
    },

    /** Exchanges a ticket for a secret, and lets the other tabs in as well. */
    async redeem(ticket, call) {
      const answer = await call("POST", "session", { ticket });
      keep(answer.secret);
      tabs.postMessage({ secret });
    },

    /** Asks the other tabs; resolves to whether one of them helped. */
    async askTabs() {
      tabs.postMessage({ ask: true });
      await new Promise((resolve) => {
        waiting = resolve;
        setTimeout(resolve, ANSWER_WITHIN);
      });
      waiting = null;
      return !session.isDead();
    },
  };
  return session;
}
