/**
 * Groups: making, changing and leaving them, and asking who has a message.
 *
 * Each answer is the group as it is now; events tell the same to every tab.
 */

import { ApiError, at } from "./api.js";

export function createGrouping(store, call, tell, openChat) {
  const { dispatch } = store;

  async function changeGroup(chat, changes) {
    const group = await call("POST", at`groups/${chat}`, changes);
    dispatch({ type: "group.changed", group });
    return group;
  }

  /** Makes a group and opens it; rejects with what went wrong. */
  async function makeGroup(name, members) {
    const group = await call("POST", "groups", { name, members });
    dispatch({ type: "group.changed", group });
    dispatch({ type: "panel.changed", panel: null });
    await openChat(group.chat);
  }

  /** Whether this is still the message that is asked about: answers come late. */
  const isAsked = ({ chat, id }) => store.state.seen?.chat === chat && store.state.seen.id === id;

  async function loadSeen(asked) {
    const news = await call("GET", at`chats/${asked.chat}/messages/${asked.id}/seen`).then(
      (answer) => ({ answer }),
      (error) => {
        if (!(error instanceof ApiError)) throw error;
        return { error };
      },
    );
    if (isAsked(asked)) dispatch({ type: "seen.changed", seen: { ...asked, ...news } });
  }

  return {
    changeGroup,
    makeGroup,
    loadSeen,

    /** Shows which members' disks have a message of ours. */
    openSeen({ chat, id, text }) {
      const asked = { chat, id, text };
      dispatch({ type: "seen.changed", seen: asked });
      dispatch({ type: "panel.changed", panel: "seen" });
      loadSeen(asked);
    },

    async answerInvitation(chat, answer) {
      try {
        await changeGroup(chat, { answer });
        if (answer === "accept") await openChat(chat);
        else dispatch({ type: "group.removed", chat });
      } catch (error) {
        tell(error);
      }
    },

    async deleteGroup(chat) {
      await call("DELETE", at`groups/${chat}`);
      dispatch({ type: "chat.closed" });
      dispatch({ type: "group.removed", chat });
    },
  };
}
