/**
 * The connection check in other languages than the program's own, by its codes.
 *
 * The program says it in English, with the names and numbers of this computer; where a language
 * or a code is missing here, the page shows that.
 */

export const doctorWords = {
  id: {
    causes: {
      alone: "Di sini semuanya berfungsi; hanya saja belum ada orang lain yang menjalankan p2pchat di jaringan ini.",
      discovery_off: "p2pchat dijalankan tanpa mencari orang di jaringan ini.",
      discovery_unavailable: "p2pchat tidak bisa mencari orang: ada bagiannya yang hilang atau gagal berjalan.",
      firewall_suspected: "Sebuah firewall menyala, dan p2pchat tidak bisa melihat apakah ia mengizinkan orang masuk.",
      hidden: "Kamu tersembunyi, jadi tidak ada orang di jaringan ini yang melihatmu.",
      listens_only_here: "p2pchat dijalankan sehingga hanya komputer ini yang bisa menghubunginya.",
      multicast_blocked_here: "Firewall komputer ini membuang pengumuman yang membuat orang-orang muncul.",
      multicast_not_carried: "Tidak ada perangkat lain yang terdengar: memang tidak ada, atau jaringan ini memisahkan perangkatnya, seperti pada banyak Wi-Fi tamu.",
      no_network: "Komputer ini tidak tersambung ke jaringan mana pun.",
      not_reachable_from_peer: "Seseorang yang terhubung denganmu tidak bisa memanggil balik: ada yang menghalangi di antara kalian, atau firewall di sini.",
      not_running: "p2pchat tidak berjalan, jadi tidak ada yang bisa melihat atau menghubungimu.",
      other_subnet: "Orang yang dicari ada di jaringan lain, dan kedua jaringan itu mungkin tidak tersambung.",
      port_blocked_here: "Firewall komputer ini menolak semua orang yang memanggil p2pchat.",
      vpn_default_route: "Sebuah VPN menyala dan tidak ada orang lain yang terdengar: banyak VPN memutus komputer dari jaringan di sekitarnya.",
    },
    mends: {
      alone: "Mintalah yang lain menjalankan p2pchat",
      discovery_off: "Jalankan lagi p2pchat tanpa --no-discovery",
      hidden: "Pilih di “Siapa yang bisa melihatku”: semua orang di sini",
      listens_only_here: "Jalankan lagi p2pchat tanpa --host",
      multicast_not_carried: "Ketik saja alamat orang itu, atau pindahlah berdua ke Wi-Fi lain",
      no_network: "Sambungkan ke Wi-Fi, atau pasang kabel jaringan",
      not_reachable_from_peer: "Buka port p2pchat (TCP) di router",
      other_subnet: "Pindahkan kedua komputer ke Wi-Fi yang sama, atau jaringan kabel yang sama",
      vpn_default_route: "Matikan VPN, atau izinkan jaringan lokal di pengaturannya",
    },
    findings: {
      dial_back: {
        good: "Seseorang yang terhubung bisa memanggil komputer ini.",
        bad: "Seseorang yang terhubung tidak bisa memanggil komputer ini.",
      },
      discovery: {
        good: "p2pchat mencari orang di jaringan ini.",
        bad: "p2pchat tidak mencari orang di jaringan ini.",
      },
      firewall_people: {
        good: "Firewall komputer ini tidak menghalangi orang-orang muncul.",
        bad: "Firewall komputer ini menghalangi orang-orang muncul.",
        unknown: "Tidak bisa dilihat apakah firewall menghalangi orang-orang muncul.",
      },
      firewall_port: {
        good: "Firewall komputer ini tidak menghalangi panggilan ke p2pchat.",
        bad: "Firewall komputer ini menghalangi panggilan ke p2pchat.",
        unknown: "Tidak bisa dilihat apakah firewall menghalangi panggilan ke p2pchat.",
      },
      listening: {
        good: "p2pchat bisa dipanggil.",
        bad: "p2pchat hanya bisa dipanggil dari komputer ini.",
      },
      multicast: {
        good: "Pengumuman ke jaringan ini terdengar di komputer ini.",
        bad: "Pengumuman ke jaringan ini tidak terdengar, bahkan di komputer ini.",
        unknown: "Tidak bisa dicoba apakah pengumuman terdengar di komputer ini.",
      },
      network: {
        good: "Komputer ini tersambung ke jaringan.",
        bad: "Komputer ini tidak tersambung ke jaringan mana pun.",
      },
      others: {
        good: "Perangkat lain terdengar di jaringan ini.",
        unknown: "Tidak ada perangkat lain yang terdengar di jaringan ini.",
      },
      own_addresses: {
        good: "p2pchat menjawab di alamat komputer ini.",
        bad: "p2pchat tidak menjawab di satu pun alamat komputer ini.",
      },
      subnet: { bad: "Seseorang ada di jaringan lain." },
      visibility: {
        good: "Orang di sini bisa melihatmu.",
        bad: "Kamu tersembunyi: tidak ada yang melihatmu.",
      },
      vpn: {
        good: "Tidak ada VPN yang menghalangi.",
        unknown: "Sebuah VPN menyala; mungkin ia memutus jaringan ini.",
      },
    },
  },
};
