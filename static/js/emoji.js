/**
 * Which reactions are emoji. Pure.
 *
 * A reaction is any short string that somebody else's program sent: a word, digits, or signs that
 * turn the writing around. One emoji has a picture, or is a flag, or a key; nothing else is drawn.
 */

const PICTURE = "\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?";
const EMOJI = new RegExp(
  [
    `^(?:${PICTURE}(?:\\u200d${PICTURE}){0,3}`, // a family of four is the longest there is
    "\\p{Regional_Indicator}{2}",
    "[0-9#*]\\ufe0f?\\u20e3",
    "\\u{1f3f4}[\\u{e0061}-\\u{e007a}]{4,5}\\u{e007f})$", // the flag of a part of a country
  ].join("|"),
  "u",
);

export const isEmoji = (text) => EMOJI.test(text);

/** The reactions to a message that can be shown. */
export const reactionsTo = ({ reactions = [] }) => reactions.filter(({ emoji }) => isEmoji(emoji));
