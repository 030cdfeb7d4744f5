import { plainName } from "/static/js/names.js";
import { nameOf } from "/static/js/lists.js";
import { initialState } from "/static/js/state.js";
import { equal, test } from "./check.js";

test("a name loses the signs that the page uses for trust, and nothing else", () => {
  for (const sign of ["✓", "✔", "✔️", "✅", "☑", "☑️", "√", "🛡", "🛡️", "🔒", "🔐", "🗸", "✓️⃣"])
    for (const name of [`Budi ${sign}`, `${sign}Budi`, ` Budi${sign}${sign} `])
      equal(plainName(name), "Budi");
  for (const name of ["Budi", "Déwi 🌷", "אבי", "李雷", "Ada ♥", "x²", "R2-D2 ★", "No. 7"])
    equal(plainName(name), name);
});

test("a name of nothing but such signs is no name", () => {
  const address = "a".repeat(56);
  const people = { [address]: { address, name: "✅ ✓" } };
  equal(nameOf({ ...initialState, people }, address), "aaaaaaa");
});
