/**
 * The calls to the program, and the ways in which one can fail.
 *
 * A call that finds no program has the code "stopped", one that is not let in "unauthorized";
 * every other code is the program's own.
 */

const PATIENCE = 20_000; // ms; connecting to somebody may take ten seconds, nothing takes longer

export class ApiError extends Error {
  constructor(code, sentence = "") {
    super(code);
    this.code = code;
    this.sentence = sentence;
  }
}

/**
 * Returns `call(method, path, body?, patience?, keepalive?)`; bytes go as they are, all else as
 * JSON. `keepalive`: it goes on though the page is left. `session.secret` is asked for anew each time.
 */
export function createApi(session, onUnauthorized) {
  return async function call(method, path, body, patience = PATIENCE, keepalive = false) {
    const headers = {};
    const { secret } = session;
    if (secret) headers.Authorization = `Bearer ${secret}`;
    const isRaw = body instanceof Uint8Array || body instanceof Blob;
    if (method === "POST")
      headers["Content-Type"] = isRaw ? "application/octet-stream" : "application/json";
    let response, answer;
    try {
      response = await fetch(`/api/v1/${path}`, {
        method,
        headers,
        body: method !== "POST" || isRaw ? body : JSON.stringify(body ?? {}),
        keepalive,
        signal: AbortSignal.timeout(patience),
      });
      answer = await response.json();
    } catch {
      if (!response || response.ok) throw new ApiError("stopped");
      answer = {};
    }
    if (response.ok) return answer;
    if (response.status === 401 && answer.error !== "bad_ticket") {
      onUnauthorized(secret);
      throw new ApiError("unauthorized");
    }
    throw new ApiError(answer.error ?? "unknown", answer.message);
  };
}

/** Connects; whom nobody knows the way to is another case than what is "no longer here". */
export async function reach(call, address, text) {
  try {
    return await call("POST", "connect", { address, text });
  } catch (error) {
    throw error.code === "not_found" ? new ApiError("nowhere", error.sentence) : error;
  }
}

/** An address is base32 and a group's id too, yet nothing that comes from outside builds a path. */
export const at = (strings, ...parts) =>
  String.raw({ raw: strings }, ...parts.map((part) => encodeURIComponent(part)));
