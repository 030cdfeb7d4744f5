/**
 * What counts as read: messages that came into view while somebody was there to see them, not
 * what merely arrived.
 */

const READ_AFTER = 150; // ms between two messages to the program about what was read
const GLIMPSE = 20; // px of a message that must be seen

/** Somebody has the page before them. */
export const isThere = () => !document.hidden && document.hasFocus();

export function createReading(store, actions, scroller, list) {
  let timer = 0;

  function lastSeen() {
    const bottom = scroller.scrollTop + scroller.clientHeight;
    return [...list.children].findLast(
      (row) =>
        row.dataset.message && !row.hasAttribute("data-kept") && row.offsetTop + GLIMPSE < bottom,
    );
  }

  function tell(chat) {
    timer = 0;
    if (store.state.selected !== chat || !isThere()) return;
    const row = lastSeen();
    if (row) actions.markRead(chat, row.dataset.message);
  }

  return {
    /** Called after every scrolling and change; `atEnd`: the newest message is in view. */
    look(chat, atEnd) {
      actions.attend(isThere() && atEnd);
      if (timer || !isThere() || !store.state.chats[chat]?.unread) return;
      timer = setTimeout(tell, READ_AFTER, chat);
    },
  };
}
