/** Starts the page: words first, then the views, then the program is asked. */

import { createActions } from "./actions.js";
import { initialState, reduce } from "./state.js";
import { createStore } from "./store.js";
import { createApp } from "./views/app.js";
import { loadWords } from "./words.js";

const CLOCK_EVERY = 30_000; // ms; often enough for "today" and "last seen"

await loadWords();
const store = createStore(reduce, { ...initialState, now: Date.now() });
const actions = createActions(store);
document.body.replaceChildren(createApp(store, actions));
setInterval(() => store.dispatch({ type: "clock.ticked", now: Date.now() }), CLOCK_EVERY);
addEventListener("hashchange", actions.start); // a new link pasted into an open tab
actions.start();
