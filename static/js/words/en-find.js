/** English: going through what was said, finding it again, and taking it along. */

export const words = {
  "day.go": "Go",
  "day.label": "Day",
  "day.title": "Go to a day",

  "found.count": { one: "{n} message found", other: "{n} messages found" },
  "found.nothing": "Nothing was said with “{query}”.",
  "found.title": "Messages",

  "keep.all": "Save everything",
  "keep.all.text": "All chats and groups, as one file on this computer. It is not encrypted: whoever has it can read it.",
  "keep.chat": "Save this chat",
  "keep.chat.text": "Everything said here, as a file on this computer. It is not encrypted: whoever has it can read it.",
  "keep.done": "Saved as {name}",
  "keep.failed": "Nothing was saved. {why}",
  "keep.html": "As a page to read",
  "keep.jsonl": "As data (JSON Lines)",
  "keep.running": "Saving… {size}",

  "log.first_unread": "First unread message",

  "notice.message_gone": "That message is no longer here. It was deleted, or its time ran out.",

  "seek.at": "{at} of {n}",
  "seek.at.more": "{at} of more than {n}",
  "seek.label": "Search this chat",
  "seek.newer": "Next newer one",
  "seek.nothing": "Nothing found",
  "seek.older": "Next older one",
  "seek.open": "Search this chat",
  "seek.open.title": "Search this chat (Ctrl Shift F)",
};
