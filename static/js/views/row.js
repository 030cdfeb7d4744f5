/** One chat or person in the left column: face, name, what was said last, when, how much is new. */

import { bdi, h, hide, setChildren, setProps, setText } from "../h.js";
import { shortWhen } from "../dates.js";
import { createFace } from "../faces.js";
import { plainText } from "../format.js";
import { stateIcon } from "../icons.js";
import { inUnits } from "../mentions.js";
import { currentLocale, phrase, say } from "../words.js";
import { createBadge } from "./cautions.js";
import { createMuted } from "./telling.js";

const LONGEST_PREVIEW = 120; // characters; a line holds fewer
const LONGEST_NAME = 16; // characters of who said it: what they said matters more

export function createRow({ key }, actions) {
  const face = createFace();
  const name = h("bdi", { class: "row-name" });
  const badge = createBadge(h("span", { class: "sr" }, say("trust.verified")));
  const muted = createMuted();
  const when = h("time", { class: "row-when" });
  const preview = h("span", { class: "row-preview" });
  const mentioned = h(
    "span",
    { class: "mentioned", hidden: true, role: "img", "aria-label": say("row.mentioned"), title: say("row.mentioned") },
    "@",
  );
  const unread = h("span", { class: "unread", hidden: true });
  const words = h("span", { class: "sr" });
  const button = h(
    "button",
    { type: "button", class: "row-button", onclick: () => actions.openChat(key) },
    face.element,
    h("span", { class: "row-top" }, name, badge, muted, when),
    h("span", { class: "row-bottom" }, preview, mentioned, unread),
    words,
  );
  const element = h("li", { class: "row", "data-row": true, "data-chat": key }, button);

  let shown = {};
  return {
    element,
    update(row) {
      const { presence: status, ...rest } = row;
      const now = { ...rest, status: status && say(status.key, status.values) };
      if (Object.keys(now).every((field) => now[field] === shown[field])) return;
      shown = now;
      face.update(key, row.name, status?.dot, row.isGroup);
      setText(name, row.name);
      hide(badge, (row.person?.level ?? 0) < 2);
      hide(muted, !row.isMuted);
      setText(when, row.last ? shortWhen(row.last.at, row.now, currentLocale()) : "");
      setChildren(preview, previewOf(row));
      hide(mentioned, !row.isMentioned || !row.unread);
      setText(unread, row.unread > 99 ? "99+" : String(row.unread));
      setProps(unread, {
        hidden: !row.unread,
        "aria-label": say("unread", { n: row.unread }),
        role: "img",
      });
      setText(words, row.isGroup ? say("group.kind") : (now.status ?? ""));
      setProps(element, {
        "data-stranger": row.person?.relation === "none",
        "data-held": row.person?.held,
        "data-muted": row.isMuted,
        "data-unread": row.unread || null,
        "data-presence": status?.dot || null,
      });
      setProps(button, { "aria-current": row.selected ? "true" : null });
    },
  };
}

const cut = (text) => text.slice(0, LONGEST_PREVIEW).replace(/\s+/gu, " ");

const brief = (name) => {
  const signs = [...name];
  return signs.length > LONGEST_NAME ? `${signs.slice(0, LONGEST_NAME - 1).join("").trim()}…` : name;
};

/** The last words without their marks; of a long text only the beginning is looked at. */
function wordsOf({ kind, text = "", mentions = [] }) {
  if (kind === "deleted") return say("row.deleted");
  const start = text.slice(0, LONGEST_PREVIEW);
  return kind === "text" ? plainText(start, inUnits(start, mentions)) : cut(text);
}

function previewOf({ last, line, said, draft, typing, presence, person }) {
  if (person?.held) return [h("span", { class: "row-held" }, say("row.held"))];
  if (typing) return [h("span", { class: "row-typing" }, typing)];
  if (draft) return [h("span", { class: "row-draft" }, say("row.draft")), " ", bdi(cut(draft))];
  if (line) return [line];
  if (!last) return presence ? [say(presence.key, presence.values)] : [];
  const text = bdi(wordsOf(last));
  if (!last.own) return said ? phrase("row.said", { name: bdi(brief(said)), text }) : [text];
  if (last.kind === "deleted") return [text];
  const state =
    { sending: "waiting", unreached: "failed", refused: "failed" }[last.state] ?? last.state;
  return [stateIcon(state), " ", text];
}
