/**
 * Comparing emoji with somebody: a card over the chat, on both sides, while a run goes on and
 * until its end was seen.
 *
 *     waiting ──> compare ── "They are the same" ──> same_said ──> verified
 *                    └────── "They differ" ────────> different          cancelled: at any time
 *
 * With two people at once, one card at a time: a click that is meant for one of them must not
 * answer the other, so the card stays with a person until it is closed, or somebody goes elsewhere.
 *
 * The focus goes to the card and to none of its buttons: whoever was typing when it came must not
 * answer by an Enter that was meant for a message. Esc gives up, or closes what is over.
 */

import { createFace } from "../faces.js";
import { bdi, button, h, hide, setChildren, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { nameOf, trustOf } from "../lists.js";
import { isRunning } from "../state.js";
import { currentLanguage, isSaid, phrase, say } from "../words.js";

const SIGNS = { verified: "verified", different: "alert", cancelled: "info" };

export function createSas(store, actions) {
  const face = createFace();
  const title = h("h2", { id: "sas-title" });
  const sign = h("span", { class: "sas-sign", hidden: true });
  const lead = h("p", { class: "sas-lead", role: "status" });
  const emoji = h("ol", { class: "sas-emoji", hidden: true, "aria-label": say("sas.emoji") });
  const running = h("span", { class: "running", "aria-hidden": "true" });
  const how = h("p", { class: "hint" });
  const choice = (name, look, act) => button(look, act, { "data-sas": name }, say(`sas.${name}`));
  const same = choice("same", "primary", once(() => actions.compare(person, "same")));
  const differ = choice("differ", "", once(() => actions.compare(person, "different")));
  const again = choice("again", "", restart);
  const cancel = choice("cancel", "quiet", leave);
  const done = choice("done", "primary", leave);
  const root = h(
    "section",
    {
      class: "sas",
      role: "dialog",
      "aria-labelledby": "sas-title",
      "data-region": "sas",
      tabindex: "-1",
      hidden: true,
      onkeydown: (event) => event.key === "Escape" && escape(event),
    },
    h("header", { class: "sas-head" }, face.element, title),
    h("div", { class: "sas-news" }, sign, lead),
    emoji,
    running,
    how,
    h("div", { class: "buttons" }, same, differ, again, done, cancel),
  );
  let person = null; // who is drawn, and whom the buttons answer
  let stage = "";
  let before = { runs: {}, selected: null };
  let drawn = ""; // the numbers of the emoji on the screen
  let opener = null;

  /** The second half of a double click may hit a button that the first half brought there. */
  function once(act) {
    return (event) => event.detail < 2 && act();
  }

  /** Whose run is to be seen. */
  function chosen(runs, selected) {
    const [shown, here] = [runs[person], runs[selected]];
    const isBegun = here?.started_by_me && isRunning(here) && !isRunning(before.runs[selected]);
    const isWished = isBegun || selected !== before.selected;
    if (shown && (isRunning(shown) || !isWished)) return shown;
    const all = Object.values(runs);
    return here ?? shown ?? all.find(isRunning) ?? all[0];
  }

  function leave() {
    return actions.leave(person);
  }

  async function restart() {
    const whom = person;
    await leave();
    await actions.compare(whom, "start");
  }

  function escape(event) {
    event.stopPropagation();
    leave();
  }

  function draw(run) {
    const values = { name: () => bdi(nameOf(store.state, run.person)) };
    const isAsked = run.state === "compare" && !run.started_by_me;
    const isHeld = trustOf(store.state.people[run.person]) === "held";
    const isLost = run.state === "different" && run.reason === "not_stored";
    const isFree = run.state === "different" && !isLost && !isHeld;
    const because = `sas.${run.state}.${isFree ? "not_held" : run.reason}`;
    const key = isSaid(because) ? because : isAsked ? "sas.asked" : `sas.${run.state}`;
    const shows = ["compare", "same_said"].includes(run.state);
    setProps(root, { "data-state": run.state, "data-person": run.person });
    face.update(run.person, nameOf(store.state, run.person));
    setChildren(title, phrase("sas.title", values));
    setChildren(lead, phrase(key, values));
    setChildren(sign, SIGNS[run.state] ? [icon(SIGNS[run.state])] : []);
    hide(sign, !SIGNS[run.state]);
    drawEmoji(shows ? run.emoji : []);
    setChildren(how, run.state === "compare" ? phrase("sas.how", values) : []);
    hide(how, run.state !== "compare");
    hide(running, !["waiting", "same_said"].includes(run.state));
    hide(same, run.state !== "compare");
    // It may be said of a run that was cut off, too: that takes nothing back.
    hide(differ, !(shows || isLost || (run.state === "cancelled" && run.emoji.length)));
    hide(again, run.state !== "cancelled");
    hide(done, isRunning(run));
    hide(cancel, !isRunning(run));
    setText(done, say(run.state === "verified" ? "sas.done" : "close"));
  }

  async function drawEmoji(list) {
    const now = list.map(({ number }) => number).join(" ");
    if (now === drawn) return;
    drawn = now;
    hide(emoji, !list.length);
    setChildren(emoji, []);
    if (!list.length) return;
    const { emojiNames } = await import("../words/emoji.js").catch(() => ({}));
    if (now !== drawn) return;
    const names = emojiNames?.[currentLanguage()] ?? {}; // else as the program calls them
    setChildren(
      emoji,
      list.map(({ number, emoji: sign, name }) =>
        h(
          "li",
          { "data-emoji-number": number },
          h("span", { class: "sas-sign-large", "aria-hidden": "true" }, sign),
          h("span", { class: "sas-word" }, names[number] ?? name),
        ),
      ),
    );
  }

  /** Nobody who is in the middle of a sentence is taken away from it. */
  function takeFocus() {
    const now = document.activeElement;
    if (root.contains(now) || (now?.matches("textarea, input") && now.value)) return;
    if (!root.contains(now)) opener = now;
    root.focus();
  }

  function giveBack() {
    const now = document.activeElement;
    if (!now || now === document.body || root.contains(now))
      (opener?.isConnected && opener.offsetParent ? opener : document.querySelector("#draft"))?.focus();
    opener = null;
  }

  store.watch(["sas", "selected", "people", "chats"], (runs, selected) => {
    const run = chosen(runs, selected);
    before = { runs, selected };
    if (!run) {
      if (person) giveBack();
      person = null;
      stage = "";
      return hide(root, true);
    }
    hide(root, false);
    draw(run);
    if (run.person !== person || (run.state !== stage && root.contains(document.activeElement)))
      setTimeout(takeFocus);
    // A button that had the focus may just have gone.
    if (run.person === person && run.state !== stage && document.activeElement === document.body)
      root.focus();
    person = run.person;
    stage = run.state;
  });
  return root;
}
