/** English: what people do with messages. */

export const words = {
  "code.copy": "Copy the code",
  "code.label": "Code",

  "delete.everyone": "Delete for everyone",
  "delete.everyone.text": "Everybody who has it deletes it, as soon as they are connected. Somebody may have read or copied it before.",
  "delete.me": "Delete for me",
  "delete.me.text": "It goes from this computer. Everybody else keeps it.",
  "delete.title": "Delete this message?",

  "edit.bar": "Editing your message",
  "edit.cancel": "Stop editing",
  "edit.save": "Save the change",

  "error.gone": "This message was deleted meanwhile.",

  "forward.all": "Chats to choose from",
  "forward.find": "Search your chats",
  "forward.go": "Forward",
  "forward.hint": "It is sent as your own message, marked as forwarded. Who wrote it is not told.",
  "forward.nobody": "There is no chat to forward it to yet.",
  "forward.none": "Choose at least one chat.",
  "forward.nothing": "None of your chats goes by that name.",
  "forward.some": { one: "{n} chat chosen", other: "{n} chats chosen" },

  "format.block": "a block of code",
  "format.bold": "bold",
  "format.code": "code",
  "format.italic": "italic",
  "format.keys": "Ctrl B and Ctrl I mark what is selected. Shift Enter begins a new line.",
  "format.list": "a list",
  "format.numbers": "with numbers",
  "format.open": "How to make text bold, italic and more",
  "format.quote": "a quote",
  "format.strike": "struck out",
  "format.title": "Formatting",

  "mention.found": { one: "{n} person", other: "{n} people" },
  "mention.label": "Whom to mention",

  "menu.copy": "Copy text",
  "menu.delete": "Delete…",
  "menu.edit": "Edit",
  "menu.forward": "Forward",
  "menu.label": "What to do with this message",
  "menu.more": "More",
  "menu.pin": "Pin",
  "menu.react": "React",
  "menu.reactions": "Who reacted",
  "menu.reply": "Reply",
  "menu.seen": "Who has it",
  "menu.unpin": "Unpin",
  "menu.versions": "Show edits",

  "message.deleted": "This message was deleted",
  "message.edited": "edited",
  "message.forwarded": "Forwarded",
  "message.pinned": "Pinned",

  "notice.forwarded": { one: "Forwarded to {n} chat.", other: "Forwarded to {n} chats." },

  "panel.forward": "Forward",
  "panel.pins": "Pinned messages",
  "panel.reactions": "Who reacted",
  "panel.versions": "Edits",

  "picker.find": "Search emoji",
  "picker.label": "Emoji",
  "picker.more": "More emoji",
  "picker.nothing": "No emoji goes by that name here.",
  "picker.quick": "Often used",

  "pins.all": { one: "Show the pinned message", other: "Show all {n} pinned messages" },
  "pins.bar": "Pinned message",
  "pins.go": "Go to this message",
  "pins.none": "Nothing is pinned here any more.",
  "pins.place": "{at} of {n}",

  "privacy.receipts": "Tell when I have read something",
  "privacy.receipts.text": "Off: nobody is told, and you are not told about others either.",
  "privacy.title": "What others are told",
  "privacy.typing": "Tell when I am typing",
  "privacy.typing.text": "Off: nobody is told, and you are not told about others either.",

  "quote.deleted": "Deleted message",
  "quote.missing": "This message is not here any more",

  "reaction.by": "{emoji}: {names}",

  "reply.cancel": "Do not reply to this",
  "reply.to": "Reply to {name}",

  "row.deleted": "Message deleted",
  "row.mentioned": "You were mentioned",

  "seen.read": "Has read it",

  "system.timer.me": "{by} set messages to disappear after {time}",
  "system.timer.other": "{by} set messages to disappear after {time}",
  "system.timer.you": "You set messages to disappear after {time}",
  "system.timer_off.me": "{by} turned disappearing messages off",
  "system.timer_off.other": "{by} turned disappearing messages off",
  "system.timer_off.you": "You turned disappearing messages off",

  "timer.custom": "Another time…",
  "timer.custom.label": "How long",
  "timer.custom.unit": "Unit",
  "timer.hours": "hours",
  "timer.days": "days",
  "timer.minutes": "minutes",
  "timer.seconds": "seconds",
  "timer.weeks": "weeks",
  "timer.note": "Messages disappear after {time}.",
  "timer.off": "Off",
  "timer.range": "Choose between 5 seconds and 4 weeks.",
  "timer.text": "What is written from now on is deleted on all sides: yours after this time from sending it, theirs after this time from seeing it. Anybody can still copy or photograph it before.",
  "timer.title": "Disappearing messages",
  "timer.until": "Disappears {when}",
  "timer.waits": "Disappears {time} after it is seen",

  "typing.direct": "typing…",
  "typing.many": "Several people are typing…",
  "typing.one": "{name} is typing…",
  "typing.two": "{name} and {other} are typing…",

  "versions.first": "As it was sent",
  "versions.now": "Now",
  "versions.open": "Edited. Show what it read before",
  "versions.text": "Everybody who has the message can see what it read before.",
};
