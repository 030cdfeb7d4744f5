/**
 * Taking along what was said: the program streams a file, and the browser saves it.
 *
 * Fetched with the tab's secret, which a plain link could not send, and handed over as a blob.
 */

import { ApiError } from "./api.js";

const SAVED_WITHIN = 60_000; // ms for which the browser may still read the blob
const NO_FILE_NAME = /[^\p{L}\p{N} ._-]+/gu;

/** A name that every system takes for a file. */
export const fileName = (name, day, format) =>
  `p2pchat ${name.replace(NO_FILE_NAME, "").trim().slice(0, 60)} ${day}.${format}`.replace(/ +/g, " ");

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_WITHIN);
}

async function refusal(response) {
  const { error = "unknown", message } = await response.json().catch(() => ({}));
  return new ApiError(error, message);
}

export function createKeeping(session, onUnauthorized) {
  /** All bytes of a call, as they come; `onBytes(count so far)`. */
  async function bytesOf(path, onBytes, signal, asked) {
    const { secret } = session;
    const headers = { Authorization: `Bearer ${secret}` };
    if (asked) headers["Content-Type"] = "application/json";
    const method = asked ? "POST" : "GET";
    const body = asked && JSON.stringify(asked);
    const response = await fetch(`/api/v1/${path}`, { method, body, headers, signal });
    if (response.status === 401) {
      onUnauthorized(secret);
      throw new ApiError("unauthorized");
    }
    if (!response.ok) throw await refusal(response);
    const parts = [];
    let count = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return new Blob(parts, { type: "application/octet-stream" });
      parts.push(value);
      onBytes((count += value.length));
    }
  }

  return {
    /**
     * Saves what a call answers as a file; rejects with what went wrong, or "aborted".
     * With `asked`, that is posted.
     */
    async saveAs(name, path, onBytes, signal, asked) {
      try {
        save(await bytesOf(path, onBytes, signal, asked), name);
      } catch (error) {
        if (error instanceof ApiError) throw error;
        throw new ApiError(signal.aborted ? "aborted" : "stopped");
      }
    },
  };
}
