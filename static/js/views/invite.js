/** Inviting somebody, and opening an invite of somebody else: as text, as a picture, as a file. */

import { button, h, hide, setProps, setText } from "../h.js";
import { until as momentOf } from "../dates.js";
import { icon } from "../icons.js";
import { asTarget } from "../lists.js";
import { plainName } from "../names.js";
import { explainTarget } from "../targets.js";
import { currentLocale, explain, say } from "../words.js";
import { createCodes } from "./codes.js";
import { part } from "./parts.js";
import { createPicture } from "./picture.js";
import { createCopy } from "./reach.js";

const KEPT = 60_000; // ms that a saved file's address is kept: by then the browser has it

export function createInvite(store, actions) {
  const opening = createOpening(store, actions);
  const root = h(
    "div",
    { class: "panel-part", hidden: true },
    createForOne(store, actions),
    createForAll(store, actions),
    opening.element,
  );
  store.watch(["panel", "me"], (panel, me) => {
    hide(root, panel !== "invite");
    if (panel !== "invite") opening.stop();
    else if (me) actions.loadInvite();
  });
  return root;
}

/** A link: to be scanned, copied or saved. Returns `{ element, show(invite) }`. */
function createLink(store, kind) {
  const picture = createPicture(say("invite.qr"), 200);
  const text = h("code", { class: "key", translate: "no", tabindex: "0" });
  let link = "";

  function save() {
    const name = plainName(store.state.me.name).replace(/[^\p{L}\p{N} _-]/gu, "") || "invite";
    const address = URL.createObjectURL(new Blob([`${link}\n`], { type: "text/plain" }));
    h("a", { href: address, download: `${name}.p2pchat` }).click();
    setTimeout(() => URL.revokeObjectURL(address), KEPT);
  }

  const element = h(
    "div",
    { class: "invite", hidden: true, "data-invite": kind },
    picture.element,
    text,
    h(
      "div",
      { class: "buttons" },
      createCopy(() => link, say("invite.copy")),
      button("small", save, { "data-act": "save" }, icon("file"), say("invite.save")),
    ),
  );
  return {
    element,
    show(invite) {
      link = invite?.link ?? "";
      picture.show(invite?.qr);
      setText(text, link);
      hide(element, !invite);
    },
  };
}

function createForOne(store, actions) {
  const link = createLink(store, "one");
  const until = h("p", { class: "hint", role: "status" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const make = button("primary wide", invite, { "data-act": "invite" }, icon("invite"), say("invite.make"));

  async function invite() {
    setText(trouble, "");
    try {
      const made = await actions.newInvite();
      link.show(made);
      const when = momentOf(made.expires_at, Date.now(), currentLocale());
      setText(until, say("invite.until", { when }));
    } catch (error) {
      setText(trouble, explain(error));
    }
  }
  return part(
    "invite.one",
    h("p", { class: "hint" }, say("invite.one.text")),
    make,
    link.element,
    until,
    trouble,
  );
}

function createForAll(store, actions) {
  const link = createLink(store, "all");
  const folded = h(
    "details",
    { class: "fold", ontoggle: () => actions.loadInvite() },
    h("summary", {}, say("invite.all")),
    h("p", { class: "hint" }, say("invite.all.text")),
    link.element,
  );
  store.watch(["invite"], link.show);
  return part("", folded);
}

/** Opening somebody else's: pasted, from a file or a picture, or by the camera. */
function createOpening(store, actions) {
  const field = h("input", {
    class: "field",
    "aria-label": say("invite.paste"),
    placeholder: say("invite.hint"),
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "data-paste": true,
  });
  const status = h("p", { class: "hint", role: "status" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const go = h("button", { class: "button" }, say("invite.open.go"));
  const form = h("form", { class: "inline", onsubmit: submit }, field, go);
  const codes = createCodes(actions, open, { texts: true });

  function submit(event) {
    event.preventDefault();
    if (field.value.trim()) open(field.value);
    else field.focus();
  }

  /** Resolves to true: whatever it was, it is not looked for another code. */
  async function open(text) {
    setText(trouble, "");
    const target = asTarget(text);
    if (!target) {
      setText(trouble, say("invite.not"));
      return true;
    }
    setText(status, say("invite.opening"));
    setProps(go, { disabled: true });
    try {
      await actions.openInvite(target);
      field.value = "";
      if (innerWidth < 720) actions.showPanel(null);
    } catch (error) {
      setText(trouble, explainTarget(error, target));
    } finally {
      setText(status, "");
      setProps(go, { disabled: null });
    }
    return true;
  }

  const element = part(
    "invite.open",
    h("p", { class: "hint" }, say("invite.open.text")),
    form,
    codes.element,
    status,
    trouble,
  );
  return { element, stop: codes.stop };
}
