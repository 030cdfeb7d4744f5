/** English: going through what was said, finding it again, and taking it along. */

export const words = {
  "log.first_unread": "First unread message",

  "notice.message_gone": "That message is no longer here. It was deleted, or its time ran out.",
};
