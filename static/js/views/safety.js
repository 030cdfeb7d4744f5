/**
 * Making sure of somebody: the same number on both screens means that nobody sits in between.
 *
 * The QR picture comes as SVG text. It is shown as an image from a blob, where no script in it
 * could run and nothing of it becomes part of this page.
 */

import { bdi, button, h, hide, setChildren, setProps, setText } from "../h.js";
import { plainDate } from "../dates.js";
import { icon } from "../icons.js";
import { inGroups, nameOf } from "../lists.js";
import { currentLocale, explain, phrase, say } from "../words.js";
import { part } from "./parts.js";

const GROUP = 5; // digits

export function createSafety(store, actions) {
  const word = h("p", { class: "trust-word" });
  const lead = h("p", { class: "hint" });
  const number = h("p", {
    class: "safety",
    translate: "no",
    "data-safety": true,
    "aria-label": say("safety.number"),
  });
  const qr = h("img", {
    class: "qr",
    alt: say("safety.qr"),
    hidden: true,
    width: 168,
    height: 168,
  });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const match = button(
    "primary wide",
    () => mark(true),
    { "data-act": "match" },
    say("safety.match"),
  );
  const undo = button("wide", () => mark(false), { "data-act": "unverify" }, say("safety.undo"));
  const differ = h(
    "details",
    { class: "differ" },
    h("summary", {}, say("safety.differ")),
    h("p", {}, say("safety.differ.text")),
  );
  const root = part(
    "safety.title",
    word,
    lead,
    h("div", { class: "safety-card" }, number, qr),
    trouble,
    match,
    undo,
    differ,
  );
  let shown = null;
  let picture = "";

  function mark(verified) {
    setText(trouble, "");
    actions
      .changePerson(store.state.selected, { verified })
      .catch((error) => setText(trouble, explain(error)));
  }

  async function load(address) {
    shown = address;
    setChildren(number, []);
    hide(qr, true);
    setText(trouble, "");
    try {
      const answer = await actions.safety(address);
      if (shown !== address) return;
      setChildren(
        number,
        inGroups(answer.number, GROUP)
          .split(" ")
          .map((group) => h("span", {}, group)),
      );
      URL.revokeObjectURL(picture);
      picture = URL.createObjectURL(new Blob([answer.qr], { type: "image/svg+xml" }));
      setProps(qr, { src: picture, hidden: false });
    } catch (error) {
      shown = null;
      setText(trouble, explain(error));
    }
  }

  store.watch(
    ({ selected, panel, people, link }) => [selected, panel, people[selected], link],
    (selected, panel, person) => {
      hide(root, !person);
      if (panel !== "details" || !person) return void (shown = null);
      if (shown !== selected) load(selected);
      const verified = person.level === 2;
      const name = bdi(nameOf(store.state, selected));
      const when = person.verified_at ? plainDate(person.verified_at, currentLocale()) : "";
      setProps(root, { "data-trust": verified ? "verified" : "new" });
      setChildren(word, [
        icon(verified ? "verified" : "shield"),
        say(verified ? "trust.verified" : "trust.not"),
      ]);
      setChildren(
        lead,
        verified ? (when ? [say("safety.since", { when })] : []) : phrase("safety.lead", { name }),
      );
      hide(match, verified);
      hide(undo, !verified);
      hide(differ, verified);
    },
  );
  return root;
}
