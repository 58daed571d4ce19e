"use strict";
const articles = [...document.querySelectorAll("article")];
const KEYS = {h: "human", m: "machine", x: "mixed", u: "unsure"};
const place = "provenance-review-" + document.body.dataset.sample;
const done = document.getElementById("done");
const reviewer = document.getElementById("reviewer");
let current = 0;

const verdictOf = article => (article.querySelector("input[type=radio]:checked") || {}).value || "";
const noteOf = article => article.querySelector("input[type=text]").value;

function refresh() {
  for (const article of articles)
    article.querySelector("details").hidden = !verdictOf(article);
  done.textContent = `${articles.filter(verdictOf).length} of ${articles.length} judged`;
  try {
    localStorage.setItem(place, JSON.stringify({reviewer: reviewer.value,
      judged: articles.map(a => [a.id, verdictOf(a), noteOf(a)])}));
  } catch { /* a browser may refuse storage to files; the export still works */ }
}

function restore() {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(place)); } catch { return; }
  if (!kept) return;
  reviewer.value = kept.reviewer;
  for (const [id, verdict, note] of kept.judged) {
    const article = document.getElementById(id);
    const radio = verdict && article.querySelector(`input[value=${verdict}]`);
    if (radio) radio.checked = true;
    article.querySelector("input[type=text]").value = note;
  }
}

function go(step) {
  current = Math.min(Math.max(current + step, 0), articles.length - 1);
  articles[current].focus();
  articles[current].scrollIntoView({block: "start"});
}

const quoted = value => `"${value.replaceAll('"', '""')}"`;

function save() {
  const rows = articles.map(a => [a.id.slice(4), verdictOf(a), reviewer.value, noteOf(a)]);
  const text = [["doc_id", "verdict", "reviewer", "note"], ...rows]
    .map(row => row.map(quoted).join(",")).join("\r\n") + "\r\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], {type: "text/csv"}));
  link.download = "verdicts.csv";
  link.click();
}

document.addEventListener("change", refresh);
document.addEventListener("focusin", event => {
  const article = event.target.closest("article");
  if (article) current = articles.indexOf(article);
});
document.addEventListener("keydown", event => {
  if (event.target.type === "text" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") go(1);
  if (event.key === "k") go(-1);
  if (!(event.key in KEYS)) return;
  articles[current].querySelector(`input[value=${KEYS[event.key]}]`).checked = true;
  refresh();
});
document.getElementById("save").addEventListener("click", save);
restore();
refresh();
