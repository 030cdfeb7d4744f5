/** After how long messages disappear: one choice for a chat, on all its sides. */

import { inWords } from "../durations.js";
import { button, h, hide, setChildren, setText } from "../h.js";
import { explain, say } from "../words.js";
import { mayAct } from "./menu.js";
import { part } from "./parts.js";

const USUAL = [30, 300, 3_600, 28_800, 86_400, 604_800, 2_419_200]; // seconds
const SHORTEST = 5;
const LONGEST = 2_419_200;
const UNITS = [
  ["timer.seconds", 1],
  ["timer.minutes", 60],
  ["timer.hours", 3_600],
  ["timer.days", 86_400],
  ["timer.weeks", 604_800],
];

const option = (value, text) => h("option", { value }, text);

/** `id` tells the one among details from the one of a group: both are on the page. */
export function createTimer(store, actions, id) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const choice = h("select", { id, class: "field", "data-timer": true, onchange: chosen });
  const count = h("input", {
    type: "number",
    class: "field",
    min: "1",
    value: "2",
    "aria-label": say("timer.custom.label"),
    "data-timer-count": true,
  });
  const unit = h(
    "select",
    { class: "field", "aria-label": say("timer.custom.unit") },
    UNITS.map(([key, size]) => option(size, say(key))),
  );
  unit.value = "60";
  const own = h(
    "div",
    { class: "inline", hidden: true },
    count,
    unit,
    button("", () => set(Math.round(count.valueAsNumber * Number(unit.value))), { "data-act": "timer" }, say("save")),
  );
  const root = part(
    "",
    h("label", { class: "h3", for: id }, say("timer.title")),
    choice,
    own,
    trouble,
    h("p", { class: "hint" }, say("timer.text")),
  );
  let filled = "";

  function fill(seconds) {
    const times = USUAL.includes(seconds) || !seconds ? USUAL : [...USUAL, seconds].sort((one, two) => one - two);
    setChildren(choice, [
      option(0, say("timer.off")),
      ...times.map((time) => option(time, inWords(time))),
      option("own", say("timer.custom")),
    ]);
    choice.value = String(seconds);
    hide(own, true);
  }

  function chosen() {
    hide(own, choice.value !== "own");
    if (choice.value === "own") count.focus();
    else set(Number(choice.value));
  }

  async function set(seconds) {
    const fits = seconds === 0 || (seconds >= SHORTEST && seconds <= LONGEST);
    setText(trouble, fits ? "" : say("timer.range"));
    if (!fits) return;
    const chat = store.state.selected;
    try {
      await actions.setTimer(chat, seconds);
    } catch (error) {
      setText(trouble, explain(error));
      filled = "";
      show(chat, store.state.chats[chat]);
    }
  }

  function show(selected, entry) {
    hide(root, !entry || !mayAct(store.state, selected));
    const now = `${selected} ${entry?.timer ?? 0}`;
    if (now === filled) return;
    if (!filled.startsWith(`${selected} `)) setText(trouble, "");
    filled = now;
    fill(entry?.timer ?? 0);
  }
  store.watch(
    ({ selected, chats, people, groups }) => [selected, chats[selected], people[selected], groups[selected]],
    show,
  );
  return root;
}
