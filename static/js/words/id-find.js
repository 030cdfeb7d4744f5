/** Bahasa Indonesia: going through what was said, finding it again, and taking it along. */

export const words = {
  "day.go": "Buka",
  "day.label": "Tanggal",
  "day.title": "Ke tanggal tertentu",

  "found.count": { other: "{n} pesan ditemukan" },
  "found.nothing": "Tidak ada pesan berisi “{query}”.",
  "found.title": "Pesan",

  "keep.all": "Simpan semuanya",
  "keep.all.text": "Semua obrolan dan grup, dalam satu berkas di komputer ini. Tidak terenkripsi: siapa pun yang memegangnya bisa membacanya.",
  "keep.chat": "Simpan obrolan ini",
  "keep.chat.text": "Semua isi obrolan ini, dalam satu berkas di komputer ini. Tidak terenkripsi: siapa pun yang memegangnya bisa membacanya.",
  "keep.done": "Tersimpan sebagai {name}",
  "keep.failed": "Tidak ada yang tersimpan. {why}",
  "keep.html": "Sebagai halaman untuk dibaca",
  "keep.jsonl": "Sebagai data (JSON Lines)",
  "keep.running": "Menyimpan… {size}",

  "log.first_unread": "Pesan pertama yang belum dibaca",

  "notice.message_gone": "Pesan itu sudah tidak ada di sini. Sudah dihapus, atau waktunya habis.",

  "seek.at": "{at} dari {n}",
  "seek.at.more": "{at} dari lebih dari {n}",
  "seek.label": "Cari di obrolan ini",
  "seek.newer": "Berikutnya yang lebih baru",
  "seek.nothing": "Tidak ditemukan",
  "seek.older": "Berikutnya yang lebih lama",
  "seek.open": "Cari di obrolan ini",
  "seek.open.title": "Cari di obrolan ini (Ctrl Shift F)",
};
