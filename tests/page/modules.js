/** Runs every test of the pure modules, and leaves the outcomes where the driver finds them. */

import { loadWords } from "/static/js/words.js";
import { tests } from "./check.js";
import "./test_acts.js";
import "./test_dates.js";
import "./test_faces.js";
import "./test_format.js";
import "./test_groups.js";
import "./test_links.js";
import "./test_lists.js";
import "./test_message.js";
import "./test_names.js";
import "./test_pages.js";
import "./test_rows.js";
import "./test_state.js";
import "./test_timeline.js";
import "./test_words.js";

await loadWords();
const outcomes = {};
for (const { name, run } of tests) {
  try {
    await run();
    outcomes[name] = "";
  } catch (error) {
    outcomes[name] = String(error.stack ?? error);
  }
}
window.outcomes = outcomes;
document.documentElement.dataset.done = "";
