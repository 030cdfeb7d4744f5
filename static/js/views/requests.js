/**
 * People who would like to talk to us: who, what they say, whom they could be taken for, and the
 * three answers. In the left column the newest stand, on a page of their own all of them: many
 * strangers must not push the chats out of sight.
 */

import { bdi, button, createList, h, hide, setChildren, setText } from "../h.js";
import { createFace } from "../faces.js";
import { shortWhen } from "../dates.js";
import { cautionsOf, inGroups, nameOf, requestName, sections } from "../lists.js";
import { currentLocale, phrase, say } from "../words.js";
import { countsOf, memberName } from "../groups.js";
import { createBadge, createCautions } from "./cautions.js";

const IN_COLUMN = 2;

export function createRequests(store, actions) {
  const count = h("span", { class: "count" });
  const list = h("ul", { class: "requests" });
  const more = button("small wide", () => actions.showPanel("requests"), { "data-act": "requests" });
  const root = h(
    "section",
    { class: "section", "data-section": "requests", "aria-label": say("requests") },
    h("h2", {}, say("requests"), count),
    list,
    more,
  );
  const draw = createList(list, (item) => createItem(item, store, actions));

  store.watch(["requests", "groups", "people", "query", "now"], () => {
    const all = itemsOf(sections(store.state), store.state);
    const { length } = all;
    const shown = all.slice(0, IN_COLUMN);
    draw(shown);
    setText(count, String(length));
    hide(root, !length);
    hide(more, shown.length === length);
    setText(more, say("requests.all", { n: length }));
  });
  return root;
}

/** The page of all requests. */
export function createRequestsPage(store, actions) {
  const list = h("ul", { class: "requests" });
  const nobody = h("p", { class: "hint" }, say("requests.none"));
  const root = h(
    "div",
    { class: "panel-part", hidden: true },
    h("p", { class: "hint" }, say("requests.text")),
    list,
    nobody,
  );
  const draw = createList(list, (item) => createItem(item, store, actions));
  store.watch(["requests", "groups", "panel", "people", "now"], (_requests, _groups, panel) => {
    hide(root, panel !== "requests");
    if (panel !== "requests") return;
    const all = itemsOf(sections({ ...store.state, query: "" }), store.state);
    draw(all);
    hide(nobody, all.length);
  });
  return root;
}

/** People who ask, and groups into which somebody put us who is not our contact. */
const itemsOf = ({ invitations, requests }, { groups }) => [
  ...invitations.map(({ key }) => ({ key, group: groups[key] })),
  ...requests.map((request) => ({ key: request.address, request })),
];

const createItem = (item, store, actions) =>
  item.group ? createInvitation(item, store, actions) : createRequest(item, store, actions);

function createInvitation({ key }, store, actions) {
  const face = createFace();
  const who = h("p", { class: "request-who" });
  const count = h("p", { class: "request-key" });
  const text = h("p", { class: "hint" });
  const answer = (action, look) =>
    button(
      look,
      () => actions.answerInvitation(key, action),
      { "data-answer": action },
      say(`invitation.${action}`),
    );
  const element = h(
    "li",
    { class: "request", "data-invitation": key },
    h("div", { class: "request-head" }, face.element, h("div", {}, who, count)),
    text,
    h("div", { class: "buttons" }, answer("accept", "primary"), answer("ignore", "")),
  );
  return {
    element,
    update({ group }) {
      const name = nameOf(store.state, key);
      const by = memberName(store.state, key, group.added_by, group.added_by_name);
      face.update(key, name, "", true);
      setChildren(who, phrase("invitation.who", { name: bdi(by), group: bdi(name) }));
      setText(count, say("group.count", countsOf(group)));
      setChildren(text, phrase("invitation.text", { name: bdi(by) }));
    },
  };
}

function createRequest({ key }, store, actions) {
  const face = createFace();
  const who = h("p", { class: "request-who" });
  const badge = createBadge();
  const state = h("span");
  const when = h("span");
  const cautions = createCautions();
  const text = h("p", { class: "request-text", dir: "auto", tabindex: "0" }); // it scrolls
  const answer = (action, look) =>
    button(
      look,
      () => actions.answer(key, action),
      { "data-answer": action },
      say(`request.${action}`),
    );
  const element = h(
    "li",
    { class: "request", "data-request": key },
    h(
      "div",
      { class: "request-head" },
      face.element,
      h(
        "div",
        {},
        who,
        h("p", { class: "request-key", title: inGroups(key, 7) }, badge, state, " · ", when),
      ),
    ),
    text,
    cautions.element,
    h(
      "div",
      { class: "buttons" },
      answer("accept", "primary"),
      answer("ignore", ""),
      answer("block", "quiet"),
    ),
  );
  return {
    element,
    update({ request }) {
      const name = requestName(request);
      face.update(key, name);
      setChildren(who, phrase("request.who", { name: bdi(name) }));
      // Somebody whom we made sure of, and forgot, may ask again.
      const verified = store.state.people[key]?.level === 2;
      hide(badge, !verified);
      setText(state, say(verified ? "trust.verified" : "request.new"));
      setText(when, shortWhen(request.at, store.state.now, currentLocale()));
      setText(text, request.text);
      hide(text, !request.text);
      cautions.update(cautionsOf(store.state, request));
    },
  };
}
