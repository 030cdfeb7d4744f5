/**
 * Keeps what is read where it is on the screen while rows come and go around it.
 *
 * Measured at the bubble: a row above it may join its group, and then its own margin changes.
 */

const inView = (row) => row.querySelector(".bubble") ?? row;

export function createAnchor(scroller, list) {
  const top = () => scroller.getBoundingClientRect().top;
  const placeOf = (row) => inView(row).getBoundingClientRect().top - top();
  const rows = () => [...list.children].filter((row) => !row.hasAttribute("data-kept"));

  return {
    /** The rows that are seen, the topmost first: [{ key, message, offset }]. */
    take() {
      const from = scroller.scrollTop;
      const to = from + scroller.clientHeight;
      return rows()
        .filter((row) => row.offsetTop + row.offsetHeight > from && row.offsetTop < to)
        .map((row) => ({
          key: row.dataset.key,
          message: row.dataset.message,
          offset: placeOf(row),
        }));
    },

    /** Scrolls so that the first of these that is still there stands where it stood. */
    put(places) {
      const now = new Map(rows().map((row) => [row.dataset.key, row]));
      const place = places.find(({ key }) => now.has(key));
      if (place) scroller.scrollTop += placeOf(now.get(place.key)) - place.offset;
      return Boolean(place);
    },
  };
}
