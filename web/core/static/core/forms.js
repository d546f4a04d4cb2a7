// Keeps what is typed into a form in this browser until it is saved, and asks before leaving it.
// A draft belongs to one person, one address and one tab, ends after twelve hours, and has no password.
// When its tab is closed, the next one that shows the form takes it.
(() => {
  "use strict";

  const LIFE = 12 * 3600 * 1000;
  const LONGEST = 1024 * 1024;
  const MOST = 20;
  const PREFIX = "draft ";
  const SENT = "draft that was sent";
  const OF_TAB = "draft of this tab ";
  const PATIENCE = 1000; // until the page before has let go of this tab's draft
  const OURS = ["csrfmiddlewaretoken", "typed-by", "typed-before"];
  const UNSAVED = new Set();
  const BEGUN = new WeakSet();
  const CLAIMS = new Map(); // of this page: a promise of a draft's name, by address
  const CLAIMED = new Map(); // the names that are known

  const person = () => document.body.dataset.person || "";
  const address = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
  const place = (form) => `${PREFIX}${person()} ${address(form)}`;
  const key = (form) => CLAIMED.get(place(form)) || place(form);
  const has = (form, selector) => form.querySelector(selector) !== null;
  // A field may be named as a form's own property, "method" say: attributes are never hidden so.
  const isPost = (form) => form.getAttribute("method") === "post";
  const isTyped = (form) => form.hasAttribute("data-typed"); // the server has filled it in
  const isSaved = (form) => form.hasAttribute("data-saved"); // what it shows needs no draft
  const takesText = (form) =>
    isPost(form) && has(form, "input:not([type=hidden], [type=password]), select, textarea");

  function inputs(form) {
    return [...form.querySelectorAll("input, select, textarea")].filter(
      (each) => each.name && !OURS.includes(each.name) && !["password", "file", "submit"].includes(each.type)
    );
  }

  // A browser may refuse to keep anything; the question before leaving is asked all the same.
  function attempt(action, otherwise = null) {
    try {
      return action();
    } catch {
      return otherwise;
    }
  }

  function read(name) {
    const draft = attempt(() => JSON.parse(localStorage.getItem(name)));
    return draft && Date.now() - draft.at < LIFE ? draft : null;
  }

  // Whether a draft is this page's alone from now on: no other page has its lock.
  function lock(name, options) {
    return new Promise((answer) => {
      const hold = (lock) => {
        answer(lock !== null);
        return lock && new Promise((release) => window.addEventListener("pagehide", release, { once: true }));
      };
      navigator.locks.request(name, options, hold).catch(() => answer(false));
    });
  }

  // The draft of this tab; else what a closed tab has left, unless the form is filled in; else none yet.
  async function find(at, isFilledIn) {
    if (!navigator.locks) return at; // plain http: all tabs share one
    const own = attempt(() => sessionStorage.getItem(OF_TAB + at));
    if (own && read(own) && (await lock(own, { signal: AbortSignal.timeout(PATIENCE) }))) return own;
    const left = newest().filter((name) => name === at || name.startsWith(`${at} `));
    for (const name of isFilledIn ? [] : left) {
      if (await lock(name, { ifAvailable: true })) return name;
    }
    for (let number = 1; ; number++) {
      const name = number === 1 ? at : `${at} ${number}`;
      if (!left.includes(name) && (await lock(name, { ifAvailable: true }))) return name;
    }
  }

  function claim(form, isFilledIn = true) {
    const at = place(form);
    if (!CLAIMS.has(at)) {
      CLAIMS.set(at, find(at, isFilledIn).then((name) => {
        CLAIMED.set(at, name);
        attempt(() => sessionStorage.setItem(OF_TAB + at, name));
      }));
    }
    return CLAIMS.get(at);
  }

  async function write(form) {
    await claim(form);
    const values = inputs(form).map((each) => [each.name, each.value, each.checked === true]);
    const draft = JSON.stringify({ at: Date.now(), values });
    if (draft.length > LONGEST || put(key(form), draft)) return;
    const older = newest().filter((name) => name !== key(form));
    // The browser's room is used up: the oldest drafts go.
    while (older.length) {
      drop(older.pop());
      if (put(key(form), draft)) return;
    }
  }

  const put = (name, draft) => attempt(() => { localStorage.setItem(name, draft); return true; }, false);
  const drop = (name) => attempt(() => localStorage.removeItem(name));
  const names = () => attempt(() => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)), []);
  const newest = () => names().filter(read).sort((a, b) => read(b).at - read(a).at);

  function sweep() {
    names().filter((name) => !read(name)).forEach(drop);
    newest().slice(MOST).forEach(drop);
  }

  function fill(form, draft) {
    const left = [...draft.values];
    for (const each of inputs(form)) {
      const index = left.findIndex(([name, value]) =>
        name === each.name && (!["checkbox", "radio"].includes(each.type) || value === each.value));
      if (index < 0) continue;
      const [, value, checked] = left.splice(index, 1)[0];
      if (["checkbox", "radio"].includes(each.type)) each.checked = checked;
      else if (each.localName !== "select" || [...each.options].some((o) => o.value === value)) each.value = value;
    }
  }

  function tell(form) {
    const note = document.createElement("div");
    note.className = "note draft";
    note.setAttribute("role", "status");
    note.dataset.level = "warning";
    const words = document.createElement("p");
    words.textContent = "Not saved yet. This is what you typed here before. Look it through, then save it.";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Discard it";
    button.addEventListener("click", () => {
      drop(key(form));
      UNSAVED.clear();
      location.reload();
    });
    note.append(words, button);
    form.parentNode.insertBefore(note, form);
  }

  function shows(form, draft) {
    const now = inputs(form).filter((each) => each.type !== "hidden");
    const typed = new Map(draft.values.map(([name, value, checked]) => [`${name} ${value}`, checked]));
    return now.every((each) =>
      ["checkbox", "radio"].includes(each.type)
        ? typed.get(`${each.name} ${each.value}`) === each.checked
        : typed.has(`${each.name} ${each.value}`));
  }

  async function begin(form) {
    if (!takesText(form) || BEGUN.has(form)) return;
    BEGUN.add(form);
    const startsOver = new URLSearchParams(location.search).has("start-over");
    await claim(form, startsOver || isSaved(form) || isTyped(form));
    if (startsOver) drop(key(form));
    if (isSaved(form)) return drop(key(form));
    const draft = isTyped(form) ? null : read(key(form));
    if (draft && !UNSAVED.has(form) && !shows(form, draft)) {
      fill(form, draft);
      tell(form);
    }
    if (draft || isTyped(form)) UNSAVED.add(form);
  }

  function change(event) {
    const form = event.target.form;
    if (!form || !takesText(form)) return;
    UNSAVED.add(form);
    write(form);
  }

  function send(event) {
    const form = event.target;
    if (form.hasAttribute("data-sign-out")) {
      names().filter((name) => name.startsWith(`${PREFIX}${person()} `)).forEach(drop);
    } else if (isPost(form)) {
      // Of half a date a browser sends nothing.
      const half = inputs(form).find((each) => each.validity.badInput);
      if (half) {
        event.preventDefault();
        event.stopImmediatePropagation();
        half.reportValidity();
        return;
      }
      UNSAVED.delete(form);
      attempt(() => sessionStorage.setItem(SENT, key(form)));
    }
  }

  // A page after a form was sent: what it says was saved needs no draft any more.
  function finish() {
    const name = attempt(() => sessionStorage.getItem(SENT));
    if (name === null) return;
    const isSignedIn = name.startsWith(`${PREFIX} `) && person();
    if (isSignedIn || document.querySelector('#messages [data-level="success"]')) drop(name);
    sessionStorage.removeItem(SENT);
  }

  function look() {
    UNSAVED.forEach((form) => form.isConnected || UNSAVED.delete(form));
    finish();
    document.querySelectorAll("form").forEach(begin);
    startedOver();
  }

  // The address must not drop once more what is typed from now on.
  function startedOver() {
    const here = new URL(location.href);
    if (!here.searchParams.has("start-over")) return;
    here.searchParams.delete("start-over");
    history.replaceState(history.state, "", here);
  }

  document.addEventListener("input", change);
  document.addEventListener("change", change);
  document.addEventListener("submit", send, true);
  document.addEventListener("htmx:afterSettle", look);
  window.addEventListener("pageshow", look);
  window.addEventListener("pagehide", () => [CLAIMS, CLAIMED].forEach((each) => each.clear()));
  window.addEventListener("beforeunload", (event) => {
    const asks = [...UNSAVED].some((form) => form.isConnected && !has(form, "[type=password]"));
    if (asks) event.preventDefault();
  });
  sweep();
})();
