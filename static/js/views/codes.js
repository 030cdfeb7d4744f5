/**
 * Getting a code from outside into the page: by the camera, from a picture, from a file.
 *
 *     camera ──frame──┐
 *     picture ────────┴─> canvas ──> bytes of grey ──> program ──> texts
 *
 * The program reads the codes: not every browser can, and this page asks nobody else.
 */

import { button, h, hide, setProps, setText } from "../h.js";
import { icon } from "../icons.js";
import { explain, isSaid, say } from "../words.js";

const PICTURES = "image/png,image/jpeg,image/webp,image/gif";
const FRAME = 800; // px, the longer side of a frame of the camera
const PICTURE = 1_600; // px, of a picture: more is taken down
const LOOK_EVERY = 300; // ms between two frames
const LONGEST_TEXT = 8_192; // bytes of a file with an invite

/** The picture in shades of grey, its longer side at most `most`. */
function greyOf(source, width, height, most) {
  const scale = Math.min(1, most / Math.max(width, height));
  const canvas = h("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const grey = new Uint8Array(data.length / 4);
  for (let at = 0; at < grey.length; at += 1) {
    const from = at * 4;
    grey[at] = (data[from] * 77 + data[from + 1] * 150 + data[from + 2] * 29) >> 8;
  }
  return { width: canvas.width, height: canvas.height, grey };
}

/**
 * Returns `{ element, stop }`. `onText(text)` gets what was found and resolves to whether that
 * was it; `texts`: files with text are welcome, too.
 */
export function createCodes(actions, onText, { texts = false } = {}) {
  const video = h("video", { class: "camera", muted: true, playsinline: true, hidden: true });
  const status = h("p", { class: "hint", role: "status" });
  const start = button("small", look, { "data-act": "camera" }, icon("camera"), say("codes.camera"));
  const end = button("small", stop, { hidden: true, "data-act": "camera-stop" }, say("codes.stop"));
  const file = h("input", {
    type: "file",
    class: "sr",
    tabindex: "-1",
    accept: texts ? `${PICTURES},.p2pchat,text/plain` : PICTURES,
    "aria-label": say(texts ? "codes.file" : "codes.picture"),
    onchange: choose,
  });
  const pick = button(
    "small",
    () => file.click(),
    { "data-act": "file" },
    icon("file"),
    say(texts ? "codes.file" : "codes.picture"),
  );
  const element = h(
    "div",
    { class: "codes" },
    h("div", { class: "buttons" }, start, pick, end),
    file,
    video,
    status,
  );
  let stream = null;
  let round = 0;

  const complain = (error) => setText(status, error ? explain(error) : "");

  function stop() {
    round += 1;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    setProps(video, { hidden: true });
    hide(start, false);
    hide(end, true);
  }

  async function look() {
    stop();
    const mine = round;
    setText(status, say("codes.asking"));
    try {
      const found = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 } },
      });
      if (mine !== round) return found.getTracks().forEach((track) => track.stop());
      stream = found;
      video.srcObject = found;
      await video.play();
    } catch ({ name }) {
      if (mine !== round) return undefined;
      stop();
      const key = `codes.${name.toLowerCase()}`;
      return setText(status, say(isSaid(key) ? key : "codes.notfounderror"));
    }
    setProps(video, { hidden: false });
    hide(start, true);
    hide(end, false);
    setText(status, say("codes.looking"));
    return watch(mine);
  }

  async function watch(mine) {
    while (mine === round && video.isConnected) {
      const { videoWidth: width, videoHeight: height } = video;
      if (width && (await read(video, width, height, FRAME))) return stop();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
    if (mine === round) stop();
    return undefined;
  }

  /** Whether the code that was wanted is in this picture. */
  async function read(source, width, height, most) {
    try {
      const [text] = await actions.codesIn(greyOf(source, width, height, most));
      if (!text) return false;
      setText(status, "");
      return await onText(text);
    } catch (error) {
      stop();
      complain(error);
      return true;
    }
  }

  async function choose() {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    stop();
    setText(status, "");
    if (texts && !chosen.type.startsWith("image/")) {
      if (chosen.size > LONGEST_TEXT) return setText(status, say("codes.nothing"));
      return void (await onText((await chosen.text()).trim()));
    }
    let picture;
    try {
      picture = await createImageBitmap(chosen);
    } catch {
      return setText(status, say("codes.nothing"));
    }
    const found = await read(picture, picture.width, picture.height, PICTURE);
    if (!found && !status.textContent) setText(status, say("codes.nothing"));
    picture.close();
  }

  return { element, stop };
}
