// Asks for an item, shows it, sends the answer, and shows what comes back for it.
// Texts and names are set as text, never as HTML; the guidelines come as safe HTML.

"use strict";

const at = (id) => document.getElementById(id);
const WAIT = 3000; // milliseconds until we ask again
const KEYS = "1234567890";
const SHORT = 90, LONG = 600; // letters of a text

let secret = "", annotator = "", classes = [];
let item = null, busy = false, timer = 0, place = "message", over = false, ended = false;

async function ask(what, more = {}) {
  const answer = await fetch(`/api/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${secret}` },
    body: JSON.stringify({ annotator, ...more }),
  });
  const found = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(found.error), { status: answer.status });
  return found;
}

// --- what is seen ---

function show(id) {
  place = id;
  for (const name of ["message", "start", "work"]) at(name).hidden = name !== id;
}

function say(words, undo = false) {
  at("words").textContent = words;
  at("back").hidden = !undo;
  show("message");
}

function problem(words) {
  at("problem").textContent = words;
  at("problem").hidden = !words;
}

function showState(state) {
  showProgress(state);
  problem("");
  clearTimeout(timer);
  item = state.item;
  if (item) return showItem();
  over = !state.open;
  timer = setTimeout(() => run("next"), WAIT); // something may come back, or a next round
  const mine = state.mine ? `\n${numbered(state.mine, "answer")} of yours. Thank you!` : "";
  if (over) return say(`All is answered.${mine}`, state.mine > 0);
  say(`Nothing for you at present: the others have ${numbered(state.open, "answer")} to give.${mine}`, state.mine > 0);
}

function numbered(n, word) {
  return `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
}

function showProgress({ done, total }) {
  const bar = at("bar");
  bar.hidden = false;
  bar.setAttribute("aria-valuemax", total);
  bar.setAttribute("aria-valuenow", done);
  at("filled").style.width = `${total ? (100 * done) / total : 100}%`;
  at("count").textContent = `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
}

function showItem() {
  const text = at("text");
  text.textContent = item.text;
  text.lang = item.rtl ? "fa" : "";
  const size = item.text.length;
  text.className = size < SHORT ? "short" : size > LONG ? "long" : "";
  at("note-again").hidden = !item.again;
  at("guess").hidden = item.guess === null;
  at("guessed").textContent = item.guess ?? "";
  at("sure").textContent = item.sure === null ? "" : `(${Math.round(100 * item.sure)}%)`;
  at("classes").childNodes.forEach((button, n) => {
    button.classList.toggle("suggested", classes[n] === item.guess);
  });
  show("work");
  window.scrollTo(0, 0);
}

function showClasses() {
  at("classes").replaceChildren(...classes.map((name, n) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "class";
    if (n < KEYS.length) {
      const key = document.createElement("kbd");
      key.textContent = KEYS[n];
      key.ariaHidden = "true";
      button.append(key);
      button.setAttribute("aria-keyshortcuts", KEYS[n]);
    }
    const words = document.createElement("span");
    words.dir = "auto";
    words.textContent = name;
    button.append(words);
    button.addEventListener("click", () => answer(button, { label: name }));
    return button;
  }));
  at("classes").classList.toggle("many", classes.length > 4);
}

// --- what is done ---

async function run(what, more = {}, pressed = null) {
  if (busy || ended) return;
  busy = true;
  pressed?.classList.add("pressed");
  try {
    const state = await ask(what, more);
    if (state.nothing) problem("There is nothing to undo.");
    else showState(state);
  } catch (error) {
    failed(error, what);
  } finally {
    busy = false;
    pressed?.classList.remove("pressed");
  }
}

function failed(error, what) {
  clearTimeout(timer);
  if (error.status === 409) { // it went to somebody else meanwhile
    timer = setTimeout(() => run("next"), 0);
  } else if (error.status === 401 || error.status === 429) {
    sessionStorage.clear();
    say("This page needs the whole link that alcli printed.\nPlease open it again.");
  } else if (error.status === 400 && place === "start") {
    at("note").textContent = error.message;
  } else if (error.status === undefined && place === "message") {
    if (over) at("back").hidden = true; // the words stand
    else say("alcli does not answer: it has ended, or the connection is lost.\nWhat you answered is kept.");
    timer = setTimeout(() => run("next"), WAIT);
  } else {
    problem(error.status ? error.message : "alcli does not answer. Your last answer may be lost; please try again.");
  }
}

function answer(button, what) {
  if (item && place === "work") run("answer", { ticket: item.ticket, ...what }, button);
}

const acts = {
  undo: () => run("undo", {}, at("undo")),
  skip: () => answer(at("skip"), { reason: "skipped" }),
  unsure: () => answer(at("unsure"), { reason: "unsure" }),
  help: () => at("help").hidden || at("guidelines").showModal(),
};
for (const [name, act] of Object.entries(acts)) at(name).addEventListener("click", act);
at("back").addEventListener("click", acts.undo);

at("finish").addEventListener("click", async () => {
  try { await ask("finish"); } catch { /* it has gone already */ }
  clearTimeout(timer);
  ended = true;
  say("Finished. What you answered is kept; start alcli again to go on.");
});

at("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  annotator = at("name").value;
  if (!at("nickname").hidden && !annotator.trim()) return at("name").focus();
  sessionStorage.setItem("annotator", annotator);
  begin();
});

// A key by its letter; on another layout, such as Persian, by its place.
const PLACES = { KeyU: "undo", KeyS: "skip", KeyN: "unsure", KeyG: "help" };
const LETTERS = { u: "undo", s: "skip", n: "unsure", g: "help", "?": "unsure", "؟": "unsure" };

function digit(event) {
  const code = event.key.length === 1 ? event.key.charCodeAt(0) : 0;
  for (const zero of [0x30, 0x6f0, 0x660]) { // Latin, Persian, Arabic
    if (code >= zero && code <= zero + 9) return code - zero;
  }
  const found = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  return found && !event.shiftKey ? Number(found[1]) : null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (place === "start" || at("guidelines").open) return;
  const number = digit(event);
  if (number !== null) {
    at("classes").childNodes[(number + 9) % 10]?.click();
    return;
  }
  const letter = event.key.toLowerCase();
  const latin = /^[a-z]$/.test(letter);
  const act = LETTERS[letter] ?? (latin ? undefined : PLACES[event.code]);
  if (!act) return;
  event.preventDefault();
  acts[act]();
});

// --- the beginning ---

function begin() {
  at("who").textContent = annotator;
  at("help").hidden = !at("guidelines").firstElementChild.innerHTML;
  run("next");
}

// A chat may mangle the link; what can be no secret is not even sent, but refused.
function secretOf(fragment) {
  let found = "";
  try { found = decodeURIComponent(fragment); } catch { /* half of a letter */ }
  return /^[ -~]*$/.test(found) ? found : "";
}

async function enter() {
  if (location.hash.length > 1) { // out of the address, so that nobody copies it
    sessionStorage.setItem("secret", secretOf(location.hash.slice(1)));
    history.replaceState(null, "", "/");
  }
  secret = sessionStorage.getItem("secret") ?? "";
  let settings;
  try {
    settings = await ask("settings");
  } catch (error) {
    return failed(error, "settings");
  }
  classes = settings.classes;
  showClasses();
  for (const place of [at("guidelines").firstElementChild, at("read")]) {
    place.innerHTML = settings.guidelines;
  }
  at("finish").hidden = settings.annotator === null;
  const known = sessionStorage.getItem("annotator");
  annotator = settings.annotator ?? known ?? "";
  if (known !== null || (settings.annotator !== null && !settings.guidelines)) return begin();
  at("nickname").hidden = settings.annotator !== null;
  at("read").hidden = !settings.guidelines;
  show("start");
  if (settings.annotator === null) at("name").focus();
}

window.addEventListener("hashchange", () => location.reload());
enter();
