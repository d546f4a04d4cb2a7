// Search, and the choice between light and dark. Without it everything can still be read.
"use strict";
const find = (id) => document.getElementById(id);
const [search, found, scheme] = ["search", "found", "scheme"].map(find);
const links = [...document.querySelectorAll("nav .contents li > a")];
const groups = [...document.querySelectorAll("nav .contents details")];
const contents = document.querySelector("nav .contents");
const narrow = matchMedia("(max-width: 59.99rem)");
let texts;

document.querySelector(".tools").hidden = false;
contents.open = !narrow.matches;

// The text of an article is read when somebody searches, not before.
function textOf(link) {
  const article = find(link.hash.slice(1));
  return `${link.textContent} ${article ? article.textContent : ""}`.toLowerCase();
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  texts ??= links.map(textOf);
  let count = 0;
  links.forEach((link, index) => {
    const shown = words.every((word) => texts[index].includes(word));
    link.parentElement.hidden = !shown;
    count += shown;
  });
  for (const group of groups) {
    const some = group.querySelector("li:not([hidden])");
    group.hidden = !some;
    if (words.length && some) group.open = true;
  }
  if (words.length) contents.open = true;
  found.textContent = words.length ? `${count} found` : "";
}

search.addEventListener("input", filter);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") links.find((link) => !link.parentElement.hidden)?.focus();
  if (event.key === "Escape") { search.value = ""; filter(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("input")) return;
  event.preventDefault();
  search.focus();
});
contents.addEventListener("click", (event) => {
  if (narrow.matches && event.target.closest("a")) contents.open = false;
});

// What an address points at is opened, and all of it is opened for paper.
function reveal() {
  const target = find(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === "DETAILS") target.open = true;
}
addEventListener("hashchange", reveal);
reveal();

function stored(value) {
  try {
    if (value) localStorage.setItem("scheme", value);
    return localStorage.getItem("scheme");
  } catch {
    return value; // A page from a file may have no store.
  }
}
const root = document.documentElement;
root.dataset.scheme = stored() || "";
scheme.addEventListener("click", () => {
  const dark = root.dataset.scheme ? root.dataset.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.scheme = dark ? "light" : "dark";
  stored(root.dataset.scheme);
});
