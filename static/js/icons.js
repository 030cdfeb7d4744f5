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
  lock: "M7.5 11V8a4.5 4.5 0 0 1 9 0v3M6.5 11h11A1.5 1.5 0 0 1 19 12.5v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 18.5v-6A1.5 1.5 0 0 1 6.5 11z",
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
