import { clock, dayLine, dayOf, inSentence, shortWhen } from "/static/js/dates.js";
import { equal, test } from "./check.js";

// The browser of the tests lives in Jakarta, seven hours before UTC.
const at = (text) => Date.parse(`${text}+07:00`);
const now = at("2026-05-06T12:00"); // a Wednesday

test("a day begins at local midnight, not at that of UTC", () => {
  equal(dayOf(at("2026-05-06T00:00")), dayOf(now));
  equal(dayOf(at("2026-05-05T23:59")), dayOf(now) - 1);
});

test("a time is written as the language writes it", () => {
  equal(clock(at("2026-05-06T03:09"), "id"), "03.09");
  equal(clock(at("2026-05-06T03:09"), "en-GB"), "03:09");
  equal(clock(at("2026-05-06T15:09"), "en-US").replace(/\s/u, " "), "3:09 PM");
});

test("days near by have names, others a date, other years their year", () => {
  equal(dayLine(now, now, "en-GB"), "Today");
  equal(dayLine(at("2026-05-05T23:00"), now, "en-GB"), "Yesterday");
  equal(dayLine(at("2026-05-05T23:00"), now, "id"), "Kemarin");
  equal(dayLine(at("2026-04-30T10:00"), now, "en-GB"), "Thursday 30 April");
  equal(dayLine(at("2025-12-31T10:00"), now, "id"), "Rabu, 31 Desember 2025");
});

test("the column has room for a time, a day's name or a short date", () => {
  equal(shortWhen(at("2026-05-06T09:05"), now, "id"), "09.05");
  equal(shortWhen(at("2026-05-05T09:05"), now, "id"), "Kemarin");
  equal(shortWhen(at("2026-05-02T09:05"), now, "en-GB"), "Sat");
  equal(shortWhen(at("2026-04-02T09:05"), now, "en-GB"), "2 Apr");
});

test("a clock that runs ahead shows a date, never a wrong day's name", () => {
  equal(shortWhen(at("2026-05-08T09:05"), now, "en-GB"), "8 May");
  equal(dayLine(at("2026-05-08T09:05"), now, "en-GB"), "Friday 8 May");
});

test("last seen fits into a sentence", () => {
  equal(inSentence(at("2026-05-06T09:05"), now, "en-GB"), "09:05");
  equal(inSentence(at("2026-05-05T09:05"), now, "id"), "kemarin 09.05");
  equal(inSentence(at("2024-05-05T09:05"), now, "en-GB"), "5 May 2024");
});
