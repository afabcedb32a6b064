// Runs before the first paint, so that neither the language nor the theme flashes. A file of its own
// because the console's content policy allows no inline script.
(function () {
  var root = document.documentElement, kept = {};
  try { kept = JSON.parse(localStorage.getItem("yagura.look") || "{}"); } catch (e) { /* private mode */ }
  var asked = new URLSearchParams(location.search);
  var lang = asked.get("lang") || kept.lang || ((navigator.language || "ja").indexOf("ja") === 0 ? "ja" : "en");
  var theme = asked.get("theme") || kept.theme ||
    (window.matchMedia && matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.lang = lang === "en" ? "en" : "ja";
  root.dataset.theme = theme === "dark" ? "dark" : "light";
})();
