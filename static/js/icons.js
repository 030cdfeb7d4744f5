/**
 * The page's pictures, drawn as strokes on a grid of 24.
 *
 * They are elements, not files: they take the colour of the text beside them, and need no request.
 */

import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const CIRCLE = "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z";
const SHIELD = "M12 3l7 2.6v5.2c0 4.8-2.9 8.2-7 10.2-4.1-2-7-5.4-7-10.2V5.6z";

const PATHS = {
  alert: `${CIRCLE}M12 8v4.6M12 16v.01`,
  back: "M14.5 5.5L8 12l6.5 6.5",
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  copy: "M10 9h8a1.5 1.5 0 0 1 1.5 1.5v8A1.5 1.5 0 0 1 18 20h-8a1.5 1.5 0 0 1-1.5-1.5v-8A1.5 1.5 0 0 1 10 9zM5.5 15A1.5 1.5 0 0 1 4 13.5v-8A1.5 1.5 0 0 1 5.5 4h8A1.5 1.5 0 0 1 15 5.5",
  down: "M6 9.5l6 6 6-6",
  up: "M6 14.5l6-6 6 6",
  calendar: "M6.5 5.5h11A1.5 1.5 0 0 1 19 7v11a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 18V7a1.5 1.5 0 0 1 1.5-1.5zM5 10h14M8.5 3.5v4M15.5 3.5v4",
  keep: "M12 4v10.5M7.5 10.5L12 15l4.5-4.5M5 19.5h14",
  edit: "M5 19l.8-3.6L16.2 5a1.7 1.7 0 0 1 2.4 0l.4.4a1.7 1.7 0 0 1 0 2.4L8.6 18.2zM14.5 6.8l2.8 2.8",
  forward: "M13.5 6l6 5.5-6 5.5v-3.3c-4 0-6.8 1-9 4 .6-4.8 3.7-8 9-8.6z",
  reply: "M10.5 6l-6 5.5 6 5.5v-3.3c4 0 6.8 1 9 4-.6-4.8-3.7-8-9-8.6z",
  history: "M4.5 12a7.5 7.5 0 1 0 2.4-5.5L4.5 8.7M4.5 4.5v4.2h4.2M12 8v4.2l2.8 1.7",
  more: "M6 12v.01M12 12v.01M18 12v.01",
  pin: "M9 4.5h6M10 4.5v5.2L7.2 13h9.6L14 9.7V4.5M12 13v6.5",
  plus: "M12 5.5v13M5.5 12h13",
  react: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM9 10v.01M15 10v.01M8.4 14a4.2 4.2 0 0 0 7.2 0",
  timer: "M12 5.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM12 9v4.2M9.5 3h5M18 6.5l1.2-1.2",
  trash: "M5 7h14M9.5 7V5.2A1.2 1.2 0 0 1 10.7 4h2.6a1.2 1.2 0 0 1 1.2 1.2V7M7 7l.8 11.3A1.3 1.3 0 0 0 9.1 19.5h5.8a1.3 1.3 0 0 0 1.3-1.2L17 7M10.3 10.5v5.5M13.7 10.5v5.5",
  muted: "M6 16.5h8.5M18 16.5l-1.5-2.3V10A4.5 4.5 0 0 0 9 6.7M7.7 9v1.2c0 2.4-.7 4-1.7 6.3M10.5 19.3a1.7 1.7 0 0 0 3 0M4.5 4.5l15 15",
  network: "M12 18.5v.01M8.7 15.2a4.7 4.7 0 0 1 6.6 0M5.6 12a9.1 9.1 0 0 1 12.8 0M2.6 8.8a13.4 13.4 0 0 1 18.8 0",
  question: `${CIRCLE}M9.6 9.4a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.2.9-1.2 1.8M12 16.4v.01`,
  lock: "M7.5 11V8a4.5 4.5 0 0 1 9 0v3M6.5 11h11A1.5 1.5 0 0 1 19 12.5v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 18.5v-6A1.5 1.5 0 0 1 6.5 11z",
  camera: "M4 8.5A1.5 1.5 0 0 1 5.5 7H8l1.5-2h5L16 7h2.5A1.5 1.5 0 0 1 20 8.5v8a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 16.5zM12 9a3.3 3.3 0 1 0 0 6.6A3.3 3.3 0 0 0 12 9z",
  check: "M5 12.5l4.5 4.5L19 7",
  eye: "M2.8 12S6 5.8 12 5.8 21.2 12 21.2 12 18 18.2 12 18.2 2.8 12 2.8 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
  file: "M7 3.8h6.5L18 8.3v11A1.2 1.2 0 0 1 16.8 20.5H7.2A1.2 1.2 0 0 1 6 19.3V5A1.2 1.2 0 0 1 7 3.8zM13.2 4v4.6h4.6",
  invite: "M10 4.2a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4zM3.5 19.5c.6-3.4 3-5.2 6.5-5.2s5.9 1.8 6.5 5.2M18.5 8.5v6M15.5 11.5h6",
  group: "M9 5a3.4 3.4 0 1 0 0 6.8A3.4 3.4 0 0 0 9 5zM3 19c.5-3.1 2.7-4.7 6-4.7s5.5 1.6 6 4.7M15.6 5.4a3.2 3.2 0 0 1 0 6.1M17.6 14.7c1.9.6 3.1 2 3.5 4.3",
  info: `${CIRCLE}M12 11.5V16M12 8v.01`,
  plug: "M9 3.5v4M15 3.5v4M7 7.5h10v4a5 5 0 0 1-10 0zM12 16.5v4",
  search: "M10.8 4a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6zM20 20l-4.3-4.3",
  send: "M12 19V5.5M6 11.2l6-6 6 6",
  shield: SHIELD,
  verified: `${SHIELD}M8.8 12l2.3 2.3 4.2-4.4`,
};

// The states of a message stand on a grid of 20 by 14; a filled tick is a disc with a tick cut out.
const STATES = {
  waiting: ["M10 1.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM10 4v3.2l2 1.2", ""],
  sent: ["M4.5 7.5l3.5 3.5 7.5-8", ""],
  delivered: ["M1.5 7.5L5 11l7-8M8.8 10.2l.8.8 7.4-8", ""],
  read: [
    "M3.6 7.2l1.8 1.8 3-3.4M11.7 7.2l1.8 1.8 3-3.4",
    "M6 1.5a5.5 5.5 0 1 0 2.7 10.3 6.5 6.5 0 0 1 0-9.6A5.5 5.5 0 0 0 6 1.5zM14 1.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
  ],
  failed: ["M10 4v3.8M10 10v.01", "M10 1a6 6 0 1 0 0 12 6 6 0 0 0 0-12z"],
};

function draw(box, name, shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  for (const [kind, data] of shapes) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", kind);
    path.setAttribute("d", data);
    svg.append(path);
  }
  return svg;
}

/** A decoration: whatever it means is said in words beside it, or in its button's label. */
export const icon = (name) => draw("0 0 24 24", name, [["stroke", PATHS[name]]]);

/** How far a message has come, with its meaning as title and as text alternative. */
export function stateIcon(state) {
  const [stroke, fill] = STATES[state] ?? STATES.waiting;
  const svg = draw(
    "0 0 20 14",
    state,
    [
      ["fill", fill],
      ["stroke", stroke],
    ].filter(([, d]) => d),
  );
  const title = document.createElementNS(SVG, "title");
  title.textContent = say(`state.${state in STATES ? state : "waiting"}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title.textContent);
  svg.removeAttribute("aria-hidden");
  svg.prepend(title);
  return svg;
}
