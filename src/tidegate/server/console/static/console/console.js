// What the pages do beyond plain HTML: pause and staleness of the live flow, the player, countdowns, copying.
(function () {
  "use strict";
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }

  // On a narrow screen the menu and a filter that is not set begin closed.
  var narrow = window.matchMedia("(max-width: 820px)");
  function fold() { all(".menu, [data-folds]").forEach(function (menu) { menu.open = !narrow.matches; }); }
  fold();
  narrow.addEventListener("change", fold);

  // Live flow: nothing is asked for while paused or unseen, and a page that is not fresh says so.
  var figures = document.getElementById("figures");
  if (figures) {
    var live = document.getElementById("live");
    var pause = document.querySelector("[data-pause]");
    var isPaused = false;
    var tell = function (isStale) {
      document.body.classList.toggle("is-stale", isStale);
      live.textContent = isPaused ? "Paused" : isStale ? "No answer: figures are old" : "Live";
    };
    pause.addEventListener("click", function () {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", String(isPaused));
      pause.textContent = isPaused ? "Go on" : "Pause";
      tell(false);
    });
    figures.addEventListener("htmx:beforeRequest", function (event) {
      if (isPaused || document.hidden) { event.preventDefault(); }
    });
    figures.addEventListener("htmx:afterRequest", function (event) { tell(!event.detail.successful); });
  }

  // The player: blurred until chosen; evidence leads to its moment.
  var wanted = null;
  function player() { return document.querySelector("[data-player] video"); }
  function seek(time) {
    var video = player();
    var stage = document.getElementById("player");
    if (!stage) { return false; }
    if (!video) {
      wanted = time;
      var load = document.querySelector("[data-load-media]");
      stage.scrollIntoView({ block: "center" });
      if (load) { load.focus(); }
      return true;
    }
    video.currentTime = Math.max(0, time);
    stage.scrollIntoView({ block: "nearest" });
    return true;
  }
  function unveil(isShown) {
    var screen = document.querySelector("[data-player]");
    if (!screen) { return; }
    screen.classList.toggle("veiled", !isShown);
    screen.querySelector("[data-veil]").hidden = isShown;
    document.querySelector("[data-player-buttons]").hidden = !isShown;
    if (isShown) { player().focus(); } else { player().pause(); screen.querySelector("[data-unveil]").focus(); }
  }
  function follow(video) {
    var timeline = document.querySelector("[data-timeline]");
    var duration = timeline ? parseFloat(timeline.dataset.durationS) : 0;
    function draw() {
      if (!duration) { return; }
      var at = Math.min(100, 100 * video.currentTime / duration) + "%";
      all("[data-playhead]").forEach(function (line) {
        line.setAttribute("x1", at);
        line.setAttribute("x2", at);
        line.setAttribute("visibility", "visible");
      });
    }
    video.addEventListener("timeupdate", draw);
    video.addEventListener("seeking", draw);
    video.addEventListener("loadedmetadata", function () { if (wanted !== null) { video.currentTime = wanted; wanted = null; } });
    video.addEventListener("error", function () {
      var note = document.querySelector("[data-player-note]");
      document.querySelector("[data-player-buttons]").hidden = false;
      note.textContent = "The media cannot be played: the link has ended, or the browser does not know this format.";
      note.setAttribute("role", "alert");
      document.querySelector("[data-reload]").hidden = false;
    });
  }
  function adopt() { var video = player(); if (video && !video.dataset.adopted) { video.dataset.adopted = "yes"; follow(video); } }
  adopt();
  document.addEventListener("htmx:afterSwap", function (event) {
    adopt();
    if (event.target.id === "player") { var show = document.querySelector("[data-unveil]"); if (show) { show.focus(); } }
  });

  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-seek], [data-unveil], [data-veil-again], [data-step], [data-rate], [data-copy]");
    if (!target) { return; }
    if (target.hasAttribute("data-seek")) {
      if (seek(parseFloat(target.dataset.seek))) { event.preventDefault(); }
    } else if (target.hasAttribute("data-unveil")) { unveil(true); }
    else if (target.hasAttribute("data-veil-again")) { unveil(false); }
    else if (target.hasAttribute("data-step")) { player().currentTime += parseFloat(target.dataset.step); }
    else if (target.hasAttribute("data-rate")) {
      var isSlow = target.getAttribute("aria-pressed") !== "true";
      target.setAttribute("aria-pressed", String(isSlow));
      player().playbackRate = isSlow ? parseFloat(target.dataset.rate) : 1;
    } else { copy(target); }
  });

  function copy(button) {
    var text = document.getElementById(button.dataset.copy);
    var label = button.querySelector("span");
    function done() { label.textContent = "Copied"; setTimeout(function () { label.textContent = "Copy"; }, 2000); }
    function select() {
      var range = document.createRange();
      range.selectNodeContents(text);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      label.textContent = "Selected";
    }
    if (navigator.clipboard) { navigator.clipboard.writeText(text.textContent).then(done, select); } else { select(); }
  }

  // A question before what cannot be taken back.
  document.addEventListener("submit", function (event) {
    var question = event.target.dataset.sure;
    if (question && !window.confirm(question)) { event.preventDefault(); }
  });

  // How long a decision may still be taken back.
  all("[data-countdown-s]").forEach(function (place) {
    var end = performance.now() + 1000 * parseFloat(place.dataset.countdownS);
    var timer = setInterval(function () {
      var left = Math.max(0, Math.round((end - performance.now()) / 1000));
      place.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
      if (!left) {
        clearInterval(timer);
        var panel = place.closest(".undo-panel");
        if (panel) { panel.hidden = true; }
      }
    }, 250);
  });
})();
