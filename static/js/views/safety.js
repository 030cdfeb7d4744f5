/**
 * Making sure of somebody: by emoji, which is the quickest; or by a number or a code, which needs
 * nobody to be there. The same on both screens means that nobody sits in between.
 */

import { bdi, button, h, hide, setChildren, setProps, setText } from "../h.js";
import { plainDate } from "../dates.js";
import { icon } from "../icons.js";
import { inGroups, mayCompare, nameOf, trustOf } from "../lists.js";
import { currentLocale, explain, isSaid, phrase, say } from "../words.js";
import { createCodes } from "./codes.js";
import { part } from "./parts.js";
import { createPicture } from "./picture.js";

const GROUP = 5; // digits
const ICONS = { verified: "verified", held: "alert" };

export function createSafety(store, actions) {
  const word = h("p", { class: "trust-word" });
  const lead = h("p", { class: "hint" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const compare = button(
    "primary wide",
    () => actions.compare(store.state.selected, "start"),
    { "data-act": "compare-emoji" },
    icon("shield"),
    say("sas.start"),
  );
  const undo = button(
    "wide",
    () => mark({ verified: false }),
    { "data-act": "unverify" },
    say("safety.undo"),
  );
  const number = createNumber(store, actions, mark);
  const root = part("safety.title", word, lead, compare, undo, number.element, trouble);

  function mark(changes) {
    setText(trouble, "");
    return actions
      .changePerson(store.state.selected, changes)
      .catch((error) => setText(trouble, explain(error)));
  }

  store.watch(
    ({ selected, panel, people, link, sas }) => [selected, panel, people[selected], link, sas],
    (selected, panel, person) => {
      hide(root, !person || person.relation === "none");
      const isShown = panel === "details" && person;
      number.update(isShown ? selected : null);
      if (!isShown) return;
      const level = trustOf(person);
      const name = bdi(nameOf(store.state, selected));
      const when = person.verified_at ? plainDate(person.verified_at, currentLocale()) : "";
      const how = `safety.since.${person.verified_how}`;
      const can = mayCompare(store.state, selected);
      setProps(root, { "data-trust": level });
      setChildren(word, [icon(ICONS[level] ?? "shield"), say(`trust.${level}`)]);
      if (level === "verified")
        setText(lead, when ? say(isSaid(how) ? how : "safety.since", { when }) : "");
      else setChildren(lead, phrase(can ? "safety.emoji" : "safety.apart", { name }));
      hide(lead, level === "held");
      hide(compare, !can);
      setProps(compare, { disabled: Boolean(store.state.sas[selected]) });
      hide(undo, level !== "verified");
    },
  );
  return root;
}

/** The number and its picture, and how to compare them: by eye, by pasting, by scanning. */
function createNumber(store, actions, mark) {
  const digits = h("p", {
    class: "safety",
    translate: "no",
    "data-safety": true,
    "aria-label": say("safety.number"),
  });
  const picture = createPicture(say("safety.qr"));
  const trouble = h("p", { class: "trouble", role: "alert" });
  const match = button(
    "wide",
    () => mark({ verified: true, how: "number" }),
    { "data-act": "match" },
    say("safety.match"),
  );
  const differ = h(
    "details",
    { class: "differ" },
    h("summary", {}, say("safety.differ")),
    h("p", {}, say("safety.differ.text")),
  );
  const field = h("input", {
    class: "field",
    "aria-label": say("safety.paste"),
    placeholder: say("safety.paste"),
    autocomplete: "off",
    inputmode: "numeric",
    spellcheck: "false",
    "data-paste-code": true,
  });
  const outcome = h("p", { class: "outcome", role: "alert" });
  const codes = createCodes(actions, (text) => check(text, "qr"));
  const form = h(
    "form",
    { class: "inline", onsubmit: submit },
    field,
    h("button", { class: "button" }, say("safety.check")),
  );
  const element = h(
    "details",
    { class: "fold", "data-fold": "safety" },
    h("summary", {}, say("safety.other")),
    h("p", { class: "hint" }, say("safety.lead")),
    h("div", { class: "safety-card" }, digits, picture.element),
    trouble,
    match,
    h("p", { class: "hint" }, say("safety.scan")),
    codes.element,
    form,
    outcome,
    differ,
  );
  let shown = null;

  function submit(event) {
    event.preventDefault();
    if (field.value.trim()) check(field.value, "number");
    else field.focus();
  }

  /** Resolves to whether it was a code of this kind at all. */
  async function check(code, how) {
    const person = shown;
    setOutcome("", "");
    try {
      const same = await actions.isSameCode(person, code);
      if (person !== shown) return true;
      if (same) {
        field.value = "";
        await mark({ verified: true, how });
      } else setOutcome("different", say("safety.wrong"));
      return true;
    } catch (error) {
      if (person === shown) setOutcome("unclear", explain(error));
      return error.code !== "bad_code";
    }
  }

  function setOutcome(kind, words) {
    setProps(outcome, { "data-outcome": kind || null });
    setChildren(outcome, words ? [icon("alert"), words] : []);
  }

  async function load(address) {
    setChildren(digits, []);
    picture.show("");
    setText(trouble, "");
    try {
      const answer = await actions.safety(address);
      if (shown !== address) return;
      const groups = inGroups(answer.number, GROUP).split(" ");
      setChildren(
        digits,
        groups.map((group) => h("span", {}, group)),
      );
      picture.show(answer.qr);
    } catch (error) {
      if (shown === address) shown = null;
      setText(trouble, explain(error));
    }
  }

  return {
    element,
    /** Shows the number with this person; null: nobody is looking. */
    update(selected) {
      const verified = store.state.people[selected]?.level === 2;
      for (const each of [match, differ]) hide(each, verified);
      if (selected === shown) return;
      codes.stop();
      setOutcome("", "");
      field.value = "";
      element.open = false;
      shown = selected;
      if (selected) load(selected);
    },
  };
}
