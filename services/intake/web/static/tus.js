// The sender's side of tus 1.0.0 (https://tus.io/protocols/resumable-upload): one file,
// sent in requests of some MiB, from where the server says that it is. Own code, because
// the protocol's own client begins anew when it is refused (docs/decisions/0104).
const REQUEST_BYTES = 8 * 2 ** 20; // a proxy that collects requests loses no more than this
const SMALL_BYTES = 2 ** 20; // comes with its announcement: a round trip less
const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds; the last one again and again
const STALLED_MS = 30_000; // not a byte on its way for so long: the line is dead
const ANSWER_MS = 180_000; // a file of many pages is rebuilt before it is answered
const PIECES = "application/offset+octet-stream";

export class Refused extends Error {
  constructor({ status, text, retryAfter }) {
    super(`${status}`);
    Object.assign(this, { status, retryAfter, detail: parsed(text)?.detail });
  }

  // a line that is cut, a server that restarts or is full, somebody who was first
  get passes() {
    return [0, 408, 409, 423, 429, 460].includes(this.status) || (this.status >= 500 && this.status !== 507);
  }
}

export class Stopped extends Error {}

export class Transfer {
  #request = null;
  #wake = null;
  #stopped = false;

  // at: {endpoint, url, metadata, headers(), progress(bytes), resting(seconds, refused)}
  constructor(file, at) {
    this.file = file;
    this.url = at.url ?? null;
    this.at = at;
  }

  // Resolves when the server has the whole file. Throws Refused for what waiting does not
  // mend, Stopped after stop(); either way run() goes on where it was.
  async run() {
    this.#stopped = false;
    for (let failures = 0; ; failures += 1) {
      const before = this.offset ?? 0;
      try {
        return await this.#sendAll();
      } catch (refused) {
        if (this.#stopped || !(refused instanceof Refused)) throw this.#stopped ? new Stopped() : refused;
        const gone = [404, 410].includes(refused.status) && this.url;
        if (gone) this.url = null; // swept meanwhile: from the first byte, at its old place
        else if (!refused.passes) throw refused;
        if (this.offset > before) failures = 0;
        if (!gone) await this.#rest(refused.retryAfter || PAUSES[Math.min(failures, PAUSES.length - 1)], refused);
      }
    }
  }

  stop() {
    this.#stopped = true;
    this.#request?.abort();
    this.#wake?.();
  }

  async end() {
    this.stop();
    if (this.url) await this.#ask("DELETE", this.url).catch(() => {}); // it is swept in a day
    this.url = null;
  }

  async #sendAll() {
    this.offset = this.url ? await this.#asked() : await this.#begun();
    while (this.offset < this.file.size) {
      this.at.progress(this.offset);
      const body = this.file.slice(this.offset, this.offset + REQUEST_BYTES);
      const headers = { "Upload-Offset": this.offset, "Content-Type": PIECES };
      const answer = await this.#ask("PATCH", this.url, headers, body);
      this.offset = offsetOf(answer);
    }
  }

  async #begun() {
    const headers = { "Upload-Length": this.file.size, "Upload-Metadata": coded(this.at.metadata) };
    const small = this.file.size > 0 && this.file.size <= SMALL_BYTES;
    if (small) headers["Content-Type"] = PIECES;
    const answer = await this.#ask("POST", this.at.endpoint, headers, small ? this.file : null);
    this.url = answer.header("Location");
    return offsetOf(answer);
  }

  async #asked() {
    return offsetOf(await this.#ask("HEAD", this.url));
  }

  async #rest(seconds, refused) {
    if (this.#stopped) throw new Stopped();
    this.at.resting(seconds, refused);
    let timer;
    await new Promise((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, 1000 * seconds);
      addEventListener("online", resolve, { once: true });
    });
    clearTimeout(timer);
    removeEventListener("online", this.#wake);
    this.#wake = null;
    if (this.#stopped) throw new Stopped();
  }

  // XMLHttpRequest, because fetch does not tell how much of a body is on its way
  #ask(method, url, headers = {}, body = null) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let timer;
      const patience = (milliseconds) => {
        clearTimeout(timer);
        timer = setTimeout(() => request.abort(), milliseconds);
      };
      request.upload.addEventListener("progress", (event) => {
        patience(STALLED_MS);
        if (method === "PATCH") this.at.progress(this.offset + event.loaded);
      });
      request.upload.addEventListener("load", () => patience(ANSWER_MS));
      request.addEventListener("loadend", () => {
        clearTimeout(timer);
        this.#request = null;
        const { status } = request;
        if (status >= 200 && status < 300) return resolve({ header: (name) => request.getResponseHeader(name) });
        const retryAfter = status ? Number(request.getResponseHeader("Retry-After")) : 0;
        reject(new Refused({ status, text: request.responseText, retryAfter }));
      });
      this.#request = request;
      request.open(method, url);
      const all = { Accept: "application/json", "Tus-Resumable": "1.0.0", ...this.at.headers(), ...headers };
      for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
      patience(STALLED_MS);
      request.send(body);
    });
  }
}

// an answer without it is not this server's: something on the way made it
function offsetOf(answer) {
  const said = answer.header("Upload-Offset");
  if (said === null || !Number.isInteger(Number(said))) throw new Refused({ status: 502, text: "" });
  return Number(said);
}

function coded(metadata) {
  const base64 = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
  return Object.entries(metadata).map(([name, value]) => `${name} ${base64(String(value))}`).join(",");
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
