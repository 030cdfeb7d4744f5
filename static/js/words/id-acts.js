/** Bahasa Indonesia: what people do with messages. */

export const words = {
  "code.copy": "Salin kodenya",
  "code.label": "Kode",

  "delete.everyone": "Hapus untuk semua",
  "delete.everyone.text": "Semua yang memilikinya ikut menghapus begitu terhubung. Bisa jadi sudah ada yang membaca atau menyalinnya.",
  "delete.me": "Hapus untukku",
  "delete.me.text": "Hanya hilang dari komputer ini. Yang lain tetap memilikinya.",
  "delete.title": "Hapus pesan ini?",

  "edit.bar": "Mengubah pesanmu",
  "edit.cancel": "Batal mengubah",
  "edit.save": "Simpan perubahan",

  "error.gone": "Pesan ini sudah dihapus.",

  "forward.all": "Obrolan yang bisa dipilih",
  "forward.find": "Cari obrolanmu",
  "forward.go": "Teruskan",
  "forward.hint": "Terkirim sebagai pesanmu sendiri, dengan tanda diteruskan. Siapa penulisnya tidak disebut.",
  "forward.nobody": "Belum ada obrolan tujuan.",
  "forward.none": "Pilih sedikitnya satu obrolan.",
  "forward.nothing": "Tidak ada obrolanmu dengan nama itu.",
  "forward.some": { other: "{n} obrolan dipilih" },

  "format.block": "blok kode",
  "format.bold": "tebal",
  "format.code": "kode",
  "format.italic": "miring",
  "format.keys": "Ctrl B dan Ctrl I menandai teks yang dipilih. Shift Enter membuat baris baru.",
  "format.list": "daftar",
  "format.numbers": "bernomor",
  "format.open": "Cara menebalkan, memiringkan, dan lainnya",
  "format.quote": "kutipan",
  "format.strike": "dicoret",
  "format.title": "Format tulisan",

  "mention.found": { other: "{n} orang" },
  "mention.label": "Siapa yang disebut",

  "menu.copy": "Salin teks",
  "menu.delete": "Hapus…",
  "menu.edit": "Ubah",
  "menu.forward": "Teruskan",
  "menu.label": "Apa yang dilakukan dengan pesan ini",
  "menu.more": "Lainnya",
  "menu.pin": "Sematkan",
  "menu.react": "Beri reaksi",
  "menu.reactions": "Siapa yang bereaksi",
  "menu.reply": "Balas",
  "menu.seen": "Siapa yang punya",
  "menu.unpin": "Lepas sematan",
  "menu.versions": "Lihat perubahan",

  "message.deleted": "Pesan ini sudah dihapus",
  "message.edited": "diubah",
  "message.forwarded": "Diteruskan",
  "message.pinned": "Disematkan",

  "notice.forwarded": { other: "Diteruskan ke {n} obrolan." },

  "panel.forward": "Teruskan",
  "panel.pins": "Pesan yang disematkan",
  "panel.reactions": "Siapa yang bereaksi",
  "panel.versions": "Perubahan",

  "picker.find": "Cari emoji",
  "picker.label": "Emoji pilihan",
  "picker.more": "Emoji lainnya",
  "picker.nothing": "Tidak ada emoji dengan nama itu di sini.",
  "picker.quick": "Sering dipakai",

  "pins.all": { other: "Lihat semua ({n}) pesan yang disematkan" },
  "pins.bar": "Pesan yang disematkan",
  "pins.go": "Ke pesan ini",
  "pins.none": "Tidak ada lagi yang disematkan di sini.",
  "pins.place": "{at} dari {n}",

  "privacy.receipts": "Beri tahu saat aku sudah membaca",
  "privacy.receipts.text": "Jika mati: tidak ada yang diberi tahu, dan kamu pun tidak tahu tentang yang lain.",
  "privacy.title": "Yang diketahui orang lain",
  "privacy.typing": "Beri tahu saat aku mengetik",
  "privacy.typing.text": "Jika mati: tidak ada yang diberi tahu, dan kamu pun tidak tahu tentang yang lain.",

  "quote.deleted": "Pesan yang dihapus",
  "quote.missing": "Pesan ini tidak ada lagi di sini",

  "reaction.by": "{emoji} dari {names}",

  "reply.cancel": "Tidak jadi membalas ini",
  "reply.to": "Balas {name}",

  "row.deleted": "Pesan dihapus",
  "row.mentioned": "Kamu disebut",

  "seen.read": "Sudah membaca",

  "system.timer.me": "{by} mengatur pesan hilang setelah {time}",
  "system.timer.other": "{by} mengatur pesan hilang setelah {time}",
  "system.timer.you": "Kamu mengatur pesan hilang setelah {time}",
  "system.timer_off.me": "{by} mematikan pesan yang hilang sendiri",
  "system.timer_off.other": "{by} mematikan pesan yang hilang sendiri",
  "system.timer_off.you": "Kamu mematikan pesan yang hilang sendiri",

  "timer.custom": "Waktu lain…",
  "timer.custom.label": "Berapa lama",
  "timer.custom.unit": "Satuan",
  "timer.hours": "jam",
  "timer.days": "hari",
  "timer.minutes": "menit",
  "timer.seconds": "detik",
  "timer.weeks": "minggu",
  "timer.note": "Pesan hilang setelah {time}.",
  "timer.off": "Mati",
  "timer.range": "Pilih antara 5 detik dan 4 minggu.",
  "timer.text": "Yang ditulis mulai sekarang dihapus di semua pihak: punyamu setelah waktu ini sejak dikirim, punya mereka sejak dilihat. Siapa pun masih bisa menyalin atau memotretnya sebelum itu.",
  "timer.title": "Pesan yang hilang sendiri",
  "timer.until": "Hilang {when}",
  "timer.waits": "Hilang {time} setelah dilihat",

  "typing.direct": "sedang mengetik…",
  "typing.many": "Beberapa orang sedang mengetik…",
  "typing.one": "{name} sedang mengetik…",
  "typing.two": "{name} dan {other} sedang mengetik…",

  "versions.first": "Saat dikirim",
  "versions.now": "Sekarang",
  "versions.open": "Sudah diubah. Lihat bunyi sebelumnya",
  "versions.text": "Semua yang memiliki pesan ini bisa melihat bunyinya sebelum diubah.",
};
