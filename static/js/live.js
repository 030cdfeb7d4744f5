/**
 * The WebSocket: events as they happen, opened again for as long as the page is open.
 *
 *     open ── hello ──> events ... ── lost ──> why? ──> stopped | expired | retrying ──> open
 *
 * A browser does not say why a WebSocket failed, so a plain request asks: no answer means that
 * the program is not running, a refusal that it was started anew and does not know this tab.
 */

const FIRST_WAIT = 400; // ms
const LONGEST_WAIT = 5_000; // ms; the program is on this machine, asking often costs nothing

export function createLive({ session, probe, onHello, onEvent, onLost }) {
  let socket = null;
  let timer = 0;
  let failures = 0;

  function open() {
    clearTimeout(timer);
    if (socket || session.isDead()) return;
    const mine = new WebSocket(`ws://${location.host}/ws`, ["p2pchat.v1", `auth.${session.secret}`]);
    socket = mine;
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      const event = JSON.parse(data);
      if (event.type !== "hello") return onEvent(event);
      failures = 0;
      onHello(event);
    };
    mine.onclose = () => mine === socket && lost();
  }

  async function lost() {
    socket = null;
    const reason = await probe(); // retrying, stopped or expired
    if (socket) return;
    onLost(reason);
    if (reason === "expired") return;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures) * (0.5 + Math.random() / 2);
    failures += 1;
    timer = setTimeout(open, wait);
  }

  document.addEventListener("visibilitychange", () => !document.hidden && failures && open());

  return {
    open,
    /** Starts over, because what was heard so far does not fit together. */
    restart() {
      const old = socket;
      if (!old) return;
      lost();
      old.close();
    },
  };
}
