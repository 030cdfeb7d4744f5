/**
 * The WebSocket: events as they happen, opened again for as long as the page is open.
 *
 *     open ── hello ──> events ... ── lost ──> why? ──> stopped | expired | retrying ──> open
 *
 * A browser does not say why a WebSocket failed, so a plain request asks first: no answer means
 * that the program is not running, a refusal that it was started anew and does not know this tab.
 */

const FIRST_WAIT = 400; // ms
const CROWDED = 4008; // the program's close code for one tab too many
const LONGEST_WAIT = 5_000; // ms; the program is on this machine, asking often costs nothing

export function createLive({ session, probe, onHello, onEvent, onLost }) {
  let socket = null;
  let timer = 0;
  let failures = 0;
  let isStopped = false;
  let isOver = false;

  function open() {
    clearTimeout(timer);
    if (socket || session.isDead()) return;
    isOver = false;
    const mine = new WebSocket(`ws://${location.host}/ws`, [
      "p2pchat.v1",
      `auth.${session.secret}`,
    ]);
    socket = mine;
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      const event = JSON.parse(data);
      if (event.type !== "hello") return onEvent(event);
      failures = 0;
      onHello(event);
    };
    mine.onclose = ({ code }) => mine === socket && lost(code);
  }

  async function lost(code) {
    socket = null;
    if (isOver) return;
    const reason = code === CROWDED ? "crowded" : await probe(); // retrying, stopped, expired
    if (socket || isOver) return;
    onLost(reason);
    if (reason === "expired") return;
    if (reason === "retrying" && isStopped) failures = 0; // it is back: not a moment more
    isStopped = reason === "stopped";
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures) * (0.5 + Math.random() / 2);
    failures += 1;
    timer = setTimeout(isStopped ? lost : open, wait);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || socket || !failures) return;
    clearTimeout(timer);
    lost();
  });

  return {
    open,
    /** Until somebody opens it with a new link: there is nothing left to hear. */
    close() {
      const old = socket;
      isOver = true;
      socket = null;
      clearTimeout(timer);
      old?.close();
    },
    /** Starts over, because what was heard so far does not fit together. */
    restart() {
      const old = socket;
      if (!old) return;
      lost();
      old.close();
    },
  };
}
