// Runs before the first paint, so that a chosen theme does not flash.
(function () {
  "use strict";
  var names = ["auto", "light", "dark"];
  function stored() {
    try { return localStorage.getItem("theme") || "auto"; } catch (error) { return "auto"; }
  }
  function show(name) { document.documentElement.dataset.theme = name; }
  show(stored());
  function label(button) {
    var name = document.documentElement.dataset.theme;
    button.querySelector("[data-theme-name]").textContent = name.charAt(0).toUpperCase() + name.slice(1) + " theme";
  }
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-theme-switch]").forEach(function (button) {
      label(button);
      button.addEventListener("click", function () {
        var next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
        try { localStorage.setItem("theme", next); } catch (error) { /* private windows keep nothing */ }
        show(next);
        label(button);
      });
    });
  });
})();
