/** Bahasa Indonesia: going through what was said, finding it again, and taking it along. */

export const words = {
  "log.first_unread": "Pesan pertama yang belum dibaca",

  "notice.message_gone": "Pesan itu sudah tidak ada di sini. Sudah dihapus, atau waktunya habis.",
};
