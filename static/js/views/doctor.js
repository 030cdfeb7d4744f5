/** Why somebody cannot be seen or reached: what was looked at, the cause, and what mends it. */

import { button, createList, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { currentLanguage, explain, say } from "../words.js";
import { part } from "./parts.js";
import { createCopy } from "./reach.js";

const SIGNS = { good: "check", bad: "alert", unknown: "question" };

const isAdvice = (text) => /^\p{Lu}/u.test(text); // a sentence to a person, no command

export function createDoctor(store, actions) {
  const status = h("p", { class: "doctor-status", role: "status" });
  const running = h("span", { class: "running", "aria-hidden": "true" });
  const cause = h("p", { class: "doctor-cause" });
  const command = h("code", { class: "key command", translate: "no" });
  const copy = h(
    "div",
    { class: "buttons" },
    createCopy(() => command.textContent, say("doctor.copy")),
  );
  const advice = h("p", { class: "advice" });
  const mend = h(
    "div",
    { class: "mend", hidden: true },
    h("p", { class: "hint" }, say("doctor.mend")),
    command,
    copy,
    advice,
  );
  let own = {}; // this language's words; English has the program's
  const findings = h("ul", { class: "findings" });
  const looked = part("doctor.looked", findings);
  const again = button(
    "wide",
    () => actions.checkConnection(store.state.doctor.address),
    { "data-act": "check" },
    say("doctor.again"),
  );
  const draw = createList(findings, () => {
    const words = h("p");
    const sign = h("span", { class: "finding-sign" });
    const state = h("span", { class: "sr" });
    const element = h("li", { class: "finding" }, sign, h("div", {}, state, words));
    return {
      element,
      update(found) {
        setChildren(sign, [icon(SIGNS[found.state] ?? "question")]);
        setProps(element, { "data-state": found.state, "data-finding": found.code });
        setText(state, say(`doctor.state.${found.state in SIGNS ? found.state : "unknown"}`));
        setText(words, own.findings?.[found.code]?.[found.state] ?? found.sentence);
      },
    };
  });
  const root = h(
    "div",
    { class: "panel-part", hidden: true },
    h("section", { class: "block doctor" }, status, running, cause, mend),
    looked,
    again,
  );

  async function load() {
    ({ [currentLanguage()]: own = {} } = (await import("../words/doctor.js")).doctorWords);
  }

  store.watch(["panel", "doctor"], async (panel, doctor) => {
    hide(root, panel !== "doctor");
    if (panel !== "doctor" || !doctor) return;
    const { running: busy, report, error } = doctor;
    setProps(root, { "data-doctor": busy ? "running" : error ? "failed" : report.ok ? "well" : "ill" });
    hide(running, !busy);
    hide(again, busy);
    hide(looked, !report?.findings.length);
    if (busy) setText(status, say("doctor.running"));
    else if (error) setText(status, explain(error));
    else setText(status, say(report.ok ? "doctor.well" : "doctor.ill"));
    if (report) await load();
    if (store.state.doctor !== doctor) return;
    const said = report?.command ?? "";
    const isText = isAdvice(said);
    setText(cause, report?.cause ? (own.causes?.[report.cause] ?? report.sentence) : "");
    hide(cause, !report?.cause);
    hide(mend, !said);
    setText(command, isText ? "" : said);
    for (const each of [command, copy]) hide(each, isText);
    setText(advice, isText ? (own.mends?.[report.cause] ?? said) : "");
    draw((report?.findings ?? []).map((found, at) => ({ ...found, key: `${found.code} ${at}` })));
  });
  return root;
}
