/**
 * What was typed and not sent, per chat: kept in this tab, so that looking elsewhere or loading
 * the page anew loses no word.
 */

const STORED = "drafts";

export function keepDrafts(store) {
  const stored = JSON.parse(sessionStorage.getItem(STORED) ?? "{}");
  for (const [chat, text] of Object.entries(stored)) store.dispatch({ type: "draft.changed", chat, text });
  store.watch(
    ({ drafts }) => [drafts],
    (drafts) => sessionStorage.setItem(STORED, JSON.stringify(drafts)),
  );
}
